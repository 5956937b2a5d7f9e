"""The sandbox's clock: the machine's, moved by an offset that all processes read from one file."""

import json
import math
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.errors import ScriptRefusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
_LOOK_EVERY_S = 0.05
_TEN_YEARS_S = 10 * 366 * 86400.0


class SandboxClock:
    """Reads and moves `{"offset_s": 0.0}`; a missing or half-written file leaves the offset as it was."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._offset_s = 0.0
        self._looked = -1.0
        self._stamp = -1

    def now(self) -> datetime:
        """The moment as the product sees it, aware, Asia/Shanghai."""
        return datetime.now(SHANGHAI) + timedelta(seconds=self.offset_s())

    def seconds(self) -> float:
        """`now` as seconds since 1970."""
        return time.time() + self.offset_s()

    def offset_s(self) -> float:
        """How far the clock is moved, seconds."""
        tick = time.monotonic()
        if self._path and not 0 <= tick - self._looked < _LOOK_EVERY_S:
            self._looked = tick
            self._read(self._path)
        return self._offset_s

    def advance(self, seconds: float) -> None:
        """Moves the clock forward and writes the file atomically, so that no process reads half of it.

        Raises:
            ScriptRefusal: for a negative, endless or absurd number.
        """
        offset = self.offset_s() + seconds
        if not math.isfinite(seconds) or seconds < 0 or offset > _TEN_YEARS_S:
            raise ScriptRefusal("advance_s must be a number of seconds, 0 or more, that keeps the clock within ten years.")
        self._offset_s = offset
        if self._path:
            written = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
            written.write_text(json.dumps({"offset_s": offset}), encoding="utf-8")
            written.replace(self._path)

    def _read(self, path: Path) -> None:
        try:
            stamp = path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._offset_s = float(json.loads(path.read_text(encoding="utf-8"))["offset_s"])
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError):
            return
