"""A whole Core over fakes, moved by hand: what the tests of lanes, delivery and the state machine share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from conversations.core import Core
from conversations.fake_channels import FakeChannel, FakeChannels
from conversations.fake_keeping import FakeFiles
from conversations.fakes import FakeBrain, FakeStore, Tables
from conversations.media_shelf import MediaShelf
from conversations.model import Address, Answer, BotAnswer, HandoffRequest, InboundMessage, Menu, Reason, Status
from conversations.notices import load_texts
from conversations.ports import Channels, DirectAnswers
from conversations.records import Records, Store, Survey
from conversations.rows import Conversation, Inbound, Outbound
from conversations.settings import ConversationSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock
from runtime.keys import Keyring

ACCOUNT = "demo"
TEXTS = load_texts()
SETTINGS = ConversationSettings()
XIAO = Address(ACCOUNT, "o-xiao")
LAO = Address(ACCOUNT, "o-lao")


T = TypeVar("T")


class StoreOf:
    """The store as one process sees it: what it writes bears its name (`writer` of the fake store)."""

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._writer = writer

    async def write(self, work: Callable[[Records], T]) -> T:
        return await self._store.write(self._signed(work))

    async def survey(self, look: Callable[[Survey], T]) -> T:
        return await self._store.survey(look)

    def _signed(self, work: Callable[[Records], T]) -> Callable[[Records], T]:
        def signed(records: Records) -> T:
            if isinstance(self._store, FakeStore):
                self._store.writer = self._writer
            return work(records)

        return signed


@dataclass
class World:
    """`core` is one process; `restart` is another over the same store."""

    settings: ConversationSettings = SETTINGS
    channel: FakeChannel = field(default_factory=FakeChannel)
    brain: FakeBrain = field(default_factory=FakeBrain)
    store: Store = field(default_factory=FakeStore)
    clock: FakeClock = field(default_factory=FakeClock)
    bus: LocalBus = field(default_factory=LocalBus)
    direct: DirectAnswers | None = None
    files: FakeFiles = field(default_factory=FakeFiles)

    def __post_init__(self) -> None:
        self._processes = count(1)
        self._numbers = count(1)
        self.core = self.new_core()

    def new_core(self, channels: Channels | None = None) -> Core:
        channels = channels or FakeChannels({ACCOUNT: self.channel})
        store = StoreOf(self.store, f"process {next(self._processes)}")
        return Core(
            store, self.clock, self.bus, self.brain, channels, {ACCOUNT: "carrier"}, self.direct, TEXTS, self.settings, files=self.files
        )

    async def accept(
        self, text: str, who: Address = XIAO, *, key: str | None = None, kind: str = "text", name: str = "", refill: str = "message",
        choice: str = "", extra: dict[str, Any] | None = None,
    ) -> str:  # fmt: skip
        self.clock.advance(0.001)
        extra = {**(extra or {}), **({"choice": choice} if choice else {})}
        dedup_key = key or f"m{next(self._numbers)}"
        message = InboundMessage(who, dedup_key, kind, text, self.clock.now(), name=name, refill=refill, extra=extra)
        return (await self.core.inbox.accept(message)).inbound_id

    async def say(self, text: str, who: Address = XIAO, hold_s: float = 5.0, *, final: bool = True, **more: Any) -> Answer:
        """A callback from beginning to end."""
        return await self.core.inbox.outcome(await self.accept(text, who, **more), hold_s, final=final)

    async def tell(self, name: str, at: datetime | None = None, who: Address = XIAO, *, key: str | None = None, **extra: str) -> Answer:
        """An event of the channel's own, which happened then by its clock; now, unless it says otherwise."""
        sent_at = int((at or self.clock.now()).timestamp())
        more: dict[str, Any] = {"sent_at": sent_at, **extra}
        answer = await self.core.inbox.outcome(
            await self.accept("", who, kind="event", name=name, refill="none", extra=more, key=key), 0.5
        )
        await self.settle()
        return answer

    async def tap(self, menu: Menu, number: int, who: Address = XIAO) -> Answer:
        """Taps an entry of a menu that came, counted from 1."""
        choice, label = menu.choices[number - 1]
        return await self.say(label, who, refill="tap", choice=choice)

    def menu(self, who: Address = XIAO) -> Menu:
        """The menu that came last."""
        return next(message.menu for message in reversed(self.channel.sent[who]) if message.menu is not None)

    async def settle(self) -> None:
        """Until every lane rests, or waits for something outside."""
        assert isinstance(self.store, FakeStore)
        seen, still = -1, 0
        while still < (12 if self.core.workers.busy else 4):
            still = still + 1 if seen == self.store.writes else 0
            seen = self.store.writes
            await asyncio.sleep(0)

    async def wake(self, conversation_id: str) -> None:
        self.core.workers.wake(conversation_id)
        await self.settle()

    async def come_to_rest(self) -> None:
        """Everything that stood still goes on; after a while nothing is left undone."""
        self.channel.results = []
        for gate in (self.brain.gate, self.channel.gate):
            if gate is not None:
                gate.set()
        self.brain.gate = self.channel.gate = None
        self.brain.down = False
        for _ in range(8):
            await self.settle()
            self.clock.advance(40)
            await self.core.sweeper.sweep()
        await self.settle()

    def conversation(self, who: Address = XIAO) -> Conversation:
        assert isinstance(self.store, FakeStore)
        return next(row for row in self.store.tables.conversations.values() if row.address == who)

    def outbound(self, who: Address = XIAO) -> list[Outbound]:
        assert isinstance(self.store, FakeStore)
        name = self.conversation(who).conversation_id
        return sorted((row for row in self.store.tables.outbound.values() if row.conversation_id == name), key=lambda row: row.position)

    def inbound(self, who: Address = XIAO) -> list[Inbound]:
        assert isinstance(self.store, FakeStore)
        rows = (row for row in self.store.tables.inbound.values() if row.address == who)
        return sorted(rows, key=lambda row: row.position)

    async def agent_takes(self, who: Address = XIAO) -> Conversation:
        row = self.conversation(who)
        return await self.store.write(
            lambda records: self.core.transitions.assign(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a1", agent_name="小林", now=self.clock.now()
            )
        )

    async def agent_says(self, text: str, client_id: str, who: Address = XIAO) -> Outbound:
        row = self.conversation(who)
        written = await self.store.write(
            lambda records: self.core.transitions.write_agent_message(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a1", agent_name="小林", text=text,
                client_id=client_id, now=self.clock.now(),
            )
        )  # fmt: skip
        await self.wake(row.conversation_id)
        return written

    async def agent_shows(self, content: bytes, client_id: str, who: Address = XIAO) -> Outbound:
        """A picture."""
        row = self.conversation(who)
        shelf = MediaShelf(self.files, Keyring(b"k" * 32, b"l" * 32))
        picture = await shelf.keep(content, row.conversation_id, row.address.account, self.clock.now())
        written = await self.store.write(
            lambda records: self.core.transitions.write_agent_message(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a1", agent_name="小林", text="", client_id=client_id,
                picture=picture, now=self.clock.now(),
            )
        )  # fmt: skip
        await self.wake(row.conversation_id)
        await self.settle_files()
        return written

    async def settle_files(self) -> None:
        """Until no picture is being read any more: that is done in a thread, of which `settle` sees nothing."""
        await self.settle()
        while any(row.status == Status.SENDING for row in tables(self).outbound.values()):
            await asyncio.sleep(0.001)
            await self.settle()

    async def agent_resolves(self, who: Address = XIAO) -> Conversation:
        row = self.conversation(who)
        resolved = await self.store.write(
            lambda records: self.core.transitions.resolve(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a1", note="办好了", learned={"period": "2026-10"},
                now=self.clock.now(),
            )
        )  # fmt: skip
        await self.wake(row.conversation_id)
        return resolved


BACK = f"{TEXTS.say('back_to_bot')}\n\n{TEXTS.rating.question}"
ASKED = HandoffRequest(Reason.ASKED, intent="request_human")
HANDS_OVER = BotAnswer(("好的。",), {"intent": "request_human"}, "handoff", {"slot": 1}, ASKED)


def tables(world: World) -> Tables:
    assert isinstance(world.store, FakeStore)
    return world.store.tables


def told(world: World) -> list[str]:
    return world.channel.texts(XIAO)
