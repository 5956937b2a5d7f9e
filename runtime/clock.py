"""What time it is. Product time may be moved by the sandbox; leases and time-outs use the monotonic clock."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_LOOK_EVERY_S = 0.05


class Clock(Protocol):
    """The only source of time in the product."""

    def now(self) -> datetime:
        """Product time, aware, in Asia/Shanghai."""

    def monotonic(self) -> float:
        """Seconds that never jump; shared by all processes of one machine until it is started again."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(SHANGHAI)

    def monotonic(self) -> float:
        return time.monotonic()


class FileClock:
    """The machine's clock moved by the offset in the sandbox's clock file `{"offset_s": 0.0}`.

    The file is looked at no more than every 50 ms; one that is missing or half written leaves the offset as it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = timedelta()
        self._looked = -1.0
        self._stamp = -1

    def now(self) -> datetime:
        self._look()
        return datetime.now(SHANGHAI) + self._offset

    def monotonic(self) -> float:
        return time.monotonic()

    def _look(self) -> None:
        tick = time.monotonic()
        if 0 <= tick - self._looked < _LOOK_EVERY_S:
            return
        self._looked = tick
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._offset = timedelta(seconds=float(json.loads(self._path.read_text())["offset_s"]))
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError):
            return


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Moves product time and the monotonic clock together."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Moves product time only, as a wall clock that is set does."""
        self._now += timedelta(seconds=seconds)
