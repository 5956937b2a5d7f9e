"""Callbacks that hung up, workers that died: nothing is told to nobody, and nothing waits for them."""

import asyncio
from dataclasses import replace

import pytest

from conversations.fakes import FakeBrain
from conversations.model import Deferred, Passive, Status
from conversations.purse import MESSAGE_COUNT
from conversations.rows import Reply
from tests.conversations.world import SETTINGS, XIAO, World, told


async def _hang_up(world: World, text: str, key: str) -> None:
    """A callback whose connection dies while the bot thinks; the turn is made after that."""
    world.brain.gate = asyncio.Event()
    inbound_id = await world.accept(text, key=key)
    caller = asyncio.create_task(world.core.inbox.outcome(inbound_id, 5.0))
    await world.settle()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    world.brain.gate.set()
    await world.settle()


async def test_no_passive_reply_is_handed_to_a_caller_who_hung_up(world: World) -> None:
    await _hang_up(world, "查话费", "gone")
    assert world.inbound()[0].reply == Reply.OPEN
    assert [row.status for row in world.outbound()] == [Status.QUEUED]
    # WeChat's repeat fetches it
    assert await world.say("查话费", key="gone") == Passive("echo: 查话费")


async def test_one_who_hangs_up_does_not_take_the_reply_from_one_who_waits(world: World) -> None:
    world.brain.gate = asyncio.Event()
    inbound_id = await world.accept("查话费", key="gone")
    first, second = (asyncio.create_task(world.core.inbox.outcome(inbound_id, 5.0)) for _ in range(2))
    await world.settle()
    first.cancel()
    world.brain.gate.set()
    assert await second == Passive("echo: 查话费")


async def test_a_reply_nobody_fetches_does_not_stop_the_next_one(world: World) -> None:
    await _hang_up(world, "一", "gone")
    # WeChat may still ask again: order is kept, and the newer answer waits
    assert await world.say("二") == Deferred()
    world.clock.advance(6)
    assert await world.say("三") == Passive("echo: 三")
    assert told(world) == ["echo: 一", "echo: 二"]
    # and a repeat that comes after all has nothing left to say
    assert await world.say("一", key="gone") == Deferred()
    assert told(world) == ["echo: 一", "echo: 二"]


async def test_a_reply_nobody_fetches_is_sent_by_the_next_sweep(world: World) -> None:
    await _hang_up(world, "一", "gone")
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == []
    world.clock.advance(6)
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == ["echo: 一"]


@pytest.mark.parametrize(("alone", "answered"), [(True, ["done"]), (False, ["new"])])
async def test_a_process_that_is_alone_does_not_wait_for_the_leases_of_the_dead_one(alone: bool, answered: list[str]) -> None:
    world = World(brain=FakeBrain(gate=asyncio.Event()), settings=replace(SETTINGS, alone=alone, behind_s=0.0))
    await world.accept("查话费")
    await world.settle()
    await world.core.workers.kill()
    world.brain.gate = None
    world.core = world.new_core()
    await world.core.start()
    try:
        await world.settle()
        assert [row.status for row in world.inbound()] == answered
        assert world.core.counts["lanes_freed"] == (1 if alone else 0)
    finally:
        await world.core.stop()


async def test_what_is_on_its_way_while_the_subscriber_writes_is_paid_by_the_new_filling(world: World) -> None:
    await world.say("一", hold_s=0)
    await world.settle()
    world.channel.gate = asyncio.Event()
    await world.say("二", hold_s=0)
    await world.settle()
    assert [row.status for row in world.outbound()][-1] == Status.SENDING
    await world.accept("三")
    assert world.conversation(XIAO).purse.message_used == 1
    world.channel.gate.set()
    await world.settle()
    # the callback of the third is open: its answer is not sent, so no more than the one on its way is paid for
    assert world.conversation(XIAO).purse.message_used == 1 < MESSAGE_COUNT
