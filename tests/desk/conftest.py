"""A world of its own for every test; the tables are made once and copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desk.settings import DeskSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock
from tests.desk.world import World, make_empty, open_database


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    make_empty(path)
    return path


@contextmanager
def fresh_world(empty: Path, folder: Path) -> Iterator[World]:
    """A desk with nobody at it."""
    path = folder / "desk.db"
    shutil.copy(empty, path)
    db = open_database(path)
    try:
        yield World(path, FakeClock(), LocalBus(), db, DeskSettings())
    finally:
        db.close()


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    """The same, for one test."""
    with fresh_world(empty_database, tmp_path) as made:
        yield made
