"""Random lives of a conversation on the fakes: messages, repeats, slow bots, handoffs, accepts, resolves, workers that die or sleep
past their lease, wake-ups that are lost. What must hold afterwards is written in `invariants.py`."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from conversations.core import Core
from conversations.fake_channels import FakeChannel
from conversations.fakes import FakeStore, Tables, bot_says
from conversations.model import Address, Answer, BotAnswer, Refused, Sent, Unknown
from runtime.errors import Refusal
from tests.conversations.invariants import Watch, check_ended, check_owners, check_sent_once
from tests.conversations.world import ACCOUNT, ASKED, World

T = TypeVar("T")
_PEOPLE = tuple(Address(ACCOUNT, name) for name in ("o-a", "o-b"))
_person = st.sampled_from(_PEOPLE)
_text = st.sampled_from(("查话费", "人工", "9", "长", "两句", "", "谢谢", "不满意"))
_result = st.sampled_from((Sent(), Sent(), Unknown("timeout"), Refused("45047", "hold"), Refused("-1", "later"), Refused("40003", "drop")))


class Conversing(RuleBasedStateMachine):
    """Two subscribers, one agent, one process that may die and be started again."""

    way: ClassVar[dict[str, bool]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.callbacks: list[tuple[str, asyncio.Task[Answer]]] = []
        self.answers: dict[str, set[Answer]] = {}
        self.keys: list[tuple[Address, str, str]] = []
        self.number = 0
        self.sleepers: list[Core] = []

    @initialize()
    def begin(self) -> None:
        self.world = self.run(self._make())
        self.watch = Watch(self.world.clock.monotonic, self.world.settings.lease_s)
        store = self.world.store
        assert isinstance(store, FakeStore)
        store.on_commit = self.watch.look

    async def _make(self) -> World:
        world = World(channel=FakeChannel(**self.way))  # type: ignore[arg-type]
        world.brain.script = {
            "人工": BotAnswer(("好的",), {}, "handoff", {"turns": 0}, ASKED),
            "长": bot_says("很长。" * 500),
            "两句": bot_says("一", "二"),
        }
        return world

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @property
    def tables(self) -> Tables:
        store = self.world.store
        assert isinstance(store, FakeStore)
        return store.tables

    # what subscribers and WeChat do

    @rule(who=_person, texts=st.lists(_text, min_size=1, max_size=3), waits=st.booleans(), settles=st.booleans())
    def write(self, who: Address, texts: list[str], waits: bool, settles: bool) -> None:
        for text in texts:
            self.number += 1
            self.keys.append((who, f"m{self.number}", text))
            self._call(*self.keys[-1], waits, settles)

    @rule(who=_person, text=st.sampled_from(("查话费", "两句", "长")))
    def write_and_give_up(self, who: Address, text: str) -> None:
        """A callback that is not held: everything follows as customer-service messages."""
        self.write(who, [text], True, False)
        self._hold_passes()

    @rule(who=_person, taken=st.booleans())
    def ask_for_a_person(self, who: Address, taken: bool) -> None:
        self.write(who, ["人工"], True, True)
        if taken:
            self._as_agent(self.world.agent_takes, who)

    @rule(who=_person)
    def taken_while_asked(self, who: Address) -> None:
        """An agent accepts while the bot is asked whether a message means leaving the queue."""
        self.ask_for_a_person(who, False)
        self.bot_turns("slow")
        self.write(who, ["谢谢"], False, True)
        self._as_agent(self.world.agent_takes, who)
        self.bot_turns("well")

    @rule(who=_person, result=_result)
    def dies_while_sending(self, who: Address, result: Sent | Unknown | Refused) -> None:
        """The agent's words are on their way when the process stands still; the answer comes when another has the lane."""
        self.ask_for_a_person(who, True)
        self.channel_turns([result], True)
        self.agent_writes(who, ["您好", "稍等"])
        self.worker_sleeps()
        self.channel_turns([result], False)

    @rule(who=_person)
    def handed_over_while_put_off(self, who: Address) -> None:
        """The bot's answer could not leave yet when its next one hands the chat over."""
        self.channel_turns([Refused("-1", "later")], False)
        self.write_and_give_up(who, "两句")
        self.ask_for_a_person(who, False)

    @rule(who=_person)
    def both_write_while_nobody_works(self, who: Address) -> None:
        """Agent and subscriber write on while no process runs a lane, with bubbles held back from before."""
        self.ask_for_a_person(who, True)
        self.agent_writes(who, ["您好"] * 6)
        self.run(self.world.core.workers.kill())
        self.write(who, ["谢谢"], False, False)
        self.agent_writes(who, ["稍等"])
        self.process_dies()
        self.time_passes(31, True)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), waits=st.booleans())
    def repeat(self, data: st.DataObject, waits: bool) -> None:
        who, key, text = data.draw(st.sampled_from(self.keys[-4:]))
        self._call(who, key, text, waits, True)

    @rule(who=_person, number=st.integers(1, 3), settles=st.booleans())
    def tap(self, who: Address, number: int, settles: bool) -> None:
        """Taps the menu that came last, of whichever handoff that was, or types what stands on it; a forged one when none came."""
        menus = [message.menu for one in _PEOPLE for message in self.world.channel.sent[one] if message.menu is not None]
        choice, label = menus[-1].choices[number - 1] if menus else (f"rating:h_none:{number}", "满意")
        self.number += 1
        self.keys.append((who, f"m{self.number}", label))
        self.run(self.world.accept(label, who, key=f"m{self.number}", refill="tap", choice=choice))
        if settles:
            self.run(self.world.settle())

    @rule(who=_person)
    def served_and_rated(self, who: Address) -> None:
        """A person's service from the asking to the rating."""
        self.ask_for_a_person(who, True)
        self.agent_writes(who, ["您好"])
        self.agent_resolves(who)
        self.tap(who, 3, True)
        self.tap(who, 1, True)

    @rule(who=_person, name=st.sampled_from(("click", "subscribe", "unsubscribe", "view")))
    def event(self, who: Address, name: str) -> None:
        self.number += 1
        refill = "tap" if name in ("click", "subscribe") else "none"
        self.run(self.world.accept("查话费", who, key=f"e{self.number}", kind="event", name=name, refill=refill))
        self.run(self.world.settle())

    def _call(self, who: Address, key: str, text: str, waits: bool, settles: bool) -> None:
        async def call() -> None:
            inbound_id = await self.world.accept(text, who, key=key)
            if waits:
                self.callbacks.append((inbound_id, asyncio.ensure_future(self.world.core.inbox.outcome(inbound_id, 1000))))
            if settles:
                await self.world.settle()

        self.run(call())

    @precondition(lambda self: any(not task.done() for _, task in self.callbacks))
    @rule()
    def hold_passes(self) -> None:
        self._hold_passes()

    def _hold_passes(self) -> None:
        for inbound_id, _ in [one for one in self.callbacks if not one[1].done()]:
            self._answered(inbound_id, self.run(self.world.core.inbox.outcome(inbound_id, 0)))
        self.run(self.world.settle())

    # what the bot and the channel do

    @rule(how=st.sampled_from(("slow", "slow", "down", "well", "well")))
    def bot_turns(self, how: str) -> None:
        brain = self.world.brain
        brain.down = how == "down"
        if how == "slow":
            brain.gate = brain.gate or asyncio.Event()
        elif brain.gate is not None:
            brain.gate.set()
            brain.gate = None
        self.run(self.world.settle())

    @rule(results=st.lists(_result, max_size=3), hangs=st.booleans())
    def channel_turns(self, results: list[Sent | Unknown | Refused], hangs: bool) -> None:
        channel = self.world.channel
        channel.results = list(results)
        if hangs:
            channel.gate = channel.gate or asyncio.Event()
        elif channel.gate is not None:
            channel.gate.set()
            channel.gate = None
        self.run(self.world.settle())

    # what agents do

    @rule(who=_person)
    def agent_takes(self, who: Address) -> None:
        self._as_agent(self.world.agent_takes, who)

    @rule(who=_person, texts=st.lists(st.sampled_from(("您好", "稍等", "长" * 1000)), min_size=1, max_size=7))
    def agent_writes(self, who: Address, texts: list[str]) -> None:
        for text in texts:
            self.number += 1
            client_id = f"k{self.number}"
            self._as_agent(lambda one, said=text, name=client_id: self.world.agent_says(said, name, one), who)

    @rule(who=_person)
    def agent_resolves(self, who: Address) -> None:
        self._as_agent(self.world.agent_resolves, who)

    def _as_agent(self, act: Any, who: Address) -> None:
        if any(row.address == who for row in self.tables.conversations.values()):
            try:
                self.run(act(who))
            except Refusal:
                return

    # what machines do

    @rule(seconds=st.sampled_from((1, 5, 31, 61, 2000)), sweeps=st.booleans())
    def time_passes(self, seconds: float, sweeps: bool) -> None:
        self.world.clock.advance(seconds)
        if sweeps:
            self.run(self.world.core.sweeper.sweep())
            self.run(self.world.settle())

    @rule()
    def process_dies(self) -> None:
        """All lanes and callbacks end where they stand; another process starts, with wake-ups and memory gone."""
        self.run(self.world.core.workers.kill())
        for _, task in self.callbacks:
            task.cancel()
        self._collect()
        self.world.core = self.world.new_core()

    @rule()
    def worker_sleeps(self) -> None:
        """The process stands still past its leases while another takes over: its lanes go on later, under tokens that have passed."""
        self.world.clock.advance(40)
        self.sleepers.append(self.world.core)
        self.world.core = self.world.new_core()
        self.run(self.world.core.sweeper.sweep())
        self.run(self.world.settle())

    def _answered(self, inbound_id: str, answer: Answer) -> None:
        self.answers.setdefault(inbound_id, set()).add(answer)

    def _collect(self) -> None:
        self.run(asyncio.sleep(0))
        for inbound_id, task in self.callbacks:
            if task.done() and not task.cancelled():
                self._answered(inbound_id, task.result())
        self.callbacks = [one for one in self.callbacks if not one[1].done()]

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "world"):
            return
        self._collect()
        check_owners(self.tables)
        self.watch.check(self.tables)
        check_sent_once(self.world.channel.attempts)
        assert len({(who, key) for who, key, _ in self.keys}) == sum(row.kind == "text" for row in self.tables.inbound.values())
        for inbound_id, answers in self.answers.items():
            assert len(answers) == 1, f"{inbound_id} was answered in two ways"

    def teardown(self) -> None:
        """Everything is let go: after a while nothing is left undone."""
        try:
            if hasattr(self, "world"):
                self.run(self.world.come_to_rest())
                self.holds()
                check_ended(self.tables, self.answers)
                self.watch.check_purse()
                assert self.run(self.world.core.sweeper.audit()) == 0
        finally:
            self.run(self._end())
            self.loop.close()

    async def _end(self) -> None:
        for core in [self.world.core, *self.sleepers] if hasattr(self, "world") else ():
            await core.workers.kill()
        for _, task in self.callbacks:
            task.cancel()
        await asyncio.sleep(0)


Conversing.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestConversing = Conversing.TestCase
