"""The same machine over other channels: one that may not send, one with a desk of its own, one that is both."""

from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conversations.model import Address, Answer, Undecided
from tests.conversations.test_machine import Conversing, _person

_EVENTS = ("kf_create_session", "kf_switch_session", "kf_close_session")
_SETTINGS = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


class Quiet(Conversing):
    """Nothing leaves but in answer to a message."""

    way: ClassVar[dict[str, bool]] = {"can_push": False}

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def left_unanswered(self, data: st.DataObject) -> None:
        """A delivery that is cut off: the channel asks again, or does not."""
        who, key, text = data.draw(st.sampled_from(self.keys[-2:]))

        async def call() -> tuple[str, Answer]:
            inbound_id = await self.world.accept(text, who, key=key)
            return inbound_id, await self.world.core.inbox.outcome(inbound_id, 0, final=False)

        inbound_id, answer = self.run(call())
        if not isinstance(answer, Undecided):
            self._answered(inbound_id, answer)


class Native(Conversing):
    """People sit at the channel's own desk, whose events come late, twice and in any order."""

    way: ClassVar[dict[str, bool]] = {"native_desk": True}

    @rule(who=_person, name=st.sampled_from(_EVENTS), late_s=st.sampled_from((0, 0, 3, 40, 2500)), agent=st.sampled_from("ab"))
    def session(self, who: Address, name: str, late_s: int, agent: str) -> None:
        at = self.world.clock.now() - timedelta(seconds=late_s)
        more: dict[str, Any] = {"KfAccount": agent, "ToKfAccount": agent}
        for _ in range(2):
            self.run(self.world.tell(name, at, who, key=f"k{int(at.timestamp())}{name}{agent}", **more))

    @rule(who=_person, ended=st.booleans())
    def served_there(self, who: Address, ended: bool) -> None:
        """Asked for, taken there, and ended or not."""
        self.ask_for_a_person(who, False)
        self.session(who, "kf_create_session", 0, "a")
        if ended:
            self.world.clock.advance(1)
            self.session(who, "kf_close_session", 0, "a")


class QuietNative(Native, Quiet):
    """Both."""

    way: ClassVar[dict[str, bool]] = {"can_push": False, "native_desk": True}


TestQuiet = Quiet.TestCase
TestNative = Native.TestCase
TestQuietNative = QuietNative.TestCase
for _case in (TestQuiet, TestNative, TestQuietNative):
    _case.settings = _SETTINGS
