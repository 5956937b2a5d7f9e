"""A core over fakes, and every store."""

from collections.abc import AsyncIterator

import pytest

from conversations.adapters.sql_store import SqlStore
from conversations.fake_channels import FakeChannel
from conversations.fakes import FakeStore, bot_says
from conversations.records import Store
from runtime.keys import Keyring
from tests.conversations.invariants import Watch, check_owners
from tests.conversations.world import HANDS_OVER, World, tables
from tests.servers import ON_SERVER, MakeDatabase, open_database


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.brain.script = {"人工": HANDS_OVER, "两句": bot_says("一", "二"), "长": bot_says("很长。" * 400)}
    yield made
    await made.core.workers.kill()


async def _world(can_push: bool = True) -> AsyncIterator[World]:
    made = World(channel=FakeChannel(native_desk=True, can_push=can_push))
    made.brain.script = {"人工": HANDS_OVER, "两句": bot_says("一", "二")}
    watch = Watch(made.clock.monotonic, made.settings.lease_s)
    made.store.on_commit = watch.look  # type: ignore[attr-defined]
    yield made
    await made.settle()
    check_owners(tables(made))
    watch.check(tables(made))
    assert await made.core.sweeper.audit() == 0
    await made.core.workers.kill()


@pytest.fixture
async def desk() -> AsyncIterator[World]:
    """An account whose people sit at the channel's own desk."""
    async for made in _world():
        yield made


@pytest.fixture
async def quiet() -> AsyncIterator[World]:
    """The same, and it may not send."""
    async for made in _world(can_push=False):
        yield made


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
async def store(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield FakeStore()
        return
    database = open_database(make_database(request.param))
    yield SqlStore(database, Keyring(b"d" * 32, b"l" * 32))
    database.close()
