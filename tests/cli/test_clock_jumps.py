"""The wall clock is set an hour forward or back in the middle of things: each message is answered once, nobody is stuck."""

from collections.abc import AsyncIterator

import pytest

from conversations.model import Owner, Passive, Refused, Status
from tests.conversations.world import HANDS_OVER, SETTINGS, World, told

HOURS = pytest.mark.parametrize("hour", [3600.0, -3600.0])


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.brain.script = {"人工": HANDS_OVER}
    yield made
    await made.core.workers.kill()


@HOURS
async def test_turns_go_on(world: World, hour: float) -> None:
    assert await world.say("一") == Passive("echo: 一")
    world.clock.jump(hour)
    assert await world.say("二") == Passive("echo: 二")
    world.clock.jump(-hour)
    assert await world.say("三") == Passive("echo: 三")
    assert [row.status for row in world.outbound()] == [Status.HANDED_OVER] * 3


@HOURS
async def test_a_bubble_put_off_leaves_after_its_pause_and_not_an_hour_later(world: World, hour: float) -> None:
    world.channel.results = [Refused("-1", "later")]
    await world.say("一", hold_s=0)
    await world.settle()
    assert told(world) == []
    world.clock.jump(hour)
    world.clock.advance(SETTINGS.retry_s + 0.1)
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == ["echo: 一"]


@HOURS
async def test_who_waits_keeps_waiting_or_gets_a_ticket_and_is_never_lost(world: World, hour: float) -> None:
    await world.say("人工")
    assert world.conversation().owner == Owner.WAITING
    world.clock.jump(hour)
    await world.core.sweeper.sweep()
    await world.settle()
    assert await world.core.sweeper.audit() == 0
    row = world.conversation()
    if hour > 0:
        # the half hour that one waits at most has passed on the clock: a ticket instead
        assert row.owner == Owner.BOT
        assert len(told(world)) == 1
    else:
        assert (row.owner, row.deadline is not None) == (Owner.WAITING, True)
    assert isinstance(await world.say("还在吗"), Passive)


@HOURS
async def test_an_agent_keeps_the_chat_that_is_being_served(world: World, hour: float) -> None:
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("您好", "c1")
    world.clock.jump(hour)
    await world.say("我的话费不对", hold_s=0)
    await world.core.sweeper.sweep()
    await world.agent_says("我看一下", "c2")
    await world.settle()
    assert world.conversation().owner == Owner.AGENT
    assert told(world)[-2:] == ["您好", "我看一下"]
    assert world.brain.requests[-1].text == "人工"
