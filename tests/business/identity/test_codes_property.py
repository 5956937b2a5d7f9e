"""Whatever subscribers and thieves type, in whatever order: what must never happen with codes does not."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from business.identity.errors import CodeExpired, CodeSpent, CodeWrong, IdentityRefusal
from business.identity.fakes import FakeIdentity
from runtime.clock import FakeClock

PHONES = ("17900000001", "17900000002")
OPENIDS = ("oA", "oB")
T = TypeVar("T")

who = st.sampled_from(OPENIDS)
number = st.sampled_from(PHONES)


class Codes(RuleBasedStateMachine):
    """Keeps its own book of every message and every binding that it has earned."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.identity = FakeIdentity(self.clock)
        self.turn = 0
        # (openid, phone) → (code, sent at, wrong tries, used)
        self.newest: dict[tuple[str, str], tuple[str, float, int, bool]] = {}
        self.messages: list[tuple[float, str, str]] = []
        self.bound: set[tuple[str, str]] = set()
        self.last_send: tuple[str, str, str] | None = None
        for phone in PHONES:
            self.identity.add_line("demo", phone)
        for openid in OPENIDS:
            self.run(self.identity.record_consent("demo", openid, "c"))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def key(self) -> str:
        self.turn += 1
        return f"t{self.turn}"

    @rule(seconds=st.sampled_from([0.5, 1, 29, 30, 59, 60, 61, 299, 300, 3600, 86_400]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(openid=who, phone=number)
    def ask_for_a_code(self, openid: str, phone: str) -> None:
        key = self.key()
        before = len(self.identity.sms.sent)
        try:
            self.run(self.identity.send_code("demo", openid, phone, key))
        except IdentityRefusal:
            assert len(self.identity.sms.sent) == before
            return
        assert len(self.identity.sms.sent) == before + 1
        self.messages.append((self.clock.monotonic(), openid, phone))
        self.newest[openid, phone] = (self.identity.sms.code_for(phone), self.clock.monotonic(), 0, False)
        self.last_send = (openid, phone, key)

    @rule()
    def repeat_the_last_request(self) -> None:
        if self.last_send is None:
            return
        openid, phone, key = self.last_send
        before = len(self.identity.sms.sent)
        assert self.run(self.identity.send_code("demo", openid, phone, key)).repeated
        assert len(self.identity.sms.sent) == before

    @rule(openid=who, phone=number, guess=st.integers(0, 999_999))
    def guess(self, openid: str, phone: str, guess: int) -> None:
        self.enter(openid, phone, f"{guess:06d}")

    @rule(openid=who, phone=number, thief=who, other=number)
    def use_somebodys_code(self, openid: str, phone: str, thief: str, other: str) -> None:
        known = self.newest.get((openid, phone))
        if known is not None:
            self.enter(thief, other, known[0])

    def enter(self, openid: str, phone: str, code: str) -> None:
        known = self.newest.get((openid, phone))
        key = self.key()
        try:
            self.run(self.identity.check_code("demo", openid, phone, code, key))
        except IdentityRefusal as refusal:
            assert not self._deserves(known, code)
            if known is not None:
                self._refused(openid, phone, known, refusal)
            return
        assert known is not None
        assert self._deserves(known, code)
        self.newest[openid, phone] = (*known[:3], True)
        self.bound.add((openid, phone))

    def _deserves(self, known: tuple[str, float, int, bool] | None, code: str) -> bool:
        if known is None:
            return False
        right, sent_at, wrong, used = known
        return code == right and self.clock.monotonic() - sent_at < 300 and wrong < 5 and not used

    def _refused(self, openid: str, phone: str, known: tuple[str, float, int, bool], refusal: IdentityRefusal) -> None:
        right, sent_at, wrong, used = known
        if used or wrong >= 5:
            assert isinstance(refusal, CodeSpent)
        elif self.clock.monotonic() - sent_at >= 300:
            assert isinstance(refusal, CodeExpired)
        else:
            assert refusal.tries_left == 4 - wrong if isinstance(refusal, CodeWrong) else wrong == 4
            self.newest[openid, phone] = (right, sent_at, wrong + 1, used)

    @invariant()
    def who_is_bound_has_earned_it(self) -> None:
        for openid in OPENIDS:
            lines = {line.masked for line in self.run(self.identity.lines("demo", openid))}
            assert lines == {f"{phone[:3]}****{phone[-4:]}" for one, phone in self.bound if one == openid}

    @invariant()
    def messages_keep_their_distance(self) -> None:
        for at in (1, 2):
            last: dict[str, float] = {}
            for message in self.messages:
                name = str(message[at])
                assert message[0] - last.get(name, -1e9) >= 60
                last[name] = message[0]

    @invariant()
    def no_code_is_kept_in_clear(self) -> None:
        kept = repr(self.identity.store.unit.challenges)
        assert not any(f"'{message.code}'" in kept for message in self.identity.sms.sent[-3:])

    def teardown(self) -> None:
        self.loop.close()


Codes.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestCodes = Codes.TestCase
