import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, String, Table, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from runtime.clock import SHANGHAI
from runtime.database import Database, Instant, make_engine
from runtime.errors import StorageFault
from tests.servers import MakeDatabase

TABLES = MetaData()
NAMES = Table("names", TABLES, Column("name", String, primary_key=True), Column("number", Integer), Column("at", Instant))
CHILDREN = Table("children", TABLES, Column("name", ForeignKey("names.name"), primary_key=True))


BOTH_DATABASES = True


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    engine = make_engine(database_url)
    TABLES.create_all(engine)
    made = Database(engine)
    yield made
    made.close()


def add(name: str, number: int = 0) -> Any:
    return lambda connection: bool(connection.execute(insert(NAMES).values(name=name, number=number)))


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(NAMES.c.name).order_by(NAMES.c.name)).scalars())


class Stalled:
    """Keeps the writer busy so that what comes meanwhile forms one group."""

    def __init__(self, database: Database) -> None:
        self._go = threading.Event()
        self._begun = threading.Event()
        self._task = asyncio.ensure_future(database.write(self._hold))

    def _hold(self, connection: Connection) -> None:
        self._begun.set()
        self._go.wait(5)

    async def __aenter__(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._begun.wait)

    async def __aexit__(self, *_: object) -> None:
        self._go.set()
        await self._task


async def test_what_is_written_is_read(database: Database) -> None:
    assert await database.write(add("a"))
    assert await database.read(names) == ["a"]


async def test_work_that_waits_together_is_committed_together(database: Database) -> None:
    commits = 0

    def count(_connection: Connection) -> None:
        nonlocal commits
        commits += 1

    async with Stalled(database):
        waiting = [asyncio.ensure_future(database.write(add(f"n{number:02}"))) for number in range(30)]
        await asyncio.sleep(0.01)
        event.listen(database.engine, "commit", count)
    await asyncio.gather(*waiting)
    assert len(await database.read(names)) == 30
    assert commits <= 2


async def test_one_that_breaks_is_taken_out_alone(database: Database) -> None:
    def half(connection: Connection) -> None:
        connection.execute(insert(NAMES).values(name="half"))
        raise KeyError("a fault of the caller's")

    async with Stalled(database):
        works = [add("a"), half, add("a"), add("b")]
        waiting = [asyncio.ensure_future(database.write(work)) for work in works]
        await asyncio.sleep(0.01)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [bool, KeyError, IntegrityError, bool]
    assert await database.read(names) == ["a", "b"]


async def test_what_a_deadlock_takes_out_is_run_once_more(database: Database) -> None:
    tries = 0

    def unlucky(connection: Connection) -> str:
        nonlocal tries
        tries += 1
        connection.execute(insert(NAMES).values(name=f"try {tries}"))
        if tries == 1:
            raise OperationalError("select", {}, RuntimeError("deadlock detected"))
        return "done"

    assert await database.write(unlucky) == "done"
    assert await database.read(names) == ["try 2"]


async def test_what_fails_twice_is_a_fault(database: Database) -> None:
    def full(connection: Connection) -> None:
        raise OperationalError("insert", {}, RuntimeError("the disk is full"))

    with pytest.raises(StorageFault):
        await database.write(full)
    assert await database.write(add("a"))


async def test_a_broken_foreign_key_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda connection: connection.execute(insert(CHILDREN).values(name="nobody")))


async def test_a_caller_that_gives_up_before_its_turn_writes_nothing(database: Database) -> None:
    async with Stalled(database):
        waiting = asyncio.ensure_future(database.write(add("a")))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.sleep(0.01)
    await database.write(add("b"))
    assert await database.read(names) == ["b"]


async def test_a_reader_sees_only_what_is_committed_and_changes_nothing(database: Database) -> None:
    await database.read(add("a"))
    assert await database.read(names) == []


async def test_closing_lets_work_under_way_end_and_refuses_what_comes_later(database_url: str) -> None:
    engine = make_engine(database_url)
    TABLES.create_all(engine)
    database = Database(engine)
    futures = [database.write_soon(add(f"n{number:03}")) for number in range(100)]
    database.close()
    database.close()
    assert [future.result() for future in futures] == [True] * 100
    with pytest.raises(StorageFault):
        await database.write(add("late"))


async def test_many_more_than_a_group_all_arrive(database: Database) -> None:
    await asyncio.gather(*(database.write(add(f"n{number:03}")) for number in range(300)))
    assert await database.read(lambda connection: connection.execute(select(func.count()).select_from(NAMES)).scalar_one()) == 300


async def test_moments_are_aware_and_come_back_in_shanghai(database: Database) -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
    await database.write(lambda connection: connection.execute(insert(NAMES).values(name="a", at=at)))
    found = await database.read(lambda connection: connection.execute(select(NAMES.c.at)).scalar_one())
    assert found == at
    assert found.tzinfo is SHANGHAI
    with pytest.raises(StatementError, match="without a zone"):
        await database.write(lambda connection: connection.execute(insert(NAMES).values(name="b", at=datetime(2026, 1, 1))))  # noqa: DTZ001


async def test_it_is_durable_and_checks_keys(database: Database, database_kind: str) -> None:
    def setting(name: str) -> Any:
        ask = text(f"PRAGMA {name}" if database_kind == "sqlite" else f"SHOW {name}")
        return lambda connection: connection.execute(ask).scalar_one()

    if database_kind == "sqlite":
        assert await database.read(setting("journal_mode")) == "wal"
        assert await database.read(setting("synchronous")) == 2
        assert await database.read(setting("foreign_keys")) == 1
    else:
        assert await database.read(setting("synchronous_commit")) == "on"


class Deadlock(Exception):
    """As the driver says it."""

    sqlstate = "40P01"


async def test_a_deadlock_may_come_again_before_it_ends(database: Database) -> None:
    tries = 0

    def unlucky(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        connection.execute(insert(NAMES).values(name=f"try {tries}"))
        if tries < 5:
            raise OperationalError("update", {}, Deadlock())
        return tries

    assert await database.write(unlucky) == 5
    assert await database.read(names) == ["try 5"]


async def test_a_deadlock_without_end_is_a_fault(database: Database) -> None:
    def unlucky(connection: Connection) -> None:
        raise OperationalError("update", {}, Deadlock())

    with pytest.raises(StorageFault, match="Deadlock"):
        await database.write(unlucky)
    assert await database.write(add("a"))


async def test_two_processes_that_lock_each_other_out_both_end(database: Database, database_url: str) -> None:
    """PostgreSQL breaks the deadlock, and who was taken out is run once more; SQLite has one writer at a time."""
    other = Database(make_engine(database_url))
    await database.write(add("a"))
    await database.write(add("b"))
    met = threading.Barrier(2, timeout=1)

    def raise_both(first: str, second: str) -> Any:
        def work(connection: Connection) -> None:
            for name in (first, second):
                connection.execute(NAMES.update().where(NAMES.c.name == name).values(number=NAMES.c.number + 1))
                with contextlib.suppress(threading.BrokenBarrierError):
                    met.wait()

        return work

    try:
        await asyncio.gather(database.write(raise_both("a", "b")), other.write(raise_both("b", "a")))
        numbers = await database.read(lambda connection: connection.execute(select(NAMES.c.number).order_by(NAMES.c.name)).scalars().all())
        assert numbers == [2, 2]
    finally:
        other.close()


@pytest.fixture
async def on_server(make_database: MakeDatabase) -> AsyncIterator[Database]:
    engine = make_engine(make_database("postgresql"))
    TABLES.create_all(engine)
    made = Database(engine)
    yield made
    made.close()


@pytest.mark.slow
async def test_a_connection_lost_between_two_groups_is_made_anew(on_server: Database) -> None:
    """The server was started again: what comes next is written as if nothing had been."""
    database = on_server
    mine = await database.write(lambda connection: connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    await database.read(lambda connection: connection.execute(text(f"SELECT pg_terminate_backend({mine})")).all())
    await asyncio.sleep(0.1)
    assert await database.write(add("a"))
    assert await database.read(names) == ["a"]
    assert await database.write(lambda connection: connection.execute(text("SELECT pg_backend_pid()")).scalar_one()) != mine


@pytest.mark.slow
async def test_a_connection_lost_within_a_group_is_a_fault_and_the_next_one_is_written(on_server: Database) -> None:
    database = on_server

    def ends_itself(connection: Connection) -> None:
        connection.execute(insert(NAMES).values(name="lost", number=0))
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StorageFault):
        await database.write(ends_itself)
    assert await database.write(add("a"))
    assert await database.read(names) == ["a"]
