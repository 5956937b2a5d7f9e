"""A leader that was asleep: its machine swapped, its hypervisor paused. Nobody could show it a sign of life meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

from desk.events import QUEUE_CHANGED
from desk.model import AgentStatus
from tests.desk.seen import agent_state
from tests.desk.world import World


async def _until(look: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(200):
        if await look():
            return True
        await asyncio.sleep(0.01)
    return False


async def _round(world: World) -> None:
    """Wakes the running router and lets it have its round."""
    before = await world.desk.newest_event()
    world.router.note({"kind": QUEUE_CHANGED, "account": "demo", "conversation_id": None})

    async def told() -> bool:
        return await world.desk.newest_event() > before

    assert await _until(told)
    await asyncio.sleep(0.05)


async def test_who_slept_longer_than_an_agents_lease_takes_nobody_for_lost(world: World) -> None:
    agent = await world.online("lin")
    await world.router.start()
    try:
        await _round(world)
        world.clock.advance(world.settings.agent_lease_s + 4)
        await _round(world)
        assert (await agent_state(world, agent)).status == AgentStatus.ONLINE
        # awake again, it counts a whole lease from then on
        for _ in range(7):
            world.clock.advance(world.settings.agent_lease_s / 6)
            await _round(world)
        assert (await agent_state(world, agent)).status == AgentStatus.OFFLINE
    finally:
        await world.router.stop()
