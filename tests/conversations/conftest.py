"""A core over fakes, and both stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.adapters import tables as _tables  # noqa: F401  declares them
from conversations.adapters.sql_store import SqlStore
from conversations.fakes import FakeStore, bot_says
from conversations.records import Store
from runtime.database import Database, make_engine, metadata
from runtime.keys import Keyring
from tests.conversations.world import HANDS_OVER, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.brain.script = {"人工": HANDS_OVER, "两句": bot_says("一", "二"), "长": bot_says("很长。" * 400)}
    yield made
    await made.core.workers.kill()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield FakeStore()
        return
    engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    metadata.create_all(engine)
    database = Database(engine)
    yield SqlStore(database, Keyring(b"d" * 32, b"l" * 32))
    database.close()
