"""A Redis that answers and refuses: nothing waits for it, nothing breaks by it, and the doctor says it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from cli.checks.finding import Level
from cli.checks.redis import check_redis
from runtime.bus import RedisBus
from tests.cli.conftest import Make
from tests.conversations.world import HANDS_OVER, World
from tests.servers import CannotStart, run_redis

pytestmark = pytest.mark.slow


@pytest.fixture
def redis() -> Iterator[tuple[str, Redis]]:
    """A server of its own: these tests spoil it."""
    try:
        with run_redis() as url, Redis.from_url(url) as client:
            yield url, client
    except CannotStart as error:
        pytest.skip(f"left out: {error}")


def _allow(client: Redis, *, publish: bool) -> None:
    client.execute_command(f"ACL SETUSER default {'+' if publish else '-'}publish")  # type: ignore[no-untyped-call]


async def test_wake_ups_that_are_refused_cost_no_answer(redis: tuple[str, Redis]) -> None:
    url, client = redis
    _allow(client, publish=False)
    bus = RedisBus(url)
    world = World(bus=bus)  # type: ignore[arg-type]
    world.brain.script = {"人工": HANDS_OVER}
    await world.core.start()
    began = time.monotonic()
    for number in range(20):
        assert (await world.say(str(number))).text == f"echo: {number}"  # type: ignore[union-attr]
    assert time.monotonic() - began < 5
    # the desk's pages are told of the change of hands, in vain
    await world.say("人工")
    async with asyncio.timeout(5):
        while not bus.lost:
            await asyncio.sleep(0.01)
    _allow(client, publish=True)
    time.sleep(1.1)
    lost = bus.lost
    await bus.publish("lane", {})
    assert (bus.lost, bus.is_away) == (lost, False)
    await world.core.stop()
    await bus.close()


async def test_a_full_redis_still_carries_wake_ups_and_the_doctor_says_it(redis: tuple[str, Redis], make_deployment: Make) -> None:
    url, client = redis
    client.config_set("maxmemory", 1)
    client.config_set("maxmemory-policy", "noeviction")
    bus = RedisBus(url)
    await bus.publish("lane", {"conversation_id": "c"})
    assert (bus.lost, bus.is_away) == (0, False)
    await bus.close()
    owner = make_deployment()
    owner = replace(owner, settings=replace(owner.settings, redis_url=url))
    found = list(await check_redis(owner))
    assert [one.level for one in found] == [Level.OK, Level.WARN]
    _allow(client, publish=False)
    (refused,) = await check_redis(owner)
    assert refused.level is Level.BAD
    assert "publish" in refused.said
