"""A clock that is set is noticed, once, with its length; one that runs is not."""

from collections import Counter

import pytest

from runtime.clock import FakeClock
from runtime.clock_watch import ClockWatch


@pytest.mark.parametrize("hour", [3600.0, -3600.0])
def test_a_jump_is_counted_once(hour: float) -> None:
    clock, counts = FakeClock(), Counter[str]()
    watch = ClockWatch(clock, counts)
    clock.advance(1)
    assert watch.look() == 0.0
    clock.jump(hour)
    clock.advance(1)
    assert watch.look() == pytest.approx(hour)
    clock.advance(1)
    assert watch.look() == 0.0
    assert counts["clock_jumped"] == 1


def test_a_machine_that_slept_and_one_that_drifts_are_no_jumps() -> None:
    clock, counts = FakeClock(), Counter[str]()
    watch = ClockWatch(clock, counts)
    clock.advance(7200)
    assert watch.look() == 0.0
    for _ in range(100):
        clock.advance(1)
        clock.jump(0.1)
        assert watch.look() == 0.0
    assert not counts
