"""Bot and agent both answering: a bot's bubble that left after an agent owned the chat under a later epoch; two agents at once."""

from datetime import datetime

from chaos.evidence import Evidence, Finding, HoldRow, OutboundRow

_LEFT = ("sent", "unknown", "sending", "handed_over")


def find_both(evidence: Evidence) -> list[Finding]:
    """Must be empty."""
    holds: dict[str, list[HoldRow]] = {}
    for hold in evidence.holds:
        if hold.accepted_at is not None:
            holds.setdefault(hold.conversation_id, []).append(hold)
    openids = {row.conversation_id: row.openid for row in evidence.conversations}
    found = []
    for row in evidence.outbounds:
        left_at = _left_at(row)
        if row.author != "bot" or left_at is None:
            continue
        for hold in holds.get(row.conversation_id, ()):
            if row.epoch < hold.epoch and hold.accepted_at is not None and left_at > hold.accepted_at:
                what = f"{row.outbound_id} of epoch {row.epoch} left after {hold.agent_id} owned epoch {hold.epoch}"
                found.append(Finding("both", openids.get(row.conversation_id, ""), what))
    for conversation_id, owned in holds.items():
        found += [Finding("both", openids.get(conversation_id, ""), what) for what in _side_by_side(owned)]
    return found


def _left_at(row: OutboundRow) -> datetime | None:
    """When it went through the door."""
    if row.status not in _LEFT:
        return None
    return row.ended_at if row.status == "handed_over" else row.started_at


def _side_by_side(owned: list[HoldRow]) -> list[str]:
    found = []
    ordered = sorted(owned, key=lambda hold: (hold.accepted_at is None, hold.accepted_at))
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.ended_at is None or (later.accepted_at is not None and earlier.ended_at > later.accepted_at):
            found.append(f"{earlier.agent_id} and {later.agent_id} held {earlier.conversation_id} at once")
    return found
