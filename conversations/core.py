"""Everything of conversations over a store, put together: inbox, lanes, delivery, sweep. `service.py` puts it over the database."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

import structlog

from conversations.breaker import Breaker
from conversations.commit import Committed
from conversations.inbox import Inbox
from conversations.intake import Stored
from conversations.lanes import LaneRunner, SendOut
from conversations.model import AT_OUR_DESK
from conversations.notices import Texts
from conversations.outgoing import BEFORE_TRANSFER, RATED
from conversations.ownership import Transitions
from conversations.ports import Brain, Channels, DirectAnswers, MediaFiles
from conversations.records import Store
from conversations.rows import Conversation, Reply
from conversations.settings import ConversationSettings
from conversations.sweep import Handles, Sweep
from conversations.turns import TurnMaker
from conversations.workers import Workers
from runtime.bus import Bus, Note
from runtime.clock import Clock
from runtime.metrics import Stages

_log = structlog.get_logger(__name__)
_LANE = "lane"
_OUTCOME = "outcome"
_DESK = "desk"


class Core:
    """One process's share of the conversations. Made by the composer, started and stopped by it."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, brain: Brain, channels: Channels, industries: Mapping[str, str],
        direct: DirectAnswers | None, texts: Texts, settings: ConversationSettings, lease_clock: Clock | None = None,
        files: MediaFiles | None = None,
    ) -> None:
        """`lease_clock`: what leases are measured by, where it must be one for several machines. `files`: where pictures lie that go
        out."""
        shared = lease_clock or clock
        self.counts: Counter[str] = Counter()
        self.stages = Stages()
        self.breaker = Breaker(settings.breaker_failures, settings.breaker_open_s)
        self.transitions = Transitions(texts, settings)
        self._store = store
        self._bus = bus
        self._channels = channels
        self._settings = settings
        self.inbox = Inbox(store, shared, channels, texts, settings, self._accepted, self.counts, self.stages)
        maker = TurnMaker(brain, direct, industries, texts, settings, clock, self.breaker, self.counts)
        runner = LaneRunner(
            store, shared, channels, maker, self.transitions, self.counts, self.stages,
            caller_waits=self.inbox.expects, turn_done=self._turn_done, sent=self._sent, files=files,
        )  # fmt: skip
        self.workers = Workers(runner, store, shared, settings, self.counts)
        handles = Handles(wake=self.workers.wake, defer=self.inbox.defer, changed=self._changed)
        self.sweeper = Sweep(store, shared, self.transitions, handles, self.counts, channels, tuple(industries))
        self._tasks: list[asyncio.Task[None]] = []
        self._notes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begins with a sweep: what an earlier process left is found at once."""
        if self._settings.alone:
            self.counts["lanes_freed"] += await self._store.write(lambda records: records.free_lanes())
        self.workers.start()
        self._tasks = [
            asyncio.create_task(self._listen_on()),
            asyncio.create_task(self._every(self._settings.sweep_s, self.sweeper.sweep)),
            asyncio.create_task(self._every(self._settings.audit_s, self.sweeper.audit)),
        ]

    async def stop(self) -> None:
        """Lets turns under way end."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.workers.stop()
        if self._notes:
            await asyncio.wait(self._notes, timeout=1.0)

    @property
    def running(self) -> bool:
        """Whether lanes, listener, sweep and audit are alive; for health."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks) and self.workers.running

    @property
    def bot_refused(self) -> bool:
        """Whether the circuit breaker keeps the bot from being asked."""
        return self.breaker.is_open

    async def typing(self, conversation_id: str) -> None:
        """Shows the subscriber that someone writes; where the channel cannot, nothing happens."""
        conversation = await self._store.write(lambda records: records.conversation(conversation_id))
        if conversation is not None and conversation.followed:
            await self._channels.of(conversation.address).typing(conversation.address)

    def _accepted(self, stored: Stored) -> None:
        self.workers.wake(stored.row.conversation_id)
        if stored.owner in AT_OUR_DESK and not stored.accepted.repeated:
            self._tell(_DESK, _note("conversation_changed", stored.row.conversation_id, stored.row.address.account))

    async def _turn_done(self, committed: Committed) -> None:
        inbound, conversation = committed.inbound, committed.conversation
        if inbound.reply == Reply.OPEN or inbound.deliveries > 1:
            # a caller may wait at another process
            await self._bus.publish(_OUTCOME, {"inbound_id": inbound.inbound_id})
        self.inbox.settled(inbound)
        if committed.owner_changed:
            await self._changed(conversation)
        elif conversation.owner in AT_OUR_DESK or committed.turn.decision == RATED:
            self._tell(_DESK, _note("conversation_changed", conversation.conversation_id, conversation.address.account))

    async def _sent(self, step: SendOut) -> None:
        if step.row.reference == BEFORE_TRANSFER and step.row.inbound_id is not None:
            await self.inbox.turn_done(step.row.inbound_id)
            self._tell(_OUTCOME, {"inbound_id": step.row.inbound_id})
        if step.owner in AT_OUR_DESK:
            self._tell(_DESK, _note("conversation_changed", step.row.conversation_id, step.address.account))

    async def page_changed(self, conversation_id: str, account: str) -> None:
        """Something beside its messages changed in what pages show of a conversation."""
        self._tell(_DESK, _note("conversation_changed", conversation_id, account))

    async def _changed(self, conversation: Conversation) -> None:
        """The conversation changed hands, or has something to send, by another hand than its lane's."""
        self.workers.wake(conversation.conversation_id)
        for kind in ("queue_changed", "conversation_changed"):
            self._tell(_DESK, _note(kind, conversation.conversation_id, conversation.address.account))

    def _tell(self, channel: str, note: dict[str, str]) -> None:
        task = asyncio.create_task(self._bus.publish(channel, note))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _listen_on(self) -> None:
        while True:
            try:
                async for channel, note in self._bus.subscribe(_LANE, _OUTCOME):
                    await self._heard(channel, note)
            except Exception:
                # the sweep does without notes; listening goes on
                self.counts["note_fault"] += 1
                _log.exception("note_fault")
                await asyncio.sleep(1)

    async def _heard(self, channel: str, note: Note) -> None:
        if channel == _LANE and isinstance(note.get("conversation_id"), str):
            self.workers.wake(note["conversation_id"])
        elif channel == _OUTCOME and isinstance(note.get("inbound_id"), str):
            await self.inbox.turn_done(note["inbound_id"])

    async def _every(self, pause_s: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except Exception:
                self.counts["sweep_fault"] += 1
                _log.exception("sweep_fault")
            await asyncio.sleep(pause_s)


def _note(kind: str, conversation_id: str, account: str) -> dict[str, str]:
    return {"kind": kind, "conversation_id": conversation_id, "account": account}
