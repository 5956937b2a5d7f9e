"""The one door out, for bot, agents and notices: queued → sending → sent | refused | unknown, and the passive reply.

Everything here runs inside a transaction that holds the conversation's lock; a change of owner takes the same lock.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from conversations import purse, rating, replies
from conversations.media import picture_of
from conversations.model import AT_OUR_DESK, Author, Owner, Refused, Sent, Status, Unknown
from conversations.notices import Texts
from conversations.outgoing import BEFORE_TRANSFER, PERISHABLE
from conversations.ports import Way
from conversations.purse import Purse
from conversations.records import Records
from conversations.rows import STOPPED, Conversation, Inbound, Outbound, Progress, Purpose, Reply
from conversations.settings import ConversationSettings

_NEEDS_REFERENCE = (Purpose.SERVICE_EVENT, Purpose.TOPIC)
# who holds a callback lets go before this, and WeChat's first repeat has come: what is still open then waits for a second one at most
_FETCHED_WITHIN = timedelta(seconds=6)
_LONGEST_PAUSE = timedelta(minutes=1)


def settle(
    records: Records, conversation: Conversation, inbound: Inbound, way: Way, texts: Texts, now: datetime, *, caller_waits: bool,
    last_chance: bool,
) -> tuple[Conversation, Inbound]:
    """Decides the reply if it can be decided now: a transfer for who is at the channel's own desk, passive when a caller waits and all
    there is to say fits, else deferred, with word of it where nothing can be sent outside a reply.

    Decided once: a message that is decided stays so. `last_chance`: nobody will wait any longer. Neither is saved yet.
    """
    done = inbound.status == Progress.DONE
    if inbound.reply != Reply.OPEN or not (last_chance or (done and caller_waits)):
        return conversation, inbound
    deferred = replace(inbound, reply=Reply.DEFERRED)
    if replies.is_transferred(records, conversation, inbound):
        if not caller_waits:
            return replies.ask_to_write(records, conversation, inbound, texts, now) if done else conversation, deferred
        if not last_chance and replies.words_go_first(records, inbound):
            return conversation, inbound
        return conversation, replies.transfer(records, inbound, now)
    if not caller_waits:
        return conversation, deferred
    if not done:
        told = None if way.can_push or not way.passive_bytes else replies.answer_later(records, conversation, inbound, texts, now)
        if told is None:
            return conversation, deferred
        conversation = told
    text = _take_passive(records, conversation, inbound, way, texts, now)
    return conversation, deferred if text is None else replace(inbound, reply=Reply.PASSIVE, passive_text=text)


def free_held(records: Records, conversation: Conversation, now: datetime) -> None:
    """The subscriber has written: what the purse held back may try again."""
    for row in records.pending(conversation.conversation_id):
        if row.status == Status.HELD:
            refusal = _verdict(conversation, row)
            records.save_outbound(refusal or replace(row, status=Status.QUEUED, reason=None, retry_at=None))


def free_stopped(records: Records, conversation: Conversation, now: datetime) -> Conversation | None:
    """The channel sends again: what was held for that may try, in its order. None when there is nothing."""
    freed = 0
    for row in records.pending(conversation.conversation_id):
        if row.status == Status.HELD and (row.reason or "").startswith(STOPPED):
            refusal = _verdict(conversation, row)
            records.save_outbound(refusal or replace(row, status=Status.QUEUED, reason=None, retry_at=None))
            freed += 1
    return conversation if freed else None


def start_next(
    records: Records, conversation: Conversation, way: Way, now: datetime, *, token: int, pending: Sequence[Outbound] | None = None
) -> tuple[Conversation, Outbound | None]:
    """Moves the next bubble to `sending` and charges the purse, or finds that none may leave now. The conversation is not yet saved.

    `pending` spares a look for who knows what is pending.
    """
    held_before: list[Outbound] = []
    for row in records.pending(conversation.conversation_id) if pending is None else pending:
        if row.status == Status.HELD:
            held_before.append(row)
            continue
        if row.status == Status.SENDING or _waits(records, row, way, now):
            return conversation, None
        if row.epoch != conversation.epoch:
            row = rating.withdraw(records, row)
        done = _verdict(conversation, row) or _unshowable(row, way)
        if done is None:
            shut = _shut(conversation, row, held_before, way, now)
            if shut is None:
                started = replace(
                    row, status=Status.SENDING, sending_token=token, started_at=now, attempts=row.attempts + 1,
                    reason=None, charged_fill=conversation.purse.fill,
                )  # fmt: skip
                records.save_outbound(started)
                return replace(conversation, purse=purse.charge(conversation.purse, now)), started
            done = _hold(rating.withdraw(records, row), shut, now)
        records.save_outbound(done)
        if done.status == Status.HELD:
            held_before.append(done)
    return conversation, None


def finish(
    records: Records, conversation: Conversation, outbound_id: str, result: Sent | Refused | Unknown, token: int, now: datetime,
    settings: ConversationSettings,
) -> Conversation:
    """Writes down what became of a bubble. The conversation is not yet saved.

    A row that a later worker found in `sending` is unknown; that it was sent after all is still worth knowing, anything else is not.
    """
    row = records.outbound(outbound_id)
    if row is None or row.sending_token != token:
        return conversation
    if row.status == Status.UNKNOWN and isinstance(result, Sent):
        records.save_outbound(replace(row, status=Status.SENT, reason=None, ended_at=now))
        return _charge_more(conversation, row, result.messages, now)
    if row.status != Status.SENDING:
        return conversation
    match result:
        case Sent(messages):
            records.save_outbound(replace(row, status=Status.SENT, reason=None, ended_at=now))
            return _charge_more(conversation, row, messages, now)
        case Unknown(reason, messages):
            records.save_outbound(replace(row, status=Status.UNKNOWN, reason=reason, ended_at=now))
            return _charge_more(conversation, row, messages, now)
        case Refused():
            return _refused(records, conversation, row, result, now, settings)
    return conversation


def abandon(records: Records, conversation: Conversation, now: datetime) -> list[Outbound]:
    """What a worker that is gone left in `sending` may have been sent: nobody knows, and it is not sent again. Answers what is still
    pending."""
    pending = records.pending(conversation.conversation_id)
    for row in pending:
        if row.status == Status.SENDING:
            records.save_outbound(replace(row, status=Status.UNKNOWN, reason="worker_lost", ended_at=now))
    return [row for row in pending if row.status != Status.SENDING]


def _take_passive(
    records: Records, conversation: Conversation, inbound: Inbound, way: Way, texts: Texts, now: datetime
) -> str | None:
    """Hands over what there is to say in one text, held bubbles first; None when it does not fit or may not overtake. Where nothing can
    be sent outside a reply, this one takes what it can, also what another callback could still fetch."""
    taken: list[Outbound] = []
    for row in records.pending(conversation.conversation_id):
        if row.status == Status.SENDING:
            return None
        if way.can_push and row.inbound_id != inbound.inbound_id and _is_open(records, row, way, now):
            return None
        refusal = _verdict(conversation, row) or _unshowable(row, way)
        if refusal is not None:
            records.save_outbound(refusal)
        elif picture_of(row.reference) is not None:
            # it goes by itself, and nothing overtakes it
            return None
        else:
            # a passive reply has no menu
            taken.append(rating.withdraw(records, row))
    fitting, text = replies.fit(taken, way.passive_bytes, texts.say("more_follows"))
    if not fitting or (way.can_push and len(fitting) < len(taken)):
        return None
    for row in fitting:
        records.save_outbound(replace(row, status=Status.HANDED_OVER, reason=None, ended_at=now))
    return text


def _is_open(records: Records, row: Outbound, way: Way, now: datetime) -> bool:
    """Whether a callback may still fetch it. Not for long: one whose caller died would stop all that comes after it. Where nothing can be
    sent outside a reply there is nothing better to do than wait until the sweep gives the callback up."""
    if row.inbound_id is None or row.reference == BEFORE_TRANSFER:
        return False
    inbound = records.inbound(row.inbound_id)
    if inbound is None or inbound.reply != Reply.OPEN:
        return False
    return not way.can_push or now < inbound.received_at + _FETCHED_WITHIN


def _waits(records: Records, row: Outbound, way: Way, now: datetime) -> bool:
    # one that is further ahead than any pause was set by a clock that has been put back since
    later = row.retry_at is not None and now < row.retry_at <= now + _LONGEST_PAUSE
    return later or _is_open(records, row, way, now)


def _verdict(conversation: Conversation, row: Outbound) -> Outbound | None:
    """The row as it ends here, when it may never leave: no purpose, nobody to send it to, or its time has passed."""
    if row.purpose not in tuple(Purpose) or (row.purpose in _NEEDS_REFERENCE and not row.reference):
        return replace(row, status=Status.REFUSED, reason="no_purpose")
    if row.purpose == Purpose.TOPIC:
        return replace(row, status=Status.REFUSED, reason="not_opted_in")
    if not conversation.followed:
        return replace(row, status=Status.REFUSED, reason="unfollowed")
    passed = row.epoch != conversation.epoch
    if row.author == Author.BOT and (passed or conversation.owner != Owner.BOT):
        return replace(row, status=Status.DROPPED, reason="epoch_moved")
    if row.author == Author.NOTICE and passed and row.reference in PERISHABLE:
        return replace(row, status=Status.DROPPED, reason="epoch_moved")
    return None


def _unshowable(row: Outbound, way: Way) -> Outbound | None:
    """A picture's row as it ends where a reply to a message is the only way out: that is words."""
    if way.can_push or picture_of(row.reference) is None:
        return None
    return replace(row, status=Status.REFUSED, reason="no_pictures")


def _shut(conversation: Conversation, row: Outbound, held: Sequence[Outbound], way: Way, now: datetime) -> str | None:
    """Why the row must wait for the subscriber's next message, if it must."""
    if not way.can_push:
        return "passive_only"
    stop = way.stopped()
    if stop is not None and not stop.trial:
        return STOPPED + stop.code
    agent = row.author == Author.AGENT
    # order is kept, except that an agent may speak past notices that the purse holds back
    if any(one.author == Author.AGENT or not agent for one in held):
        return held[0].reason
    kept = purse.KEPT_FOR_AGENT if not agent and conversation.owner in AT_OUR_DESK else 0
    verdict = purse.look(conversation.purse, now, kept=kept)
    return None if verdict == Purse.OPEN else str(verdict)


def _hold(row: Outbound, reason: str, now: datetime) -> Outbound:
    if row.reference in PERISHABLE:
        return replace(row, status=Status.DROPPED, reason=reason, ended_at=now)
    return replace(row, status=Status.HELD, reason=reason)


def _refused(
    records: Records, conversation: Conversation, row: Outbound, result: Refused, now: datetime, settings: ConversationSettings
) -> Conversation:
    fill, charged_at = row.charged_fill or 0, row.started_at or now
    again = result.action == "later" and row.attempts < settings.send_attempts
    if again:
        pause = timedelta(seconds=settings.retry_s * 2 ** (row.attempts - 1))
        records.save_outbound(replace(row, status=Status.QUEUED, reason=result.code, retry_at=now + pause))
        return replace(conversation, purse=purse.refund(conversation.purse, fill, charged_at))
    if result.action in ("hold", "later", "stop"):
        reason = STOPPED + result.code if result.action == "stop" else result.code
        records.save_outbound(_hold(rating.withdraw(records, row), reason, now))
        if result.action == "hold":
            return replace(conversation, purse=purse.exhaust(conversation.purse, fill))
        return replace(conversation, purse=purse.refund(conversation.purse, fill, charged_at))
    records.save_outbound(replace(row, status=Status.REFUSED, reason=result.code, ended_at=now))
    if result.action == "unfollowed":
        return replace(conversation, followed=False)
    return replace(conversation, purse=purse.refund(conversation.purse, fill, charged_at))


def _charge_more(conversation: Conversation, row: Outbound, messages: int, now: datetime) -> Conversation:
    """The channel made several messages of a bubble that was charged as one."""
    buckets = conversation.purse
    for _ in range(messages - 1 if row.charged_fill == buckets.fill else 0):
        buckets = purse.charge(buckets, now)
    return replace(conversation, purse=buckets)
