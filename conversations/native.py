"""A chat at the channel's own desk: handed over by a callback's answer (`Transfer`), known afterwards by the channel's events only.

    bot ──hand_over──▶ native ──ended, given back, left──▶ bot

Until a person there has taken the chat its messages still come here, and each is transferred again; then the channel sends them to that
person, and to us only once the session is over. Events come late, twice or in the wrong order: they are compared by the channel's own
clock. After 30 minutes the channel gives a chat back by itself
(developers.weixin.qq.com/doc/service/en/guide/product/kf/forwarding.html): that is the deadline of every chat here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from conversations import bubbles
from conversations.model import Author, HandoffRequest, Owner, Reason, Status
from conversations.outgoing import BEFORE_TRANSFER, TRANSFER_NEXT, Words, say
from conversations.ownership import Transitions
from conversations.records import Records
from conversations.rows import Conversation, DeskKind, Handoff, HandoffStatus, Inbound, Purpose, Reply, Turn

SENT_AT = "sent_at"
"""In an event's extra: when it happened, seconds since 1970 by the channel's clock."""

_GIVEN_BACK = "native_given_back"
# an end that came without its beginning is believed from a little before the asking on: two clocks are compared
_APART = timedelta(seconds=5)


class Change(StrEnum):
    """What an event says of a session."""

    BEGAN = "desk_began"
    MOVED = "desk_moved"
    ENDED = "desk_ended"


_EVENTS = {
    "kf_create_session": (Change.BEGAN, "KfAccount"),
    "kf_switch_session": (Change.MOVED, "ToKfAccount"),
    "kf_close_session": (Change.ENDED, "KfAccount"),
}


@dataclass(frozen=True)
class Session:
    """A person at the channel's desk took a chat, got it from another, or ended it; `at` by the channel's clock."""

    change: Change
    agent: str | None
    at: datetime


def session_of(message: Inbound) -> Session | None:
    """The session that an event tells of."""
    if message.kind != "event" or message.name not in _EVENTS:
        return None
    change, where = _EVENTS[message.name]
    agent, sent_at = message.extra.get(where), message.extra.get(SENT_AT)
    # a whole second, cut off: never after the moment it came
    at = datetime.fromtimestamp(sent_at, message.received_at.tzinfo) if isinstance(sent_at, int) else message.received_at
    return Session(change, agent if isinstance(agent, str) and agent else None, at)


def may_transfer(inbound: Inbound) -> bool:
    """Events cannot be transferred, messages of every kind can."""
    return inbound.kind != "event"


def hand_over(
    transitions: Transitions, records: Records, conversation: Conversation, request: HandoffRequest, turn: Turn,
    said: tuple[tuple[str, ...], tuple[str, ...]], inbound: Inbound, now: datetime, *, can_push: bool,
) -> Conversation:
    """bot → native. A callback that is still open will carry the transfer and can carry no words: they go before it as messages, or are
    kept as dropped. One that can no longer carry it asks for the subscriber's next message. `said`: greetings, and what the bot says."""
    texts = transitions.texts
    conversation, handoff = transitions.ask_for_person(
        records, conversation, request, turn, now, owner=Owner.NATIVE, wait_s=transitions.settings.native_return_s
    )
    records.add_handoff(handoff)
    greetings, replies = said
    opening = (*greetings, *(replies or (texts.opening(str(request.reason)),)))
    if not may_transfer(inbound) or inbound.reply != Reply.OPEN:
        notice = bubbles.merge((*opening, texts.say("transfer_next")))
        conversation, _ = transitions.notice(records, conversation, notice, now, Purpose.REPLY, TRANSFER_NEXT, turn)
    elif can_push:
        notice = bubbles.merge((*opening, texts.say("native_waiting")))
        conversation, _ = transitions.notice(records, conversation, notice, now, Purpose.REPLY, BEFORE_TRANSFER, turn)
    else:
        conversation = _drop(records, conversation, (*greetings, *replies), turn, now)
    records.save_conversation(conversation)
    return conversation


def leave(transitions: Transitions, records: Records, conversation: Conversation, turn: Turn, now: datetime) -> Conversation:
    """native → bot, because the subscriber does not want to wait. The channel's queue cannot be told: a person there may still come."""
    conversation = transitions.back_to_bot(records, conversation, HandoffStatus.LEFT, {"kind": "queue_left"}, now)
    notice = transitions.texts.say("native_left")
    conversation, _ = transitions.notice(records, conversation, notice, now, Purpose.REPLY, "queue_left", turn)
    records.save_conversation(conversation)
    return conversation


def give_back(transitions: Transitions, records: Records, conversation: Conversation, now: datetime) -> Conversation:
    """native → bot at the deadline. Who never got a person is told so; who had one hears of it with the next answer only, since the
    channel may let that person go on for all we know."""
    handoff = records.live_handoff(conversation.conversation_id)
    texts = transitions.texts
    event: dict[str, Any]
    if handoff is None or handoff.accepted_at is None:
        event = {"kind": "queue_timed_out"}
        conversation = transitions.back_to_bot(records, conversation, HandoffStatus.TIMED_OUT, event, now)
        notice, reference = texts.say("native_timed_out"), "queue_timed_out"
        conversation, _ = transitions.notice(records, conversation, notice, now, Purpose.SERVICE_EVENT, reference)
    else:
        event = {"kind": "human_ended", "outcome": "idle", "note": "", "learned": {}}
        conversation = transitions.back_to_bot(records, conversation, HandoffStatus.RETURNED, event, now)
        conversation, rows = transitions.notice(
            records, conversation, texts.say("back_to_bot"), now, Purpose.SERVICE_EVENT, _GIVEN_BACK
        )
        for row in rows:
            records.save_outbound(replace(row, status=Status.HELD, reason="next_message"))
    records.save_conversation(conversation)
    return conversation


def follow(
    transitions: Transitions, records: Records, conversation: Conversation, session: Session, turn: Turn, now: datetime
) -> Conversation:
    """What an event of the channel's desk changes; one that comes late or twice changes nothing. Saved."""
    handoff = records.live_handoff(conversation.conversation_id)
    if conversation.owner in (Owner.WAITING, Owner.AGENT) or not conversation.followed:
        return conversation
    if session.change == Change.ENDED:
        if handoff is None:
            return _ended_before(transitions, records, conversation, session, turn, now)
        return _end(transitions, records, conversation, handoff, session, now)
    if handoff is None:
        if _is_over(records, conversation, session):
            return conversation
        taken = HandoffRequest(Reason.TAKEN)
        conversation, handoff = transitions.ask_for_person(
            records, conversation, taken, turn, now, owner=Owner.NATIVE, wait_s=transitions.settings.native_return_s
        )
        records.add_handoff(handoff)
    records.save_handoff(_taken(handoff, session))
    deadline = session.at + timedelta(seconds=transitions.settings.native_return_s)
    newer = handoff.accepted_at is None or session.at >= handoff.accepted_at
    conversation = replace(
        conversation, agent_name=session.agent if newer else conversation.agent_name,
        deadline=max(deadline, conversation.deadline or deadline),
    )  # fmt: skip
    records.save_conversation(conversation)
    return conversation


def _taken(handoff: Handoff, session: Session) -> Handoff:
    first = min(handoff.accepted_at or session.at, session.at)
    if handoff.accepted_at is not None and session.at < handoff.accepted_at:
        return replace(handoff, accepted_at=first)
    return replace(handoff, accepted_at=first, agent_name=session.agent)


def _end(
    transitions: Transitions, records: Records, conversation: Conversation, handoff: Handoff, session: Session, now: datetime
) -> Conversation:
    if session.at < (handoff.accepted_at or handoff.requested_at - _APART):
        # the end of a session before this one
        return conversation
    if handoff.accepted_at is None:
        handoff = replace(handoff, agent_name=session.agent)
        records.save_handoff(handoff)
    conversation = transitions.end_human(records, conversation, "resolved", now)
    # by the channel's clock, as what may still come of this session
    over = records.handoff(handoff.handoff_id)
    if over is not None:
        records.save_handoff(replace(over, ended_at=session.at))
    records.save_conversation(conversation)
    return conversation


def _ended_before(
    transitions: Transitions, records: Records, conversation: Conversation, session: Session, turn: Turn, now: datetime
) -> Conversation:
    """The bot has the chat: the end of a session that was given back, or of one whose beginning has not come yet."""
    last = records.last_handoff(conversation.conversation_id)
    if last is None or last.desk != DeskKind.NATIVE:
        _, unseen = transitions.ask_for_person(records, conversation, HandoffRequest(Reason.TAKEN), turn, now, owner=Owner.NATIVE)
        over = replace(unseen, status=HandoffStatus.RESOLVED, agent_name=session.agent, ended_at=session.at, epoch=conversation.epoch)
        records.add_handoff(over)
        return conversation
    if last.status == HandoffStatus.RETURNED and session.at >= (last.accepted_at or session.at):
        records.save_handoff(replace(last, status=HandoffStatus.RESOLVED, ended_at=session.at))
        return _ask_after_all(transitions, records, conversation, last, now)
    if last.ended_at is None or session.at > last.ended_at:
        records.save_handoff(replace(last, ended_at=session.at))
    return conversation


def _ask_after_all(
    transitions: Transitions, records: Records, conversation: Conversation, handoff: Handoff, now: datetime
) -> Conversation:
    """The person went on past the 30 minutes: while nothing was said since, the end is told as any other."""
    waiting = [row for row in records.pending(conversation.conversation_id) if row.reference == _GIVEN_BACK]
    if not waiting:
        return conversation
    for row in waiting:
        records.save_outbound(replace(row, status=Status.DROPPED, reason="ended", ended_at=now))
    conversation = transitions.tell_end(records, conversation, handoff, now)
    records.save_conversation(conversation)
    return conversation


def _is_over(records: Records, conversation: Conversation, session: Session) -> bool:
    last = records.last_handoff(conversation.conversation_id)
    return last is not None and last.desk == DeskKind.NATIVE and last.ended_at is not None and session.at <= last.ended_at


def _drop(records: Records, conversation: Conversation, said: tuple[str, ...], turn: Turn, now: datetime) -> Conversation:
    words = Words(said, Author.BOT, Purpose.REPLY, "handoff", turn.inbound_id, turn.turn_id)
    conversation, rows = say(records, conversation, words, now)
    for row in rows:
        records.save_outbound(replace(row, status=Status.DROPPED, reason="transferred", ended_at=now))
    return conversation
