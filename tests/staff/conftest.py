"""The desk's world, and the app over it."""

from collections.abc import AsyncIterator

import pytest

from tests.desk.conftest import world
from tests.desk.world import World
from tests.staff.served import Caller, Served, serve

__all__ = ["served", "world"]


@pytest.fixture
async def served(world: World) -> AsyncIterator[Served]:  # noqa: F811 a fixture is asked for by its name
    """The staff app, listening."""
    async with serve(world) as running:
        yield running


@pytest.fixture
async def taken(served: Served) -> tuple[Caller, str]:
    """An agent and the conversation in their hands."""
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    assert (await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})).status == 200
    return agent, conversation
