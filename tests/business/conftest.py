"""A database with business's tables for each test."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from business.carrier.composer import Carrier, compose_carrier
from business.sms.fakes import FakeSms
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.keys import Keyring
from tests.servers import open_database


@dataclass(frozen=True)
class World:
    """A carrier over a real database, with a clock and a gateway in the test's hands."""

    url: str
    db: Database
    keyring: Keyring
    clock: FakeClock
    sms: FakeSms
    carrier: Carrier


def open_world(url: str) -> World:
    """The carrier over that database. The caller closes its `db`."""
    db = open_database(url)
    keyring, clock, sms = Keyring(b"d" * 32, b"l" * 32), FakeClock(), FakeSms()
    return World(url, db, keyring, clock, sms, compose_carrier(db, keyring, clock, sms))


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = open_world(database_url)
    yield world
    world.db.close()
