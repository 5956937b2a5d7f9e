"""A world of its own for every test; the tables are made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.settings import DeskSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock
from runtime.database import Database, make_engine
from tests.desk.world import World, make_empty


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    make_empty(path)
    return path


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    """A desk with nobody at it."""
    path = tmp_path / "desk.db"
    shutil.copy(empty_database, path)
    db = Database(make_engine(f"sqlite:///{path}"))
    yield World(path, FakeClock(), LocalBus(), db, DeskSettings())
    db.close()
