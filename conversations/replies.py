"""What a callback's answer carries, beside the plain case: a part that fits, a notice that the answer comes later, or a transfer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from conversations import bubbles
from conversations.model import Author, Owner, Status
from conversations.native import may_transfer
from conversations.notices import Texts
from conversations.outgoing import ANSWER_LATER, BEFORE_TRANSFER, PERISHABLE, TRANSFER_NEXT, Words, say
from conversations.records import Records
from conversations.rows import Conversation, Inbound, Outbound, Purpose, Reply
from conversations.triggers import Goodbye, Silent, classify

_GENERAL = "general"


def fit(rows: Sequence[Outbound], most: int, hint: str) -> tuple[Sequence[Outbound], str]:
    """As many of the first rows as go into one text, with the hint that more follows where they are not all; notices that are true only
    now are left out first, and follow on nothing."""
    lasting = [row for row in rows if row.reference not in PERISHABLE]
    for whole in (rows, lasting):
        text = bubbles.merge(row.text for row in whole)
        if bubbles.size(text) <= most:
            return whole, text
    texts = [row.text for row in lasting]
    for count in range(len(lasting) - 1, 0, -1):
        text = bubbles.merge((*texts[:count], hint))
        if bubbles.size(text) <= most:
            return lasting[:count], text
    alone = bubbles.merge(texts[:1])
    # a bubble that fills the reply to its brim leaves no room for a hint
    return (lasting[:1], alone) if bubbles.size(alone) <= most else ((), "")


def answer_later(records: Records, conversation: Conversation, inbound: Inbound, texts: Texts, now: datetime) -> Conversation | None:
    """Queues the notice that the answer comes with the subscriber's next message; None where nothing is going to be answered."""
    if conversation.owner != Owner.BOT or isinstance(classify(inbound), Silent | Goodbye):
        return None
    words = Words((texts.say(ANSWER_LATER),), Author.NOTICE, Purpose.REPLY, ANSWER_LATER, inbound.inbound_id)
    conversation, _ = say(records, conversation, words, now)
    return conversation


def is_transferred(records: Records, conversation: Conversation, inbound: Inbound) -> bool:
    """Whether this message belongs to the channel's own desk: the chat is there, and nothing of our own answers it."""
    if conversation.owner != Owner.NATIVE or not may_transfer(inbound):
        return False
    return not any(
        row.inbound_id == inbound.inbound_id and row.reference != BEFORE_TRANSFER
        for row in records.pending(conversation.conversation_id)
    )


def words_go_first(records: Records, inbound: Inbound) -> bool:
    """Whether something is still to be said before the chat goes over; what was put off is not waited for."""
    return any(
        row.inbound_id == inbound.inbound_id and row.reference == BEFORE_TRANSFER
        and (row.status == Status.SENDING or (row.status == Status.QUEUED and not row.attempts))
        for row in records.pending(inbound.conversation_id)
    )  # fmt: skip


def transfer(records: Records, inbound: Inbound, now: datetime) -> Inbound:
    """The message as transferred. A wish that the subscriber write again has nothing to wish for any more. Not yet saved."""
    for row in records.pending(inbound.conversation_id):
        if row.reference == TRANSFER_NEXT and row.status != Status.SENDING:
            records.save_outbound(replace(row, status=Status.DROPPED, reason="transferred", ended_at=now))
    handoff = records.live_handoff(inbound.conversation_id)
    return replace(inbound, reply=Reply.TRANSFER, passive_text=handoff.skill if handoff else _GENERAL)


def ask_to_write(records: Records, conversation: Conversation, inbound: Inbound, texts: Texts, now: datetime) -> Conversation:
    """The message can no longer be transferred: its callback is over, and there is no other way into the channel's queue. The next can."""
    words = Words((texts.say(TRANSFER_NEXT),), Author.NOTICE, Purpose.REPLY, TRANSFER_NEXT, inbound.inbound_id)
    conversation, _ = say(records, conversation, words, now)
    return conversation
