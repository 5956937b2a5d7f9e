"""How often each call was made today, over all processes. Counted here, written down every few seconds; WeChat enforces, we show.

Source of the limits: developers.weixin.qq.com, "API Call Limits" (verified accounts; an account may have been given more) and
"getStableAccessToken". A day ends at midnight in Asia/Shanghai.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from connectors.wechat.cells import Cell
from connectors.wechat.pace import start_of_day
from runtime.clock import Clock

TOKEN = "stable_token"  # noqa: S105 (the name of a call)
FORCED = "stable_token_forced"
SEND = "custom_send"
TYPING = "custom_typing"
UPLOAD = "media_upload"
DOWNLOAD = "media_get"

LIMITS: Mapping[str, int] = {TOKEN: 500_000, FORCED: 20, SEND: 500_000, UPLOAD: 100_000}
"""Calls a day; what is not named has no limit of its own that is known."""

_MOST_KINDS = 40


class Quota:
    """One account's, in one process."""

    def __init__(self, cell: Cell, clock: Clock) -> None:
        self._cell = cell
        self._clock = clock
        self._fresh: Counter[tuple[str, str]] = Counter()
        self._written: tuple[str, dict[str, int]] = ("", {})

    def count(self, call: str) -> None:
        """One more."""
        self._fresh[(self._day(), call)] += 1

    def today(self) -> dict[str, int]:
        """By the name of the call: what all processes wrote down by this one's last look, and its own since."""
        day = self._day()
        known = Counter(self._written[1] if self._written[0] == day else {})
        known.update({call: times for (of_day, call), times in self._fresh.items() if of_day == day})
        return dict(known)

    async def write_down(self) -> None:
        """Adds what was counted here. Raises StorageFault; nothing is lost then, nor counted twice."""
        taken, day = dict(self._fresh), self._day()
        if not taken and self._written[0] == day:
            self._written = (day, counts_of(await self._cell.read(), day))
            return
        own = {call: times for (of_day, call), times in taken.items() if of_day == day}
        self._written = (day, await self._cell.change(lambda state: _added(state, day, own)))
        self._fresh.subtract(taken)
        self._fresh = +self._fresh

    def _day(self) -> str:
        return day_of(self._clock)


def day_of(clock: Clock) -> str:
    """The day's name as the state holds it."""
    return start_of_day(clock.now()).date().isoformat()


def counts_of(state: Mapping[str, Any], day: str) -> dict[str, int]:
    """What a state says of that day."""
    counts = state.get("counts")
    if state.get("day") != day or not isinstance(counts, dict):
        return {}
    return {str(call): times for call, times in counts.items() if isinstance(times, int)}


def _added(state: dict[str, Any], day: str, own: Mapping[str, int]) -> tuple[dict[str, Any], dict[str, int]]:
    counts = Counter(counts_of(state, day))
    counts.update(own)
    kept = dict(counts.most_common(_MOST_KINDS))
    return {"day": day, "counts": kept}, kept
