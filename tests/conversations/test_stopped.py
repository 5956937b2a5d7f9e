"""A channel that sends nothing for now: nothing is tried, nothing is lost, and all of it follows in order."""

import pytest

from conversations.fake_channels import FakeChannel
from conversations.model import Address, Passive, Refused, Sent, Status, Stopped, Unknown
from conversations.purse import MESSAGE_COUNT
from tests.conversations.world import LAO, XIAO, World, told

SHUT = Stopped("45009")


async def _serve(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()


async def _sweep(world: World) -> None:
    await world.core.sweeper.sweep()
    await world.settle()


async def test_what_is_said_while_it_is_stopped_is_held_uncharged_and_follows_in_order(world: World) -> None:
    await _serve(world)
    world.channel.stop = SHUT
    for number in range(3):
        await world.agent_says(f"第 {number} 句", f"k{number}")
    assert world.channel.attempts == []
    assert [(row.status, row.reason) for row in world.outbound()[-3:]] == [(Status.HELD, "stopped.45009")] * 3
    assert world.conversation().purse.message_used == 0
    await _sweep(world)
    assert world.channel.attempts == []
    world.channel.stop = None
    await _sweep(world)
    assert told(world) == ["第 0 句", "第 1 句", "第 2 句"]
    assert world.conversation().purse.message_used == 3


async def test_the_message_that_found_out_is_held_too_and_costs_nothing(world: World) -> None:
    await _serve(world)
    world.channel.results = [Refused("45009", "stop")]
    await world.agent_says("一", "k1")
    assert (world.outbound()[-1].status, world.outbound()[-1].reason) == (Status.HELD, "stopped.45009")
    assert world.conversation().purse.message_used == 0
    await world.agent_says("二", "k2")
    assert len(world.channel.attempts) == 1
    await _sweep(world)
    assert told(world) == ["一", "二"]


async def test_a_passive_reply_carries_what_was_held(world: World) -> None:
    await _serve(world)
    world.channel.stop = SHUT
    await world.agent_says("一", "k1")
    assert await world.say("在吗", hold_s=0.5) == Passive("一")
    world.channel.stop = None
    await _sweep(world)
    assert told(world) == []


async def test_the_subscribers_message_does_not_open_the_channel(world: World) -> None:
    await _serve(world)
    world.channel.stop = SHUT
    await world.agent_says("一", "k1")
    await world.say("在吗", hold_s=0)
    await world.settle()
    assert world.channel.attempts == []
    world.channel.stop = None
    await _sweep(world)
    assert told(world) == ["一"]


async def test_on_trial_one_conversation_goes_first_and_that_the_one_that_waits_longest(world: World) -> None:
    world.channel.stop = SHUT
    for who in (LAO, XIAO):
        await world.say("两句", who, hold_s=0)
        world.clock.advance(7)
        await _sweep(world)
    assert world.channel.attempts == []
    world.channel.stop = Stopped("45009", trial=True)
    world.channel.results = [Refused("45009", "stop"), Refused("45009", "stop")]
    await _sweep(world)
    assert 1 <= len(world.channel.attempts) <= 2
    assert world.channel.texts(LAO) == world.channel.texts(XIAO) == []
    world.channel.results = []
    await _sweep(world)
    assert world.channel.texts(LAO) == ["一", "二"]
    assert world.channel.texts(XIAO) == []
    world.channel.stop = None
    await _sweep(world)
    assert world.channel.texts(XIAO) == ["一", "二"]


async def test_what_the_purse_holds_stays_held_when_the_channel_opens(world: World) -> None:
    await _serve(world)
    for number in range(MESSAGE_COUNT + 1):
        await world.agent_says(str(number), f"k{number}")
    world.channel.stop = SHUT
    await world.agent_says("后", "k9")
    world.channel.stop = None
    await _sweep(world)
    assert told(world) == [str(number) for number in range(MESSAGE_COUNT)]
    assert [row.status for row in world.outbound()[-2:]] == [Status.HELD] * 2
    assert await world.say("在", hold_s=0.5) == Passive(f"{MESSAGE_COUNT}\n\n后")


async def test_another_process_frees_what_a_dead_one_held(world: World) -> None:
    await _serve(world)
    world.channel.stop = SHUT
    await world.agent_says("一", "k1")
    await world.core.workers.kill()
    world.channel.stop = None
    world.core = world.new_core()
    await _sweep(world)
    assert told(world) == ["一"]


class TwoWays:
    """An account that reaches its people by two channels."""

    def __init__(self, xiao: FakeChannel, others: FakeChannel) -> None:
        self.xiao, self.others = xiao, others

    def of(self, address: Address) -> FakeChannel:
        return self.xiao if address == XIAO else self.others


@pytest.mark.parametrize(("stop", "went"), [(SHUT, []), (Stopped("45009", trial=True), ["一", "二"])])
async def test_of_two_channels_of_an_account_each_holds_only_its_own(world: World, stop: Stopped, went: list[str]) -> None:
    ways = TwoWays(FakeChannel(stop=SHUT), FakeChannel(stop=SHUT))
    world.core = world.new_core(ways)
    for who in (XIAO, LAO):
        await world.say("两句", who, hold_s=0)
        world.clock.advance(7)
        await _sweep(world)
    assert ways.xiao.attempts == ways.others.attempts == []
    ways.xiao.stop, ways.others.stop = stop, None
    await _sweep(world)
    assert ways.others.texts(LAO) == ["一", "二"]
    assert ways.xiao.texts(XIAO) == went


@pytest.mark.parametrize(("result", "used"), [(Sent(messages=3), 3), (Unknown("1 of 2 parts", messages=2), 2), (Sent(), 1)])
async def test_a_bubble_that_became_several_messages_is_charged_as_many(world: World, result: Sent | Unknown, used: int) -> None:
    await _serve(world)
    world.channel.results = [result]
    await world.agent_says("很长", "k1")
    assert world.conversation().purse.message_used == used


async def test_a_channel_without_push_is_not_asked_whether_it_is_stopped() -> None:
    world = World(channel=FakeChannel(can_push=False, stop=SHUT))
    assert await world.say("一") == Passive("echo: 一")
