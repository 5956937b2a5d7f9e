"""How messages are stored: those that wait at the same moment in one transaction, each as if it had come alone.

A callback's cost is its statements, not its bytes: one message alone takes a dozen round trips, 32 together take as many.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversations import consents, purse, rating
from conversations.errors import NoSuchConversation
from conversations.media import LIFE, REFERENCE, Media
from conversations.model import AT_OUR_DESK, Accepted, Address, InboundMessage, Owner, Status
from conversations.native import may_transfer
from conversations.notices import Texts
from conversations.records import Records, Store
from conversations.rows import Conversation, Inbound, Reply
from conversations.settings import ConversationSettings
from conversations.triggers import Silent, Trigger, classify, is_said
from runtime.errors import StorageFault
from runtime.ids import new_id

_LARGEST_BATCH = 64


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came in: the words that lists show of it, when it came by the lease clock (seconds), and whether its callback can
    carry an answer."""

    message: InboundMessage
    words: str
    mono: float
    passive: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """What accepting did: for waking the lane and the agent's page."""

    accepted: Accepted
    row: Inbound
    owner: Owner


_Waiting = tuple[Arrival, "asyncio.Future[Stored]"]


class Intake:
    """Stores arrivals. What comes while a batch is being stored waits for the next one. Used on one event loop."""

    def __init__(self, store: Store, texts: Texts, settings: ConversationSettings) -> None:
        self._store = store
        self._texts = texts
        self._settings = settings
        self._waiting: list[_Waiting] = []
        self._storing: asyncio.Task[None] | None = None

    async def store(self, arrival: Arrival) -> Stored:
        """Returns once it is durable. Raises what storing it raised: a faulty one takes no other with it."""
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_on())
        return await done

    async def _store_on(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_LARGEST_BATCH], self._waiting[_LARGEST_BATCH:]
                await self._store_batch(batch)
        finally:
            self._storing = None

    async def _store_batch(self, batch: Sequence[_Waiting]) -> None:
        arrivals = [arrival for arrival, _ in batch]
        try:
            found = await self._store.write(lambda records: store_arrivals(records, arrivals, self._texts, self._settings))
        except Exception as fault:
            if len(batch) > 1 and not isinstance(fault, StorageFault):
                # one of them is at fault: each by itself
                for one in batch:
                    await self._store_batch((one,))
                return
            for _, done in batch:
                if not done.done():
                    done.set_exception(fault)
            return
        for (_, done), stored in zip(batch, found, strict=True):
            # who gave up waiting has its message stored all the same
            if not done.done():
                done.set_result(stored)


def store_arrivals(records: Records, arrivals: Sequence[Arrival], texts: Texts, settings: ConversationSettings) -> list[Stored]:
    """The transaction of accepting: conversation, purse, place in the transcript, row; answered in the order given. Messages of one
    subscriber are stored one after the other, and a repeat takes no place."""
    stored: dict[int, Stored] = {}
    waiting = list(enumerate(arrivals))
    while waiting:
        first: dict[Address, tuple[int, Arrival]] = {}
        later: list[tuple[int, Arrival]] = []
        for number, arrival in waiting:
            if first.setdefault(arrival.message.address, (number, arrival))[0] != number:
                later.append((number, arrival))
        round_ = list(first.values())
        found = _store_round(records, [arrival for _, arrival in round_], texts, settings)
        stored.update(zip((number for number, _ in round_), found, strict=True))
        waiting = later
    return [stored[number] for number in range(len(arrivals))]


def _store_round(records: Records, arrivals: Sequence[Arrival], texts: Texts, settings: ConversationSettings) -> list[Stored]:
    """Arrivals of different subscribers."""
    conversations = _conversations_of(records, arrivals)
    rows: list[tuple[Inbound, Conversation]] = []
    for arrival in arrivals:
        conversation = conversations[arrival.message.address]
        row, trigger = _row_of(arrival, conversation)
        rows.append((row, _after(records, conversation, arrival, row, trigger, texts, settings)))
    added = records.add_arrivals(rows)
    stored: list[Stored] = []
    for row, conversation in rows:
        if row.inbound_id in added:
            _keep_along(records, row)
            stored.append(Stored(Accepted(row.inbound_id, False), row, conversation.owner))
        else:
            stored.append(_repeated(records, row, conversation.owner))
    return stored


def _conversations_of(records: Records, arrivals: Sequence[Arrival]) -> dict[Address, Conversation]:
    """Everyone's row, locked; who writes for the first time gets one."""
    addresses = [arrival.message.address for arrival in arrivals]
    found = records.conversations_at(addresses)
    new = [
        Conversation(new_id("c"), arrival.message.address, arrival.message.received_at)
        for arrival in arrivals
        if arrival.message.address not in found
    ]
    if not new:
        return found
    # another process may have added it first
    records.add_conversations(new)
    return found | records.conversations_at([row.address for row in new])


def _repeated(records: Records, row: Inbound, owner: Owner) -> Stored:
    kept = records.inbound_by_key(row.address, row.dedup_key)
    if kept is None:
        raise NoSuchConversation("the message and its repeat do not agree")
    kept = replace(kept, deliveries=kept.deliveries + 1)
    records.save_inbound(kept)
    return Stored(Accepted(kept.inbound_id, True, kept.deliveries), kept, owner)


def _after(
    records: Records, conversation: Conversation, arrival: Arrival, row: Inbound, trigger: Trigger, texts: Texts,
    settings: ConversationSettings,
) -> Conversation:  # fmt: skip
    """The conversation with one message more."""
    message, words = arrival.message, arrival.words
    leaves = message.kind == "event" and message.name == "unsubscribe"
    # a rating is no message to anyone: it does not count as unread, and an agent may write past it
    spoken = is_said(trigger) and rating.recognise(records, row, texts.rating) is None
    to_a_person = spoken and conversation.owner in AT_OUR_DESK
    return replace(
        conversation,
        next_position=conversation.next_position + 1,
        purse=purse.refill(conversation.purse, message.refill, message.received_at, on_its_way=_on_its_way(records, conversation)),
        followed=not leaves,
        deadline=_deadline(conversation, row, settings),
        last_text=words if spoken else conversation.last_text,
        last_at=message.received_at,
        last_said=row.position if spoken else conversation.last_said,
        last_words=words if spoken else conversation.last_words,
        unread=conversation.unread + (1 if to_a_person else 0),
        waiting_since=conversation.waiting_since or (message.received_at if to_a_person else None),
        scene=str(message.extra.get("scene") or conversation.scene),
    )


def _row_of(arrival: Arrival, conversation: Conversation) -> tuple[Inbound, Trigger]:
    message = arrival.message
    row = Inbound(
        inbound_id=new_id("i"),
        conversation_id=conversation.conversation_id,
        address=message.address,
        dedup_key=message.dedup_key,
        kind=message.kind,
        name=message.name,
        text=message.text,
        extra=message.extra,
        received_at=message.received_at,
        accepted_mono=arrival.mono,
        position=conversation.next_position,
        reply=Reply.OPEN if arrival.passive else Reply.DEFERRED,
    )
    trigger = classify(row)
    # what only the platform says has nobody who would read an answer
    return (replace(row, reply=Reply.DEFERRED) if isinstance(trigger, Silent) else row), trigger


def _deadline(conversation: Conversation, row: Inbound, settings: ConversationSettings) -> datetime | None:
    if conversation.owner == Owner.AGENT:
        return row.received_at + timedelta(seconds=settings.agent_idle_s)
    if conversation.owner == Owner.NATIVE and may_transfer(row):
        # it will be transferred, and the channel's time begins anew
        return row.received_at + timedelta(seconds=settings.native_return_s)
    return conversation.deadline


def _keep_along(records: Records, row: Inbound) -> None:
    """What a message brings beside its words: a file that must be fetched while the channel has it, consents."""
    reference = row.extra.get(REFERENCE)
    if isinstance(reference, str) and reference:
        records.add_media(
            Media(
                media_id=new_id("md"),
                conversation_id=row.conversation_id,
                account=row.address.account,
                inbound_id=row.inbound_id,
                position=row.position,
                kind=row.kind,
                reference=reference,
                created_at=row.received_at,
                expires_at=row.received_at + LIFE,
            )
        )
    for one in row.extra.get("consents", ()):
        before = records.consent(row.address, one["topic"])
        records.save_consent(consents.after(before, row.address, one["topic"], one["answer"], row.received_at))


def _on_its_way(records: Records, conversation: Conversation) -> int:
    if not conversation.lease_until:
        return 0
    return sum(row.status == Status.SENDING for row in records.pending(conversation.conversation_id))
