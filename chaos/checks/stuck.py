"""Stuck: after the quiet time something waits for a hand that does not come."""

from collections import Counter

from chaos.evidence import ConversationRow, Evidence, Finding

_LIVE = ("waiting", "assigned")


def find_stuck(evidence: Evidence) -> list[Finding]:
    """Must be empty."""
    return [*_unmoved(evidence), *_unowned(evidence), *_desk(evidence)]


def _unmoved(evidence: Evidence) -> list[Finding]:
    found = [
        Finding("stuck", row.openid, f"{row.inbound_id} is {row.status}, its reply {row.reply}")
        for row in evidence.inbounds
        if row.status == "new" or row.reply == "open"
    ]
    openids = {row.conversation_id: row.openid for row in evidence.conversations}
    found += [
        Finding("stuck", openids.get(row.conversation_id, ""), f"{row.outbound_id} is {row.status} ({row.reason})")
        for row in evidence.outbounds
        if row.status in ("queued", "sending")
    ]
    return found


def _unowned(evidence: Evidence) -> list[Finding]:
    live: dict[str, list[str]] = {}
    for handoff in evidence.handoffs:
        if handoff.status in _LIVE:
            live.setdefault(handoff.conversation_id, []).append(handoff.status)
    found = []
    for row in evidence.conversations:
        problem = _problem(row, live.get(row.conversation_id, []), evidence)
        if problem:
            found.append(Finding("stuck", row.openid, f"{row.conversation_id} of {row.owner}: {problem}"))
    return found


def _problem(row: ConversationRow, live: list[str], evidence: Evidence) -> str | None:
    wanted = {"bot": [], "waiting": ["waiting"], "agent": ["assigned"], "native": ["assigned"]}[row.owner]
    if live != wanted:
        return f"its requests for a person are {live}"
    if row.owner == "bot":
        return None
    if row.deadline is None:
        return "it has no deadline"
    if row.deadline < evidence.read_at:
        return "its deadline has passed"
    if row.owner == "agent" and row.agent_id is None:
        return "it has no agent"
    return None


def _desk(evidence: Evidence) -> list[Finding]:
    live = [hold for hold in evidence.holds if hold.state in ("offered", "accepted")]
    slots = Counter(hold.agent_id for hold in live)
    found = [
        Finding("stuck", "", f"agent {agent.agent_id} has {agent.slots_used} slots taken and {slots[agent.agent_id]} conversations")
        for agent in evidence.agents
        if agent.slots_used != slots[agent.agent_id]
    ]
    holders = {hold.conversation_id: hold for hold in live if hold.state == "accepted"}
    for row in evidence.conversations:
        hold = holders.get(row.conversation_id)
        if (row.owner == "agent") != (hold is not None) or (hold is not None and hold.agent_id != row.agent_id):
            holder = hold.agent_id if hold else "nobody"
            found.append(Finding("stuck", row.openid, f"{row.conversation_id} of {row.owner}: the desk says {holder}"))
    return found
