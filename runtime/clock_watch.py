"""Notices that the wall clock was set: product time that moved against the monotonic clock.

Leases, heartbeats and time-outs do not follow it; deadlines and dates do, so that an operator must be able to read when it happened.
"""

import asyncio
from collections import Counter

import structlog

from runtime.clock import Clock

_log = structlog.get_logger(__name__)
JUMP_S = 5.0
_LOOK_S = 1.0


class ClockWatch:
    """Looks once a second; a jump is logged with its length and counted as `clock_jumped`."""

    def __init__(self, clock: Clock, counts: Counter[str]) -> None:
        self._clock = clock
        self._counts = counts
        self._apart = self._difference()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._watching = asyncio.create_task(self._watch_on())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def look(self) -> float:
        """Once; the seconds the clock has jumped since the last look, 0.0 for a clock that runs as it should."""
        apart = self._difference()
        jumped, self._apart = apart - self._apart, apart
        if abs(jumped) < JUMP_S:
            return 0.0
        self._counts["clock_jumped"] += 1
        _log.error("clock_jumped", seconds=round(jumped, 1), now=self._clock.now().isoformat())
        return jumped

    async def _watch_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look()

    def _difference(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
