"""Wrong purse: WeChat refused for an empty purse what the product let out, or the two counts differ for no reason.

A bubble that was on its way while the subscriber wrote again is paid by the new filling at WeChat and by the old one here: `raced`.
The product may count one such to the new filling as well (`carried`): whether it arrived before or after the message nobody knows.
Who tapped the menu is left out of the comparison of counts: the product pays from both buckets on purpose (docs/decisions/0002).
"""

from collections.abc import Sequence
from datetime import timedelta

from chaos.evidence import ConversationRow, Evidence, Finding, OutboundRow, PhoneLine

_FULL = 5
# moments are taken a little before the transaction that writes them
_TICK = timedelta(seconds=1)
_EMPTY_CODES = (45047, 45015)
_CHARGED = ("sent", "unknown", "sending")


def find_wrong_purse(evidence: Evidence) -> list[Finding]:
    """Must be empty."""
    refused = [
        Finding("wrong_purse", call.openid or "", f"WeChat refused with {call.errcode}")
        for call in evidence.calls
        if call.errcode in _EMPTY_CODES and call.fault is None
    ]
    by_conversation = evidence.outbounds_of()
    beaten = {finding.openid for finding in refused}
    found = []
    for openid, row in evidence.conversation_of().items():
        if row.tapped or not row.followed or openid in beaten or openid not in evidence.purse_left:
            continue
        problem = _problem(evidence, row, by_conversation.get(row.conversation_id, []))
        if problem:
            found.append(Finding("wrong_purse", openid, f"{row.conversation_id}: {problem}"))
    return [*refused, *found]


def _problem(evidence: Evidence, row: ConversationRow, rows: Sequence[OutboundRow]) -> str | None:
    paid = [one for one in rows if one.charged_fill == row.fill and one.status in _CHARGED]
    carried = row.message_used - len(paid)
    if not 0 <= carried <= len(_under_way(row, rows)):
        return f"{row.message_used} counted, {len(paid)} rows paid since the last filling"
    lines = evidence.chats.get(row.openid, ())
    last = _last_said(lines)
    if last is None or not _taken(evidence, last):
        return None
    shown = [line.text.strip() for line in lines if line.kind == "custom" and line.n > last.n]
    unseen = _without(sorted((one for one in paid), key=lambda one: one.status != "sent"), shown)
    raced = len(shown) - (len(paid) - len(unseen))
    theirs, ours = evidence.purse_left[row.openid], _FULL - row.message_used
    if any(one.status == "sent" for one in unseen):
        return "a bubble paid by this filling was shown before it"
    if ours - theirs != raced - len(unseen) - carried:
        return f"{ours} left here, {theirs} left at WeChat, {raced} raced, {carried} carried, {len(unseen)} unknown unseen"
    return None


def _under_way(row: ConversationRow, rows: Sequence[OutboundRow]) -> list[OutboundRow]:
    """What an earlier filling paid for and had not ended when this one came: one at most, since a lane sends one at a time. That it was
    paid by an earlier one says that it began before this one was written, which may be long after the message came: a core can be asleep
    in between."""
    if row.filled_at is None:
        return []
    since = row.filled_at - _TICK
    return [
        one
        for one in rows
        if one.charged_fill is not None
        and one.charged_fill < row.fill
        and one.started_at is not None
        and (one.ended_at is None or one.ended_at >= since)
    ][:1]


def _without(rows: Sequence[OutboundRow], shown: list[str]) -> list[OutboundRow]:
    """The rows that no bubble accounts for."""
    left = list(shown)
    unseen = []
    for row in rows:
        if row.text.strip() in left:
            left.remove(row.text.strip())
        else:
            unseen.append(row)
    return unseen


def _last_said(lines: Sequence[PhoneLine]) -> PhoneLine | None:
    return next((line for line in reversed(lines) if line.kind == "say"), None)


def _taken(evidence: Evidence, line: PhoneLine) -> bool:
    return any(row.openid == line.openid and row.dedup_key == f"m{line.msg_id}" for row in evidence.inbounds)
