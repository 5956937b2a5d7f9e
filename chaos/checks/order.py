"""Out of order: what the phone shows against the positions of the transcript.

Listed instead of counted, since nobody could have done better: a passive reply that WeChat fetched with a repeat, after its first
answer was lost on the way; a bubble whose sending nobody knows the end of; a notice that the purse held back and an agent spoke past.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.evidence import Evidence, Finding, OutboundRow, PhoneLine

_JOINER = "\n\n"


@dataclass(frozen=True)
class _Shown:
    """A bubble of the phone with the rows it carries."""

    line: PhoneLine
    rows: tuple[OutboundRow, ...]
    late: bool = False

    @property
    def first(self) -> int:
        return self.rows[0].position

    @property
    def last(self) -> int:
        return self.rows[-1].position


def find_out_of_order(evidence: Evidence) -> list[Finding]:
    """Must be empty."""
    return [finding for finding in _inversions(evidence) if finding.kind == "out_of_order"]


def find_order_excused(evidence: Evidence) -> list[Finding]:
    """Listed."""
    return [finding for finding in _inversions(evidence) if finding.kind != "out_of_order"]


def _inversions(evidence: Evidence) -> list[Finding]:
    by_conversation, conversations = evidence.outbounds_of(), evidence.conversation_of()
    passives = _passive_deliveries(evidence)
    found = []
    for openid, lines in evidence.chats.items():
        if openid in conversations:
            rows = by_conversation.get(conversations[openid].conversation_id, [])
            found += [
                Finding(kind, openid, f"position {one.first} on line {one.line.n}, after {before.last} on line {before.line.n}")
                for kind, one, before in _overtaken(match(lines, rows, passives.get(openid, ())))
            ]
    return found


def _overtaken(shown: Sequence[_Shown]) -> list[tuple[str, _Shown, _Shown]]:
    found: list[tuple[str, _Shown, _Shown]] = []
    before: list[_Shown] = []
    for one in shown:
        passed = [other for other in before if other.last > one.first]
        if passed:
            found.append((_excuse(one, passed), one, passed[-1]))
        before.append(one)
    return found


def _excuse(one: _Shown, passed: Sequence[_Shown]) -> str:
    if one.late:
        return "late_by_repeat"
    if any(row.status != "sent" and row.status != "handed_over" for row in one.rows):
        return "unknown_shown_late"
    overtaken = [row for row in one.rows if row.position < max(other.last for other in passed)]
    if all(row.author == "notice" for row in overtaken) and all(row.author == "agent" for other in passed for row in other.rows):
        return "notice_after_agent"
    return "out_of_order"


def match(lines: Sequence[PhoneLine], rows: Sequence[OutboundRow], brought: Sequence[tuple[str | None, int]]) -> list[_Shown]:
    """The account's bubbles with their rows. `brought`: of each passive line, in the order of the phone, the message whose callback
    brought it (None: an event's) and with which delivery. Of customs with equal texts the one that set out last before is meant."""
    customs = [row for row in rows if row.status in ("sent", "unknown", "sending")]
    groups = _handed_over(rows)
    deliveries = list(brought)
    found: list[_Shown] = []
    for line in lines:
        if line.kind == "custom":
            row = _nearest(line, customs)
            if row is not None:
                customs.remove(row)
                found.append(_Shown(line, (row,)))
        elif line.kind == "passive":
            inbound_id, attempt = deliveries.pop(0) if deliveries else (None, 1)
            group = _group_of(line, inbound_id, groups)
            if group is not None:
                groups.remove(group)
                found.append(_Shown(line, group, late=attempt > 1))
    return found


def _nearest(line: PhoneLine, customs: Sequence[OutboundRow]) -> OutboundRow | None:
    same = [row for row in customs if row.text.strip() == line.text.strip()]
    before = [row for row in same if row.started_at is not None and row.started_at <= line.at]
    return max(before, key=lambda row: row.started_at or line.at) if before else next(iter(same), None)


def _group_of(
    line: PhoneLine, inbound_id: str | None, groups: Sequence[tuple[OutboundRow, ...]]
) -> tuple[OutboundRow, ...] | None:
    same = [group for group in groups if _JOINER.join(row.text.strip() for row in group) == line.text.strip()]
    own = [group for group in same if inbound_id is not None and any(row.inbound_id == inbound_id for row in group)]
    return next(iter(own or same), None)


def _handed_over(rows: Sequence[OutboundRow]) -> list[tuple[OutboundRow, ...]]:
    """One passive reply is one moment's handing over."""
    groups: dict[object, list[OutboundRow]] = {}
    for row in rows:
        if row.status == "handed_over":
            groups.setdefault(row.ended_at, []).append(row)
    return [tuple(group) for group in groups.values()]


def _passive_deliveries(evidence: Evidence) -> dict[str, list[tuple[str | None, int]]]:
    """By subscriber, in the order of the phone: the sandbox logs a delivery and shows its reply in one go."""
    names = {(row.openid, row.dedup_key): row.inbound_id for row in evidence.inbounds}
    found: dict[str, list[tuple[str | None, int]]] = {}
    for one in evidence.deliveries:
        if one.outcome == "passive":
            found.setdefault(one.openid, []).append((names.get((one.openid, f"m{one.msg_id}")), one.attempt))
    return found
