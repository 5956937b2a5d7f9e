"""Writing a turn down: state, record, bubbles, change of owner and the message's end, all or nothing."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from json import dumps

from conversations import bubbles, native, rating
from conversations.delivery import free_held, settle
from conversations.errors import EpochMoved, LaneLost
from conversations.model import AT_OUR_DESK, Author, Owner, Status
from conversations.outgoing import COMES_WITH_NEXT, RATED, Words, say
from conversations.ownership import Transitions
from conversations.ports import Way
from conversations.records import Records
from conversations.replies import ask_to_write, is_transferred
from conversations.rows import Conversation, Inbound, Memory, Outbound, Outcome, Progress, Purpose, Reply, Turn
from conversations.triggers import Silent, classify
from conversations.turns import Draft, turn_id_of

_MOST_BUBBLES = 3
_FOR_A_PERSON = (Outcome.QUEUED, Outcome.TICKETED, Outcome.TO_AGENT)
_MOST_EVENTS = 20


@dataclass(frozen=True)
class Committed:
    """The message and the conversation after the turn (not yet saved: the lane's next step does); whether the owner changed."""

    conversation: Conversation
    inbound: Inbound
    turn: Turn
    owner_changed: bool
    all_gone: bool
    """Nothing is pending any more."""


def commit_turn(
    records: Records, conversation_id: str, inbound_id: str, token: int, draft: Draft, transitions: Transitions, way: Way,
    started_at: datetime, now: datetime, *, caller_waits: bool, counts: Counter[str],
) -> Committed:
    """Raises LaneLost when another worker has the lane or the message its turn, EpochMoved when the draft must be made again."""
    conversation, inbound = _check(records, conversation_id, inbound_id, token, draft)
    turn = _turn_of(conversation, inbound, draft, started_at, now)
    before = conversation.owner
    conversation = _apply(records, conversation, inbound, draft, turn, transitions, way, now)
    if conversation.owner in AT_OUR_DESK and draft.outcome in _FOR_A_PERSON and way.passive_bytes and not way.can_push:
        notice = transitions.texts.say(COMES_WITH_NEXT)
        conversation, _ = transitions.notice(records, conversation, notice, now, Purpose.REPLY, COMES_WITH_NEXT, turn)
    conversation = _record_dropped(records, conversation, turn, draft, now)
    records.add_turn(turn)
    memory = draft.memory
    if draft.told:
        # after a change of owner: what the bot is told by that stands in the memory by now
        before_it = memory if memory is not None else records.memory(conversation_id)
        memory = replace(before_it, events=(*before_it.events, *draft.told)[-_MOST_EVENTS:])
    if memory is not None:
        records.save_memory(conversation.conversation_id, _bounded(memory, transitions.settings.state_bytes, counts))
    inbound = replace(inbound, status=Progress.DONE, turn_id=turn.turn_id)
    if inbound.reply == Reply.DEFERRED and draft.outcome == Outcome.TO_AGENT and is_transferred(records, conversation, inbound):
        conversation = ask_to_write(records, conversation, inbound, transitions.texts, now)
    conversation, decided = settle(
        records, conversation, inbound, way, transitions.texts, now, caller_waits=caller_waits, last_chance=False
    )
    records.save_inbound(decided)
    # a passive reply that was decided just now took all there was, where the rest could have been pushed
    all_gone = decided.reply != inbound.reply and decided.reply == Reply.PASSIVE and way.can_push
    if decided.reply != Reply.OPEN and not all_gone and not isinstance(classify(inbound), Silent):
        free_held(records, conversation, now)
    return Committed(conversation, decided, turn, before != conversation.owner, all_gone)


def _check(records: Records, conversation_id: str, inbound_id: str, token: int, draft: Draft) -> tuple[Conversation, Inbound]:
    conversation = records.conversation(conversation_id)
    # after the lock is taken: its callback may have been deferred just now
    inbound = records.inbound(inbound_id)
    if inbound is None or conversation is None or conversation.lane_token != token or inbound.status == Progress.DONE:
        raise LaneLost
    if conversation.epoch != draft.epoch:
        raise EpochMoved
    return conversation, inbound


def _apply(
    records: Records, conversation: Conversation, inbound: Inbound, draft: Draft, turn: Turn, transitions: Transitions, way: Way,
    now: datetime,
) -> Conversation:
    """The change of owner and the bubbles."""
    if draft.unfollows:
        return transitions.unfollow(records, conversation, inbound.position, now)
    if draft.session is not None:
        return native.follow(transitions, records, conversation, draft.session, turn, now) if way.native_desk else conversation
    if draft.leaves and conversation.owner == Owner.NATIVE:
        return native.leave(transitions, records, conversation, turn, now)
    if draft.leaves:
        return transitions.leave_queue(records, conversation.conversation_id, expected_epoch=draft.epoch, now=now, turn=turn)
    if draft.handoff is not None and way.native_desk:
        return native.hand_over(
            transitions, records, conversation, draft.handoff, turn, (draft.greetings, draft.replies), inbound, now, can_push=way.can_push
        )
    if draft.handoff is not None:
        said = (*draft.greetings, *(draft.replies or (transitions.texts.opening(str(draft.handoff.reason)),)))
        conversation, _ = transitions.hand_over(records, conversation, draft.handoff, turn, said, now)
        return conversation
    if draft.rated is not None:
        rating.count(records, draft.rated, now)
    if draft.position:
        conversation = transitions.tell_position(records, conversation, turn, now)
    most = transitions.settings.text_bytes - (0 if way.can_push else transitions.texts.hint_bytes)
    for author, texts in ((Author.NOTICE, draft.greetings), (Author.BOT, draft.replies), (Author.NOTICE, draft.notices)):
        words = Words(
            bubbles.pack(texts, most, count=_MOST_BUBBLES), author, Purpose.REPLY, RATED if draft.rated else "", inbound.inbound_id,
            turn.turn_id,
        )  # fmt: skip
        conversation, _ = say(records, conversation, words, now)
    return conversation


def _turn_of(conversation: Conversation, inbound: Inbound, draft: Draft, started_at: datetime, now: datetime) -> Turn:
    return Turn(
        turn_id=turn_id_of(inbound.inbound_id),
        conversation_id=conversation.conversation_id,
        account=conversation.address.account,
        inbound_id=inbound.inbound_id,
        text=inbound.text,
        outcome=draft.outcome,
        owner=conversation.owner,
        epoch=conversation.epoch,
        started_at=started_at,
        ended_at=now,
        understanding=draft.understanding,
        decision=draft.decision,
        receipts=draft.receipts,
        actions=draft.actions,
        timings=draft.timings,
        model=draft.model,
    )


def _record_dropped(records: Records, conversation: Conversation, turn: Turn, draft: Draft, now: datetime) -> Conversation:
    """What the bot said under an epoch that had passed before it could be committed: kept for the agent to see, never sent."""
    if not draft.dropped:
        return conversation
    rows = tuple(
        Outbound(
            outbound_id=f"m_{turn.turn_id[2:]}_{number}",
            conversation_id=conversation.conversation_id,
            account=conversation.address.account,
            position=conversation.next_position + number,
            author=Author.BOT,
            text=text,
            purpose=Purpose.REPLY,
            epoch=draft.epoch - 1,
            created_at=now,
            status=Status.DROPPED,
            reason="epoch_moved",
            turn_id=turn.turn_id,
        )
        for number, text in enumerate(draft.dropped)
    )
    records.add_outbound(rows)
    return replace(conversation, next_position=conversation.next_position + len(rows))


def _bounded(memory: Memory, most: int, counts: Counter[str]) -> Memory:
    if memory.state is not None and len(dumps(memory.state, ensure_ascii=False).encode("utf-8", "surrogatepass")) > most:
        counts["state_too_long"] += 1
        return Memory(None, memory.events)
    return memory

