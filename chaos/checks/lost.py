"""Lost: a message that was acknowledged and has not exactly one turn, a bubble that ended nowhere, a bubble `sent` that no phone shows.

A message of which no delivery was acknowledged and no row was stored is not the product's: WeChat gave up on it (`not_taken`).
"""

from collections import Counter
from datetime import timedelta

from chaos.evidence import Delivery, Evidence, Finding, InboundRow, PhoneLine

_ENDED = ("sent", "handed_over", "refused", "dropped", "unknown", "held")
_EVENT_LASTS = timedelta(seconds=25)


def find_lost(evidence: Evidence) -> list[Finding]:
    """Must be empty."""
    return [*_without_turn(evidence), *_unended(evidence), *_unseen(evidence)]


def find_not_taken(evidence: Evidence) -> list[Finding]:
    """Messages that never reached the store and were never acknowledged: listed."""
    rows = _rows_by_key(evidence)
    deliveries = evidence.deliveries_of()
    found = []
    for line in _said(evidence):
        if _row_of(line, rows) is None and not _acknowledged(line, deliveries, evidence):
            tried = deliveries.get((line.openid, line.msg_id or 0), [])
            outcomes = ", ".join(one.outcome for one in tried) or "no delivery"
            found.append(Finding("not_taken", line.openid, f"line {line.n} at {line.at:%H:%M:%S}: {outcomes}"))
    return found


def find_passive_unseen(evidence: Evidence) -> list[Finding]:
    """Passive replies that were handed over and that no delivery brought to the phone: listed, for the handing over is all one knows."""
    shown = {(one.openid, one.msg_id) for one in evidence.deliveries if one.outcome == "passive"}
    found = []
    for row in evidence.inbounds:
        if row.reply == "passive" and row.dedup_key.startswith("m") and (row.openid, int(row.dedup_key[1:])) not in shown:
            found.append(Finding("passive_unseen", row.openid, f"{row.inbound_id} received at {row.received_at:%H:%M:%S}"))
    return found


def _without_turn(evidence: Evidence) -> list[Finding]:
    rows, deliveries = _rows_by_key(evidence), evidence.deliveries_of()
    turns = Counter(turn.inbound_id for turn in evidence.turns)
    found = []
    for line in _said(evidence):
        if _row_of(line, rows) is None and _acknowledged(line, deliveries, evidence):
            found.append(Finding("lost", line.openid, f"line {line.n} at {line.at:%H:%M:%S} was acknowledged and is not stored"))
    for row in evidence.inbounds:
        if turns[row.inbound_id] != 1:
            found.append(Finding("lost", row.openid, f"{row.inbound_id} has {turns[row.inbound_id]} turns"))
    return found


def _unended(evidence: Evidence) -> list[Finding]:
    return [
        Finding("lost", "", f"{row.outbound_id} ended {row.status}{'' if row.reason else ' without a reason'}")
        for row in evidence.outbounds
        if row.status not in _ENDED or (row.status in ("refused", "dropped", "held") and not row.reason)
    ]


def _unseen(evidence: Evidence) -> list[Finding]:
    by_conversation = evidence.outbounds_of()
    found = []
    for openid, conversation in evidence.conversation_of().items():
        shown = Counter(line.text for line in evidence.chats.get(openid, ()) if line.kind == "custom")
        sent = Counter(row.text for row in by_conversation.get(conversation.conversation_id, ()) if row.status == "sent")
        missing = sum((sent - shown).values())
        if missing:
            found.append(Finding("lost", openid, f"{missing} bubbles of {conversation.conversation_id} are sent and not on the phone"))
    return found


def _said(evidence: Evidence) -> list[PhoneLine]:
    return [line for lines in evidence.chats.values() for line in lines if line.sender == "subscriber"]


def _rows_by_key(evidence: Evidence) -> dict[tuple[str, str], InboundRow]:
    return {(row.openid, row.dedup_key.split(":")[0]): row for row in evidence.inbounds}


def _row_of(line: PhoneLine, rows: dict[tuple[str, str], InboundRow]) -> InboundRow | None:
    if line.msg_id is not None:
        return rows.get((line.openid, f"m{line.msg_id}"))
    # an event has no MsgId: it is known by its second, which may have passed between the phone and the envelope
    second = int(line.at.timestamp())
    return rows.get((line.openid, f"e{second}")) or rows.get((line.openid, f"e{second + 1}"))


def _acknowledged(line: PhoneLine, deliveries: dict[tuple[str, int], list[Delivery]], evidence: Evidence) -> bool:
    if line.msg_id is not None:
        return any(one.acknowledged for one in deliveries.get((line.openid, line.msg_id), ()))
    return any(
        one.acknowledged and line.at <= one.at <= line.at + _EVENT_LASTS
        for one in evidence.deliveries
        if one.msg_id is None and one.openid == line.openid
    )
