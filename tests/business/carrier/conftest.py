"""A small carrier with one of every awkward case, and the way to ask about it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from business.carrier.load import load_file
from business.identity.types import Access
from tests.business.conftest import World

Open = Callable[..., Awaitable[Access]]
HERE = Path(__file__).parent


@pytest.fixture
async def loaded(world: World) -> World:
    await load_file(world.db, world.keyring, "demo", HERE / "awkward.yml", world.clock)
    return world


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
