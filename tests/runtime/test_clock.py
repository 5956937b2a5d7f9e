"""The clock that the sandbox moves."""

import json
import time
from datetime import timedelta
from pathlib import Path

from runtime.clock import FakeClock, FileClock, SystemClock


def test_a_file_clock_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    clock = FileClock(path)
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=1)
    path.write_text(json.dumps({"offset_s": 3600}))
    time.sleep(0.06)
    assert abs(clock.now() - SystemClock().now() - timedelta(hours=1)) < timedelta(seconds=1)
    path.write_text("{half")
    time.sleep(0.06)
    assert abs(clock.now() - SystemClock().now() - timedelta(hours=1)) < timedelta(seconds=1)
    assert clock.now().utcoffset() == timedelta(hours=8)


def test_a_jump_moves_product_time_only() -> None:
    clock = FakeClock()
    now, tick = clock.now(), clock.monotonic()
    clock.jump(-3600)
    assert (clock.now(), clock.monotonic()) == (now - timedelta(hours=1), tick)
    clock.advance(5)
    assert clock.monotonic() == tick + 5
