"""Where messages come in: stored before they are acknowledged, answered as was decided once."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from conversations.delivery import free_held, settle
from conversations.errors import NoSuchConversation
from conversations.intake import Arrival, Intake, Stored
from conversations.model import Accepted, Answer, Deferred, InboundMessage, Passive, Transfer, Undecided
from conversations.notices import Texts
from conversations.outgoing import shown
from conversations.ports import Channels
from conversations.records import Records, Store
from conversations.rows import Conversation, Inbound, Progress, Reply
from conversations.settings import ConversationSettings
from conversations.wording import line_of
from runtime.clock import Clock
from runtime.metrics import Stages

_REMEMBERED = 10_000


@dataclass
class _Waited:
    """A reply that is waited for. One of which nobody has asked yet is: `accept` has just returned."""

    decided: "asyncio.Future[Answer]"
    callers: int = 0


class Inbox:
    """Takes messages in, and answers their callbacks."""

    def __init__(
        self, store: Store, clock: Clock, channels: Channels, texts: Texts, settings: ConversationSettings,
        wake: Callable[[Stored], None], counts: Counter[str], stages: Stages,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._texts = texts
        self._settings = settings
        self._wake = wake
        self._counts = counts
        self._stages = stages
        self._intake = Intake(store, texts, settings)
        self._expected: OrderedDict[str, _Waited] = OrderedDict()

    async def accept(self, message: InboundMessage) -> Accepted:
        """Stores the message; when it returns, the message is on disk and may be acknowledged. A repeat changes nothing."""
        way = self._channels.of(message.address)
        now, mono = self._clock.now(), self._clock.monotonic()
        if message.received_at > now:
            message = replace(message, received_at=now)
        words = shown(line_of(self._texts, message.kind, message.text, message.extra))
        stored = await self._intake.store(Arrival(message, words, mono, passive=way.passive_bytes > 0))
        self._stages.observe("store", self._clock.monotonic() - mono)
        self._counts["inbound_repeated" if stored.accepted.repeated else f"inbound.{message.kind}"] += 1
        self._expect(stored.accepted.inbound_id)
        self.settled(stored.row)
        if stored.row.status == Progress.DONE and stored.row.reply == Reply.OPEN:
            # another process made the turn, and its first caller is gone
            await self._decide(stored.row.inbound_id, caller_waits=True, last_chance=False)
        self._wake(stored)
        return stored.accepted

    async def outcome(self, inbound_id: str, hold_s: float | None = None, *, final: bool = True) -> Answer:
        """Waits until the turn is done or `hold_s` has passed; every caller for one message gets the same recorded answer. A caller that
        is not `final` leaves the decision to the repeat that will come."""
        waited = self._expect(inbound_id)
        hold = self._settings.hold_s if hold_s is None else hold_s
        waited.callers += 1
        try:
            if not waited.decided.done():
                await asyncio.wait((waited.decided,), timeout=max(hold, 0))
            if waited.decided.done():
                return waited.decided.result()
            answer = await self._decide(inbound_id, caller_waits=True, last_chance=final)
            # the turn may have ended while we looked
            return waited.decided.result() if waited.decided.done() else answer
        finally:
            waited.callers -= 1
            if not waited.callers and not waited.decided.done():
                # the last caller hung up: a passive reply would reach nobody
                self._expected.pop(inbound_id, None)

    def expects(self, inbound_id: str) -> bool:
        """Whether a callback of this process still waits for that message."""
        waited = self._expected.get(inbound_id)
        return waited is not None and not waited.decided.done()

    def settled(self, row: Inbound) -> None:
        """The reply was decided: whoever waits here is told."""
        waited = self._expected.get(row.inbound_id)
        if waited is not None and not waited.decided.done() and row.reply != Reply.OPEN:
            waited.decided.set_result(_answer(row))

    async def turn_done(self, inbound_id: str) -> None:
        """Another process ran the turn: what it left to say is decided here, where the callback waits."""
        if self.expects(inbound_id):
            await self._decide(inbound_id, caller_waits=True, last_chance=False)

    async def defer(self, inbound_id: str) -> None:
        """The sweep's word: nobody waits for that message any more."""
        await self._decide(inbound_id, caller_waits=False, last_chance=True)

    async def _decide(self, inbound_id: str, *, caller_waits: bool, last_chance: bool) -> Answer:
        now = self._clock.now()

        def work(records: Records) -> tuple[Inbound, Conversation]:
            found = records.inbound(inbound_id)
            conversation = records.conversation(found.conversation_id) if found else None
            # read again under the conversation's lock: the turn may have been committed between the two
            inbound = records.inbound(inbound_id)
            if inbound is None or conversation is None:
                raise NoSuchConversation
            way = self._channels.of(conversation.address)
            conversation, decided = settle(
                records, conversation, inbound, way, self._texts, now, caller_waits=caller_waits, last_chance=last_chance
            )
            if decided.reply != inbound.reply:
                records.save_inbound(decided)
                records.save_conversation(conversation)
                if decided.status == Progress.DONE:
                    free_held(records, conversation, now)
            return decided, conversation

        inbound, conversation = await self._store.write(work)
        self._counts[f"reply_{inbound.reply}"] += 1
        self.settled(inbound)
        if inbound.reply in (Reply.DEFERRED, Reply.TRANSFER):
            self._wake(Stored(Accepted(inbound_id, repeated=True), inbound, conversation.owner))
        return _answer(inbound)

    def _expect(self, inbound_id: str) -> _Waited:
        waited = self._expected.get(inbound_id)
        if waited is None:
            waited = _Waited(asyncio.get_running_loop().create_future())
            self._expected[inbound_id] = waited
            while len(self._expected) > _REMEMBERED:
                self._expected.popitem(last=False)
        return waited


def _answer(row: Inbound) -> Answer:
    if row.reply == Reply.OPEN:
        return Undecided()
    if row.reply == Reply.DEFERRED or row.passive_text is None:
        return Deferred()
    return Transfer(row.passive_text) if row.reply == Reply.TRANSFER else Passive(row.passive_text)
