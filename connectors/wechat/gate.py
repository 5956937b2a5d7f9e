"""Whether an account's messages go out at all. One state for all its processes; it outlives them.

Stopped: nothing is sent. Until midnight, when the day's calls are used up; else for a pause that grows, after which one process tries one
message: what comes of that decides for all. What is held meanwhile waits in conversations and follows in order.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from connectors.wechat.cells import Cell, State
from connectors.wechat.codes import Do
from connectors.wechat.pace import start_of_day
from conversations.model import Stopped
from runtime.clock import Clock
from runtime.errors import StorageFault

R = TypeVar("R")

_log = structlog.get_logger(__name__)

_QUICK = frozenset({"unreachable", "token_unreachable", "storage"})
_PAUSES_S = {True: (5.0, 60.0), False: (30.0, 600.0)}
"""First and longest pause: for what mends itself, and for what a person must mend."""
_TRIAL_S = 30.0
_LOOK_EVERY_S = 1.0
_AFTER_MIDNIGHT_S = 5.0
_SURELY_NEW_DAY_S = 600.0
_LONGEST_S = 86_400.0 + 60.0


@dataclass(frozen=True)
class Stop:
    """Why and until when, seconds since 1970. `tries`: messages tried in vain since."""

    code: str
    since: float
    until: float
    tries: int = 0
    trial_until: float = 0.0

    def is_over(self, now: float) -> bool:
        """Whether one message may be tried. One further ahead than any was set by a clock that has been put back."""
        return not 0 < self.until - now <= _LONGEST_S

    def is_tried(self, now: float) -> bool:
        return 0 < self.trial_until - now <= _TRIAL_S


@dataclass(frozen=True)
class Pass:
    """Leave to send one message. `trial`: what comes of it is told to `settle` and decides for all."""

    trial: bool = False


class Gate:
    """One account's, in one process."""

    def __init__(self, cell: Cell, clock: Clock, account: str, counts: Counter[str]) -> None:
        self._cell = cell
        self._clock = clock
        self._account = account
        self._counts = counts
        self._stop: Stop | None = None
        self._looked_at = -_LOOK_EVERY_S

    def stopped(self) -> Stopped | None:
        """As it was at the last look; `trial` when one message may be tried now."""
        if self._stop is None:
            return None
        now = self._now()
        return Stopped(self._stop.code, trial=self._stop.is_over(now) and not self._stop.is_tried(now))

    async def look(self) -> None:
        """What another process may have found. While the database is away, what was known stays so."""
        if self._clock.monotonic() - self._looked_at < _LOOK_EVERY_S:
            return
        self._looked_at = self._clock.monotonic()
        try:
            self._stop = _stop_of(await self._cell.read())
        except StorageFault:
            self._counts["gate_not_seen"] += 1

    async def enter(self) -> Pass | Stopped:
        """Before every message."""
        await self.look()
        if self._stop is None:
            return Pass()
        now = self._now()
        if not self._stop.is_over(now) or self._stop.is_tried(now):
            return Stopped(self._stop.code)
        return await self._change(lambda state: _take_trial(state, now)) or Stopped(self._stop.code)

    async def shut(self, code: str, do: Do, wait_s: float, leave: Pass) -> None:
        """A message was refused in a way that the next would be, too."""
        before, now = self._stop, self._clock.now()
        moment, midnight = now.timestamp(), start_of_day(now)

        def work(state: State) -> tuple[State, Stop | None]:
            found = _stop_of(state)
            if found is not None and not found.is_over(moment) and found.code == code:
                return state, found
            tries = found.tries + 1 if found is not None and leave.trial else 0
            first, longest = _PAUSES_S[code in _QUICK]
            until = moment + (wait_s if code == "token_paced" else max(min(first * 2**tries, longest), min(wait_s, longest)))
            just_turned = found is not None and moment - midnight.timestamp() < _SURELY_NEW_DAY_S
            if do == Do.STOP_TODAY and not just_turned:
                until = (midnight + timedelta(days=1, seconds=_AFTER_MIDNIGHT_S)).timestamp()
            if found is not None and not found.is_over(moment):
                until = max(until, found.until)
            stop = Stop(code, found.since if found else moment, until, tries)
            return asdict(stop), stop

        self._stop = await self._change(work) or Stop(code, moment, moment + _TRIAL_S)
        if before is None or before.code != code:
            self._counts[f"sending_stopped.{code}"] += 1
            seconds = round(self._stop.until - moment)
            _log.error("sending_stopped", account=self._account, reason=code, for_s=seconds)

    async def settle(self, leave: Pass) -> None:
        """A message got through, or was refused for a reason of its own: after a trial all may go out again."""
        if not leave.trial or self._stop is None:
            return
        lasted_s = round(self._now() - self._stop.since)
        await self._change(lambda state: ({}, None))
        self._stop = None
        _log.warning("sending_resumed", account=self._account, after_s=lasted_s)

    async def give_back(self, leave: Pass) -> None:
        """The trial told nothing, such as no answer at all: another one may follow."""
        if leave.trial:
            self._stop = await self._change(_end_trial)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _change(self, work: Callable[[State], tuple[State, R]]) -> R | None:
        try:
            return await self._cell.change(work)
        except StorageFault:
            # this process keeps to what it found; the others find it themselves
            self._counts["gate_not_written"] += 1
            return None


def _take_trial(state: State, now: float) -> tuple[State, Pass | None]:
    found = _stop_of(state)
    if found is None:
        return state, Pass()
    if not found.is_over(now) or found.is_tried(now):
        return state, None
    return state | {"trial_until": now + _TRIAL_S}, Pass(trial=True)


def _end_trial(state: State) -> tuple[State, Stop | None]:
    after = state | {"trial_until": 0.0} if state else state
    return after, _stop_of(after)


def _stop_of(state: State) -> Stop | None:
    try:
        return Stop(
            str(state["code"]), float(state["since"]), float(state["until"]), int(state["tries"]), float(state["trial_until"])
        )
    except (KeyError, TypeError, ValueError):
        return None
