"""A small carrier with one of every awkward case, and the way to ask about it."""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from business.carrier.load import load_file
from business.identity.types import Access
from tests.business.conftest import World, open_world
from tests.servers import Postgres

Open = Callable[..., Awaitable[Access]]
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def loaded_sqlite(empty_sqlite: Path) -> Path:
    """Loaded once: a test gets a copy."""
    path = empty_sqlite.with_name("loaded.db")
    shutil.copy(empty_sqlite, path)
    _load(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def loaded_postgres(postgres_server: Postgres, migrated: str) -> Iterator[str]:
    """The same on the server."""
    url = postgres_server.make(migrated)
    _load(url)
    yield url
    postgres_server.drop(url)


def _load(url: str) -> None:
    world = open_world(url)
    asyncio.run(load_file(world.db, world.keyring, "demo", HERE / "awkward.yml", world.clock))
    world.db.close()


@pytest.fixture
def loaded(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        if database_kind == "sqlite":
            path = tmp_path / "weiting.db"
            shutil.copy(request.getfixturevalue("loaded_sqlite"), path)
            url = f"sqlite:///{path}"
        else:
            server: Postgres = request.getfixturevalue("postgres_server")
            url = server.make(request.getfixturevalue("loaded_postgres"))
            stack.callback(server.drop, url)
        world = open_world(url)
        stack.callback(world.db.close)
        yield world


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
