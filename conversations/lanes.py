"""One conversation, one lane: its turns and sends run one after the other; different conversations side by side.

A worker claims the conversation in the database (token + 1, lease); every commit and every move to `sending` checks the token,
so one that slept past its lease changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from conversations import delivery, rating
from conversations.commit import Committed, commit_turn
from conversations.errors import EpochMoved, LaneLost
from conversations.media import picture_of
from conversations.media_types import type_of
from conversations.model import Address, OutgoingText, Owner, Picture, Refused, Sent, Unknown
from conversations.ownership import Transitions
from conversations.ports import Channels, MediaFiles, Way
from conversations.rating import Rated
from conversations.records import Records, Store
from conversations.rows import Conversation, Inbound, Memory, Outbound
from conversations.turns import Draft, TurnMaker
from runtime.clock import Clock
from runtime.errors import StorageFault
from runtime.metrics import Stages

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TakeTurn:
    """The next message waits for its turn."""

    token: int
    conversation: Conversation
    inbound: Inbound
    memory: Memory
    rated: Rated | None
    fetches: bool = False


@dataclass(frozen=True)
class SendOut:
    """A bubble has been moved to `sending`."""

    token: int
    address: Address
    row: Outbound
    owner: Owner


@dataclass(frozen=True)
class Rest:
    """Nothing to do, or the lane is another's."""


Step = TakeTurn | SendOut | Rest


def claim(records: Records, conversation_id: str, channels: Channels, clock: Clock, transitions: Transitions) -> Step:
    """Takes the lane if it is free and answers its first step. A lease further ahead than the longest counts as expired: the
    machine was started again."""
    conversation = records.conversation(conversation_id)
    mono = clock.monotonic()
    if conversation is None or 0 < conversation.lease_until - mono <= transitions.settings.lease_s + 1:
        return Rest()
    conversation = replace(conversation, lane_token=conversation.lane_token + 1)
    pending = delivery.abandon(records, conversation, clock.now())
    return advance(records, conversation, channels, clock, transitions, pending)


def advance(
    records: Records, conversation: Conversation, channels: Channels, clock: Clock, transitions: Transitions,
    pending: Sequence[Outbound] | None = None,
) -> Step:
    """The lane's next step, in the transaction that ends the last one: a bubble first, then a message, else the lane is given back."""
    token, way = conversation.lane_token, channels.of(conversation.address)
    conversation = replace(conversation, lease_until=clock.monotonic() + transitions.settings.lease_s)
    conversation, row = delivery.start_next(records, conversation, way, clock.now(), token=token, pending=pending)
    if row is not None:
        records.save_conversation(conversation)
        return SendOut(token, conversation.address, row, conversation.owner)
    inbound = records.next_inbound(conversation.conversation_id)
    if inbound is None:
        records.save_conversation(replace(conversation, lease_until=0.0))
        return Rest()
    records.save_conversation(conversation)
    memory = records.memory(conversation.conversation_id) if conversation.owner == Owner.BOT else Memory()
    rated = rating.recognise(records, inbound, transitions.texts.rating)
    return TakeTurn(token, conversation, inbound, memory, rated, _fetches(records, inbound, way, transitions))


def _fetches(records: Records, inbound: Inbound, way: Way, transitions: Transitions) -> bool:
    """Whether it only asks for what is held back: where nothing can be sent but in answer to a message, that is what such words are for."""
    if way.can_push or inbound.kind != "text" or not transitions.texts.fetches(inbound.text):
        return False
    return bool(records.pending(inbound.conversation_id))


def renew(records: Records, conversation_id: str, token: int, until: float) -> None:
    """A long turn keeps its lane."""
    conversation = records.conversation(conversation_id)
    if conversation is not None and conversation.lane_token == token and conversation.lease_until:
        records.save_conversation(replace(conversation, lease_until=until))


def look_again(records: Records, conversation_id: str, token: int) -> tuple[Conversation, Memory]:
    """The conversation as it is now, for making a turn again. Raises LaneLost."""
    conversation = records.conversation(conversation_id)
    if conversation is None or conversation.lane_token != token:
        raise LaneLost
    return conversation, records.memory(conversation_id)


def after_send(
    records: Records, conversation_id: str, sent: SendOut, result: Sent | Refused | Unknown, channels: Channels, clock: Clock,
    transitions: Transitions,
) -> Step:
    """Writes down what became of the bubble; goes on if the lane is still held."""
    conversation = records.conversation(conversation_id)
    if conversation is None:
        return Rest()
    conversation = delivery.finish(
        records, conversation, sent.row.outbound_id, result, sent.token, clock.now(), transitions.settings
    )
    if conversation.lane_token != sent.token:
        records.save_conversation(conversation)
        return Rest()
    return advance(records, conversation, channels, clock, transitions)


class LaneRunner:
    """Runs one lane from claim to rest."""

    def __init__(
        self, store: Store, clock: Clock, channels: Channels, maker: TurnMaker, transitions: Transitions, counts: Counter[str],
        stages: Stages, *, caller_waits: Callable[[str], bool], turn_done: Callable[[Committed], Awaitable[None]],
        sent: Callable[[SendOut], Awaitable[None]], files: MediaFiles | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._maker = maker
        self._transitions = transitions
        self._counts = counts
        self._stages = stages
        self._caller_waits = caller_waits
        self._turn_done = turn_done
        self._sent = sent
        self._files = files

    async def run(self, conversation_id: str, held: Callable[[int], None] = lambda token: None) -> None:
        """Until there is nothing left to do or the lane is lost. `held` is told the token once the lane is claimed."""
        try:
            step = await self._store.write(
                lambda records: claim(records, conversation_id, self._channels, self._clock, self._transitions)
            )
            while not isinstance(step, Rest):
                held(step.token)
                step = await (self._turn(step) if isinstance(step, TakeTurn) else self._send(step))
        except LaneLost:
            self._counts["lane_lost"] += 1

    async def _send(self, step: SendOut) -> Step:
        message = await self._message(step.row)
        began = self._clock.monotonic()
        result = message if isinstance(message, Refused) else await self._hand_over(step, message)
        self._stages.observe("send", self._clock.monotonic() - began)
        self._counts[f"send_{type(result).__name__.lower()}"] += 1
        if isinstance(result, Refused):
            self._counts[f"send_code.{result.code}"] += 1
        work = partial(
            after_send, conversation_id=step.row.conversation_id, sent=step, result=result, channels=self._channels, clock=self._clock,
            transitions=self._transitions,
        )  # fmt: skip
        following = await self._store.write(work)
        await self._sent(step)
        return following

    async def _message(self, row: Outbound) -> OutgoingText | Refused:
        """The bubble as its channel gets it; refused when its picture is not to be had."""
        message, media_id = rating.outgoing(row, self._transitions.texts.rating), picture_of(row.reference)
        if media_id is None:
            return message
        try:
            content = None if self._files is None else await asyncio.to_thread(self._files.get, media_id)
        except StorageFault:
            return Refused("file_unreadable", "later")
        if content is None:
            return Refused("file_gone", "drop")
        return replace(message, picture=Picture(content, type_of(content)))

    async def _hand_over(self, step: SendOut, message: OutgoingText) -> Sent | Refused | Unknown:
        try:
            return await self._channels.of(step.address).send(step.address, message)
        except Exception as error:
            _log.exception("channel_fault", outbound_id=step.row.outbound_id)
            return Unknown(type(error).__name__)

    async def _turn(self, step: TakeTurn) -> Step:
        conversation, memory = step.conversation, step.memory
        dropped: tuple[str, ...] = ()
        started_at = self._clock.now()
        # two machines share no monotonic clock: another machine's wait is known by its sign only
        self._stages.observe("wait", self._clock.monotonic() - step.inbound.accepted_mono)
        while True:
            began = self._clock.monotonic()
            draft = await self._maker.make(conversation, step.inbound, memory, step.rated, fetches=step.fetches)
            made = self._clock.monotonic()
            self._stages.observe("direct" if draft.memory is None else "bot", made - began)
            draft = replace(draft, dropped=dropped)
            try:
                committed, following = await self._store.write(partial(self._commit, step, draft, started_at))
                self._stages.observe("commit", self._clock.monotonic() - made)
                break
            except EpochMoved:
                self._counts["turn_made_again"] += 1
                dropped = (*dropped, *draft.replies)
                conversation, memory = await self._store.write(
                    lambda records: look_again(records, step.conversation.conversation_id, step.token)
                )
        self._counts[f"turn_{committed.turn.outcome}"] += 1
        await self._turn_done(committed)
        return following

    def _commit(self, step: TakeTurn, draft: Draft, started_at: datetime, records: Records) -> tuple[Committed, Step]:
        committed = commit_turn(
            records, step.conversation.conversation_id, step.inbound.inbound_id, step.token, draft, self._transitions,
            self._channels.of(step.conversation.address), started_at, self._clock.now(),
            caller_waits=self._caller_waits(step.inbound.inbound_id), counts=self._counts,
        )  # fmt: skip
        pending = () if committed.all_gone else None
        return committed, advance(
            records, committed.conversation, self._channels, self._clock, self._transitions, pending
        )
