"""A world of its own for every test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from desk.settings import DeskSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock
from tests.desk.world import World
from tests.servers import open_database


@contextmanager
def fresh_world(url: str) -> Iterator[World]:
    """A desk with nobody at it, over an empty database."""
    db = open_database(url)
    try:
        yield World(url, FakeClock(), LocalBus(), db, DeskSettings())
    finally:
        db.close()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The same, for one test."""
    with fresh_world(database_url) as made:
        yield made
