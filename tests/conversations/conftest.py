"""A core over fakes, and every store."""

from collections.abc import AsyncIterator

import pytest

from conversations.adapters.sql_store import SqlStore
from conversations.fakes import FakeStore, bot_says
from conversations.records import Store
from runtime.keys import Keyring
from tests.conversations.world import HANDS_OVER, World
from tests.servers import ON_SERVER, MakeDatabase, open_database


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.brain.script = {"人工": HANDS_OVER, "两句": bot_says("一", "二"), "长": bot_says("很长。" * 400)}
    yield made
    await made.core.workers.kill()


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
async def store(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield FakeStore()
        return
    database = open_database(make_database(request.param))
    yield SqlStore(database, Keyring(b"d" * 32, b"l" * 32))
    database.close()
