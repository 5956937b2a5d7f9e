"""Small states shared by all processes that serve an account: read, and changed one after the other.

They lie in the database, because Redis may be emptied or away at any moment and the bounds on calls must hold even then; nothing is
sent without the database anyway.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from connectors.wechat.tables import wechat_state
from runtime.database import Database
from runtime.errors import StorageFault

T = TypeVar("T")
State = dict[str, Any]
Change = Callable[[State], tuple[State, T]]

_C = wechat_state.c


class Cell(Protocol):
    """One state. An empty one is {}."""

    async def read(self) -> State:
        """As it is now. Raises StorageFault."""

    async def change(self, change: Change[T]) -> T:
        """Replaces it by what `change` makes of it, no other change in between, and answers the second half. Raises StorageFault."""


class Cells(Protocol):
    """Where an account's states are."""

    def cell(self, account: str, name: str) -> Cell:
        """By its name."""


class MemoryCell:
    """One process's own; the fake, and what a sender without a database works with."""

    def __init__(self) -> None:
        self._state: State = {}

    async def read(self) -> State:
        return dict(self._state)

    async def change(self, change: Change[T]) -> T:
        self._state, result = change(dict(self._state))
        return result


class MemoryCells:
    """Those of one process, or of a test's several."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], MemoryCell] = {}

    def cell(self, account: str, name: str) -> Cell:
        return self._cells.setdefault((account, name), MemoryCell())


class DatabaseCell:
    """A row of wechat_state."""

    def __init__(self, db: Database, account: str, name: str) -> None:
        self._db = db
        self._account = account
        self._name = name
        self._mine = (_C.account == account, _C.name == name)

    async def read(self) -> State:
        try:
            return await self._db.read(lambda connection: _state(connection.execute(select(_C.body).where(*self._mine)).scalar()))
        except SQLAlchemyError as error:
            raise StorageFault(f"the database did not answer: {type(error).__name__}") from error

    async def change(self, change: Change[T]) -> T:
        return await self._db.write(lambda connection: self._change(connection, change))

    def _change(self, connection: Connection, change: Change[T]) -> T:
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        empty = {"account": self._account, "name": self._name, "body": {}}
        connection.execute(kind.insert(wechat_state).values(empty).on_conflict_do_nothing())
        before = connection.execute(select(_C.body).where(*self._mine).with_for_update()).scalar()
        after, result = change(_state(before))
        connection.execute(update(wechat_state).where(*self._mine).values(body=after))
        return result


class DatabaseCells:
    """Those of a deployment."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def cell(self, account: str, name: str) -> Cell:
        return DatabaseCell(self._db, account, name)


def read_states(connection: Connection, account: str) -> dict[str, State]:
    """All of an account's, by name; for whoever only looks. None before the first start."""
    if not inspect(connection).has_table(wechat_state.name):
        return {}
    rows = connection.execute(select(_C.name, _C.body).where(_C.account == account))
    return {str(name): _state(body) for name, body in rows}


def _state(body: object) -> State:
    return dict(body) if isinstance(body, dict) else {}
