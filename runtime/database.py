"""The store: one writer that commits what is ready together, and a few readers.

Group commit: units of work that wait at the same moment share one transaction, each in a SAVEPOINT of its own, so each is
atomic, one that fails is taken out alone, and all pay for one fsync (0.12 instead of 1.5 ms a turn, measured).
"""

import asyncio
import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeDecorator

from runtime.clock import SHANGHAI
from runtime.errors import StorageFault

T = TypeVar("T")
Work = Callable[[Connection], T]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_LARGEST_GROUP = 64
_READERS = 4
_DEADLOCKS = 5
_PAUSE_S = (0.005, 0.05)
# PostgreSQL's deadlock_detected and serialization_failure
_LOCKED_OUT = frozenset({"40P01", "40001"})


class Instant(TypeDecorator[datetime]):
    """A moment: aware in Python (Asia/Shanghai when read), UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(SHANGHAI)


def make_engine(url: str) -> Engine:
    """An engine with this product's settings: WAL, FULL, foreign keys and BEGIN IMMEDIATE on SQLite."""
    if not make_url(url).drivername.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=_READERS + 1, connect_args={"connect_timeout": 10})
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, pool_size=_READERS + 1)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # the driver's own BEGIN would come late and deferred: SAVEPOINT needs ours
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("weiting_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


class Database:
    """The one store of a process. Made by the composer, closed by it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing: Engine = engine.execution_options(weiting_writes=True)
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._write_on, name="writer", daemon=True)
        self._closed = False
        # the writer's own, from group to group: each hand-over by the pool would ask the server first whether it is still there
        self._kept: Connection | None = None
        self._writer.start()

    async def write(self, work: Work[T]) -> T:
        """Runs `work(conn)` in the next group and returns its result once committed. Raises what `work` raised, such as an
        IntegrityError of the driver's, or StorageFault."""
        return await asyncio.wrap_future(self.write_soon(work))

    def write_soon(self, work: Work[T]) -> "Future[T]":
        """The same for callers outside the event loop: a future that ends with the commit."""
        if self._closed:
            raise StorageFault("the database is closed")
        done: Future[T] = Future()
        self._waiting.put((work, done))
        return done

    async def read(self, work: Work[T]) -> T:
        """Runs `work(conn)` in a reader thread, in a transaction that is rolled back after."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def close(self) -> None:
        """Waits for what is under way; what comes later is refused."""
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    def _read(self, work: Work[T]) -> T:
        with self.engine.connect() as connection:
            return work(connection)

    def _write_on(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                break
            group = [first]
            last = False
            with contextlib.suppress(queue.Empty):
                while len(group) < _LARGEST_GROUP:
                    item = self._waiting.get_nowait()
                    if item is None:
                        last = True
                        break
                    group.append(item)
            self._commit(group)
            if last:
                break
        self._drop()

    def _commit(self, group: list[tuple[Work[Any], Future[Any]]]) -> None:
        live = [(work, done) for work, done in group if done.set_running_or_notify_cancel()]
        try:
            results = self._run(live)
        except DBAPIError as error:
            if len(live) == 1:
                fault = StorageFault(f"the database refused: {type(error.orig).__name__}")
                fault.__cause__ = error
                live[0][1].set_exception(fault)
                return
            # a deadlock or a lost connection broke the whole group: each once more, alone
            for item in live:
                self._commit_again(item)
            return
        except BaseException as error:
            for _, done in live:
                done.set_exception(error)
            return
        for item, (value, failure) in zip(live, results, strict=True):
            if failure is None:
                item[1].set_result(value)
            elif isinstance(failure, OperationalError):
                # a deadlock with another process took this one out: once more, alone
                self._commit_again(item)
            else:
                item[1].set_exception(failure)

    def _commit_again(self, item: tuple[Work[Any], Future[Any]]) -> None:
        done = item[1]
        value, failure = self._try(item)
        for _ in range(_DEADLOCKS):
            if not _is_deadlock(failure):
                break
            # who was let through needs a moment: two that start again at once lock each other out again
            time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311
            value, failure = self._try(item)
        if failure is None:
            done.set_result(value)
            return
        if isinstance(failure, OperationalError):
            fault = StorageFault(f"the database refused again: {type(failure.orig).__name__}")
            fault.__cause__ = failure
            failure = fault
        done.set_exception(failure)

    def _try(self, item: tuple[Work[Any], Future[Any]]) -> tuple[Any, BaseException | None]:
        try:
            [(value, failure)] = self._run([item])
        except BaseException as error:
            return None, error
        return value, failure

    def _run(self, items: list[tuple[Work[Any], Future[Any]]]) -> list[tuple[Any, BaseException | None]]:
        """One transaction. What breaks it as a whole is raised; on a connection that was lost since the last one it is run once more,
        which is safe: nothing was committed."""
        group = _Group(items)
        if self._kept is not None:
            try:
                return group.run(self._kept)
            except DBAPIError as error:
                self._drop()
                if not error.connection_invalidated or group.committing:
                    raise
        self._kept = self._writing.connect()
        try:
            return group.run(self._kept)
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            with contextlib.suppress(DBAPIError):
                kept.close()


class _Group:
    """Units of work that share one transaction."""

    def __init__(self, items: list[tuple[Work[Any], Future[Any]]]) -> None:
        self._works = [work for work, _ in items]
        self.committing = False

    def run(self, connection: Connection) -> list[tuple[Any, BaseException | None]]:
        """(result, None) or (None, what it raised) of each. Raises what broke all of them."""
        self.committing = False
        if len(self._works) == 1:
            return [self._alone(connection, self._works[0])]
        with connection.begin():
            results = [self._nested(connection, work) for work in self._works]
            self.committing = True
        return results

    def _alone(self, connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
        # the transaction is its own: a SAVEPOINT would be two round trips for nothing
        try:
            with connection.begin():
                value = work(connection)
                self.committing = True
            return value, None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return None, error
        except Exception as error:
            return None, error

    @staticmethod
    def _nested(connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
        savepoint = connection.begin_nested()
        try:
            value = work(connection)
            savepoint.commit()
            return value, None
        except DBAPIError as error:
            if error.connection_invalidated or not savepoint.is_active:
                raise
            savepoint.rollback()
            return None, error
        except Exception as error:
            savepoint.rollback()
            return None, error


def _is_deadlock(failure: BaseException | None) -> bool:
    return isinstance(failure, OperationalError) and getattr(failure.orig, "sqlstate", None) in _LOCKED_OUT
