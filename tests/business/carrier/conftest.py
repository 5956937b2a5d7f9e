"""A small carrier with one of every awkward case, and the way to ask about it."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from business.carrier.load import load_file
from business.identity.types import Access
from tests.business.conftest import World, open_world

Open = Callable[..., Awaitable[Access]]
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def loaded_database(empty_database: Path) -> Path:
    """Loaded once: a test gets a copy."""
    path = empty_database.with_name("loaded.db")
    shutil.copy(empty_database, path)
    world = open_world(path)
    asyncio.run(load_file(world.db, world.keyring, "demo", HERE / "awkward.yml", world.clock))
    world.db.close()
    return path


@pytest.fixture
def loaded(loaded_database: Path, tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "weiting.db"
    shutil.copy(loaded_database, path)
    world = open_world(path)
    yield world
    world.db.close()


@pytest.fixture
def opened(loaded: World) -> Open:
    """Binds by code and opens: `await opened("17900000001")`; level 2 unless told."""

    async def open_figures(phone: str, level: int = 2, openid: str = "") -> Access:
        identity, who = loaded.carrier.identity, openid or f"o{phone}"
        await identity.record_consent("demo", who, "c")
        await identity.send_code("demo", who, phone, "s")
        await identity.check_code("demo", who, phone, loaded.sms.code_for(phone), "k")
        if level < 2:
            loaded.clock.advance(600)
        return await identity.access_figures("demo", who, level, "test", "t")

    return open_figures
