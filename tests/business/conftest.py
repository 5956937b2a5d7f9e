"""A database with business's tables for each test: made once, copied."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event

import business.carrier.tables
import business.identity.tables
from business.carrier.composer import Carrier, compose_carrier
from business.sms.fakes import FakeSms
from runtime.clock import FakeClock
from runtime.database import Database, make_engine, metadata
from runtime.keys import Keyring


@dataclass(frozen=True)
class World:
    """A carrier over a real database, with a clock and a gateway in the test's hands."""

    path: Path
    db: Database
    keyring: Keyring
    clock: FakeClock
    sms: FakeSms
    carrier: Carrier


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("business") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    ours = [table for name, table in metadata.tables.items() if name.startswith(("carrier_", "identity_"))]
    assert {business.identity.tables.binding, business.carrier.tables.line} <= set(ours)
    metadata.create_all(engine, ours)
    engine.dispose()
    return path


def open_world(path: Path) -> World:
    """The carrier over that file. The caller closes its `db`."""
    engine = make_engine(f"sqlite:///{path}")
    # these tests pull no plug: no fsync
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    db = Database(engine)
    keyring, clock, sms = Keyring(b"d" * 32, b"l" * 32), FakeClock(), FakeSms()
    return World(path, db, keyring, clock, sms, compose_carrier(db, keyring, clock, sms))


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "weiting.db"
    shutil.copy(empty_database, path)
    world = open_world(path)
    yield world
    world.db.close()
