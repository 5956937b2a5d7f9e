"""One clock for the leases of several machines."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from runtime.clock import FakeClock, SystemClock
from runtime.database import Database
from runtime.shared_clock import SharedClock
from tests.servers import MakeDatabase, open_database

pytestmark = pytest.mark.slow


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    made = open_database(make_database("postgresql"))
    yield made
    made.close()


async def test_machines_that_started_at_other_times_read_alike(database: Database) -> None:
    """Two monotonic clocks a million seconds apart; both stand still while they are compared."""
    young, old = FakeClock(), FakeClock()
    old.advance(1_000_000)
    clocks = [SharedClock(one, database) for one in (young, old)]
    for clock in clocks:
        await clock.start()
    first, second = (clock.monotonic() for clock in clocks)
    assert abs(first - second) < 5
    assert abs(first - time.time()) < 60
    young.advance(7)
    assert clocks[0].monotonic() - first == pytest.approx(7)
    young.jump(3600)
    assert clocks[0].monotonic() - first == pytest.approx(7)
    assert clocks[0].now() == young.now()
    for clock in clocks:
        await clock.stop()


async def test_a_clock_that_drifts_is_brought_back_at_the_next_look(database: Database) -> None:
    inner = FakeClock()
    clock = SharedClock(inner, database, every_s=0.02)
    await clock.start()
    inner.advance(500)
    await asyncio.sleep(0.5)
    assert abs(clock.monotonic() - time.time()) < 60
    await clock.stop()


async def test_a_look_that_took_long_says_little(database: Database) -> None:
    class Slow(SystemClock):
        """Every reading is a second later than the one before."""

        def __init__(self) -> None:
            self.readings = 0

        def monotonic(self) -> float:
            self.readings += 1
            return float(self.readings)

    clock = SharedClock(Slow(), database)
    assert not await clock.look()
    offset = clock._offset
    assert not await clock.look()
    assert clock._offset == offset
