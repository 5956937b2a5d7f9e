"""What leaves, how and in which order, on the fakes."""

import asyncio
from dataclasses import replace
from functools import partial

from conversations.fake_channels import FakeChannel
from conversations.model import Deferred, Passive, Refused, Sent, Status, Unknown
from conversations.records import Records
from conversations.rows import Reply
from tests.conversations.world import BACK, HANDS_OVER, SETTINGS, XIAO, World, tables, told


async def test_bubbles_are_merged_into_one_passive_reply(world: World) -> None:
    assert await world.say("两句") == Passive("一\n\n二")


async def test_what_does_not_fit_follows_as_messages_in_order(world: World) -> None:
    assert await world.say("长") == Deferred()
    await world.settle()
    assert len(told(world)) == 2
    assert "".join(told(world)) == "很长。" * 400


async def test_a_slow_bot_answers_later_and_its_bubbles_stay_apart(world: World) -> None:
    world.brain.gate = asyncio.Event()
    assert await world.say("两句", hold_s=0) == Deferred()
    assert told(world) == []
    world.brain.gate.set()
    await world.settle()
    assert told(world) == ["一", "二"]


async def test_what_an_agent_said_goes_out_though_the_chat_was_resolved_meanwhile(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.gate = asyncio.Event()
    await world.agent_says("一", "k1")
    await world.agent_says("二", "k2")
    await world.agent_resolves()
    world.channel.gate.set()
    await world.settle()
    assert told(world) == ["一", "二", BACK]


async def test_an_empty_purse_holds_and_the_next_message_frees(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    for number in range(7):
        await world.agent_says(f"第 {number} 句", f"k{number}")
    assert told(world) == [f"第 {number} 句" for number in range(5)]
    assert [row.status for row in world.outbound()[-2:]] == [Status.HELD] * 2
    assert await world.say("在", hold_s=0.5) == Passive("第 5 句\n\n第 6 句")


async def test_held_messages_that_do_not_fit_are_sent_in_order(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    for number in range(8):
        await world.agent_says(str(number) * 900, f"k{number}")
    assert await world.say("在", hold_s=0.5) == Deferred()
    await world.settle()
    assert told(world) == [str(number) * 900 for number in range(8)]


async def test_after_48_hours_nothing_leaves_until_the_subscriber_writes(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.clock.advance(48 * 3600)
    await world.agent_says("抱歉久等", "k1")
    assert told(world) == []
    assert world.outbound()[-1].reason == "out_of_window"


async def test_notices_leave_three_for_the_agent() -> None:
    world = World(channel=FakeChannel(passive_bytes=0))
    world.brain.script = {"人工": HANDS_OVER}
    await world.say("", kind="event", name="subscribe", refill="tap")
    await world.say("人工")
    await world.settle()
    for _ in range(4):
        await world.store.write(partial(_tell_position, world))
        await world.wake(world.conversation().conversation_id)
    used = world.conversation().purse.message_used
    assert used == 2
    assert world.outbound()[-1].status == Status.DROPPED


def _tell_position(world: World, records: Records) -> None:
    turn = replace(next(iter(tables(world).turns.values())), inbound_id="i_other")
    records.save_conversation(world.core.transitions.tell_position(records, world.conversation(), turn, world.clock.now()))


async def test_what_wechat_refuses_is_written_down(world: World) -> None:
    world.channel.results = [Refused("40003", "drop"), Unknown("timeout"), Sent()]
    await world.say("人工")
    await world.agent_takes()
    for number in range(3):
        await world.agent_says(f"第 {number} 句", f"k{number}")
    assert [(row.status, row.reason) for row in world.outbound()[1:]] == [
        (Status.REFUSED, "40003"), (Status.UNKNOWN, "timeout"), (Status.SENT, None),
    ]  # fmt: skip
    world.clock.advance(120)
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == ["第 2 句"]


async def test_a_busy_channel_is_asked_again_and_order_is_kept(world: World) -> None:
    world.channel.results = [Refused("-1", "later")]
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("一", "k1")
    await world.agent_says("二", "k2")
    assert told(world) == []
    world.clock.advance(5)
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == ["一", "二"]
    assert world.conversation().purse.message_used == 2


async def test_a_channel_that_stays_busy_is_given_up_until_the_next_message(world: World) -> None:
    world.channel.results = [Refused("-1", "later")] * 10
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("一", "k1")
    for _ in range(10):
        world.clock.advance(60)
        await world.core.sweeper.sweep()
        await world.settle()
    assert (world.outbound()[-1].status, world.outbound()[-1].attempts) == (Status.HELD, SETTINGS.send_attempts)
    world.channel.results = []
    assert await world.say("在", hold_s=0.5) == Passive("一")


async def test_when_wechat_says_empty_it_is_believed(world: World) -> None:
    world.channel.results = [Refused("45047", "hold")]
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("一", "k1")
    await world.agent_says("二", "k2")
    assert [row.status for row in world.outbound()[1:]] == [Status.HELD] * 2
    assert len(world.channel.attempts) == 1


async def test_a_channel_without_passive_replies_gets_messages() -> None:
    world = World(channel=FakeChannel(passive_bytes=0))
    assert await world.say("两句", hold_s=0.5) == Deferred()
    await world.settle()
    assert told(world) == ["echo: 两句"]


async def test_a_callback_in_another_process_does_not_overtake_what_is_on_its_way(world: World) -> None:
    """The agent's words are being sent by one process when another decides the reply of a message whose turn is done."""
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("一", "k1")
    row = world.outbound()[-1]
    inbound_id = await world.accept("在吗")
    await world.settle()
    message = replace(world.inbound()[-1], reply=Reply.OPEN)

    def stage(records: Records) -> None:
        records.save_inbound(message)
        records.save_outbound(replace(row, status=Status.SENDING))
        records.add_outbound([replace(row, outbound_id="m_x", client_id="k2", position=99, status=Status.QUEUED, text="二")])

    await world.store.write(stage)
    assert await world.new_core().inbox.outcome(inbound_id, 0) == Deferred()


async def test_an_answer_does_not_overtake_one_whose_callback_still_waits_elsewhere(world: World) -> None:
    first = await world.accept("一")
    await world.settle()
    unanswered = replace(world.inbound()[0], reply=Reply.OPEN, passive_text=None)
    bubble = replace(world.outbound()[0], status=Status.QUEUED)

    def stage(records: Records) -> None:
        records.save_inbound(unanswered)
        records.save_outbound(bubble)

    await world.store.write(stage)
    assert await world.say("二") == Deferred()
    assert told(world) == []
    assert await world.new_core().inbox.outcome(first, 0) == Passive("echo: 一\n\necho: 二")


async def test_typing_reaches_the_channel(world: World) -> None:
    await world.say("查话费")
    await world.core.typing(world.conversation().conversation_id)
    await world.core.typing("c_nobody")
    assert world.channel.typed == [XIAO]
