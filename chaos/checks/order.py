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
    late = _fetched_late(evidence)
    found = []
    for openid, lines in evidence.chats.items():
        if openid in conversations:
            rows = by_conversation.get(conversations[openid].conversation_id, [])
            found += [
                Finding(kind, openid, f"position {one.first} on line {one.line.n}, after {before.last} on line {before.line.n}")
                for kind, one, before in _overtaken(match(lines, rows, late))
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
    if all(row.author == "notice" for row in one.rows) and all(row.author == "agent" for other in passed for row in other.rows):
        return "notice_after_agent"
    return "out_of_order"


def match(lines: Sequence[PhoneLine], rows: Sequence[OutboundRow], late: frozenset[str]) -> list[_Shown]:
    """The account's bubbles with their rows; equal texts are taken in order. `late`: inbound ids whose reply came with a repeat."""
    customs: dict[str, list[OutboundRow]] = {}
    for row in rows:
        if row.status in ("sent", "unknown", "sending"):
            customs.setdefault(row.text.strip(), []).append(row)
    passives: dict[str, list[tuple[OutboundRow, ...]]] = {}
    for group in _handed_over(rows):
        passives.setdefault(_JOINER.join(row.text.strip() for row in group), []).append(group)
    found: list[_Shown] = []
    for line in lines:
        text = line.text.strip()
        if line.kind == "custom" and customs.get(text):
            found.append(_Shown(line, (customs[text].pop(0),)))
        elif line.kind == "passive" and passives.get(text):
            group = passives[text].pop(0)
            found.append(_Shown(line, group, any(row.inbound_id in late for row in group)))
    return found


def _handed_over(rows: Sequence[OutboundRow]) -> list[tuple[OutboundRow, ...]]:
    """One passive reply is one moment's handing over."""
    groups: dict[object, list[OutboundRow]] = {}
    for row in rows:
        if row.status == "handed_over":
            groups.setdefault(row.ended_at, []).append(row)
    return [tuple(group) for group in groups.values()]


def _fetched_late(evidence: Evidence) -> frozenset[str]:
    shown = {(one.openid, f"m{one.msg_id}") for one in evidence.deliveries if one.outcome == "passive" and one.attempt > 1}
    return frozenset(row.inbound_id for row in evidence.inbounds if (row.openid, row.dedup_key) in shown)
