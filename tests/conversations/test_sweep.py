"""What nobody woke anyone for."""

from dataclasses import replace

import pytest

from conversations.fake_channels import FakeChannel
from conversations.fakes import FakeStore
from conversations.model import BotAnswer, Owner, Passive, Status, Transfer
from conversations.rows import DeskKind, HandoffStatus, Reply
from tests.conversations.world import ASKED, HANDS_OVER, LAO, SETTINGS, TEXTS, XIAO, World


@pytest.fixture
def world() -> World:
    made = World()
    made.brain.script = {"人工": BotAnswer(("好的。",), {}, "handoff", None, ASKED)}
    return made


def handoff_of(world: World, who: object = XIAO):  # type: ignore[no-untyped-def]
    assert isinstance(world.store, FakeStore)
    name = next(row.conversation_id for row in world.store.tables.conversations.values() if row.address == who)
    return next(row for row in world.store.tables.handoffs.values() if row.conversation_id == name)


async def sweep(world: World) -> None:
    await world.core.sweeper.sweep()
    await world.settle()


async def test_a_message_whose_wake_up_was_lost_is_found(world: World) -> None:
    await world.accept("查话费")
    await world.core.workers.kill()
    world.core = world.new_core()
    world.clock.advance(SETTINGS.behind_s)
    await sweep(world)
    assert [row.status for row in world.inbound()] == ["done"]
    world.clock.advance(SETTINGS.longest_hold_s)
    await sweep(world)
    assert world.inbound()[0].reply == Reply.DEFERRED
    assert world.channel.texts(XIAO) == ["echo: 查话费"]


async def test_who_waits_too_long_gets_a_ticket(world: World) -> None:
    await world.say("人工")
    world.clock.advance(SETTINGS.queue_timeout_s)
    await sweep(world)
    assert world.conversation().owner == Owner.BOT
    handoff = handoff_of(world)
    assert handoff.status == HandoffStatus.TIMED_OUT
    assert world.channel.texts(XIAO) == [TEXTS.say("timed_out", ticket=handoff.ticket)]
    await world.say("好吧")
    assert world.brain.requests[-1].events == ({"kind": "queue_timed_out", "ticket": handoff.ticket},)


async def test_a_chat_that_an_agent_forgot_goes_back_to_the_bot(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.clock.advance(SETTINGS.agent_idle_s - 1)
    await world.say("在吗", hold_s=0)
    world.clock.advance(2)
    await sweep(world)
    assert world.conversation().owner == Owner.AGENT
    world.clock.advance(SETTINGS.agent_idle_s)
    await sweep(world)
    assert world.conversation().owner == Owner.BOT


async def test_who_comes_to_the_front_is_told_once(world: World) -> None:
    await world.say("人工", LAO)
    await world.say("人工")
    await sweep(world)
    assert world.channel.texts(XIAO) == []
    await world.agent_takes(LAO)
    await sweep(world)
    await sweep(world)
    assert world.channel.texts(XIAO) == [TEXTS.say("next_in_line")]
    assert world.channel.texts(LAO) == []


async def test_being_next_is_not_told_late(world: World) -> None:
    """With nothing left beside what is kept for the agent the notice is dropped, not held: it would come when it is no longer true."""
    await world.say("人工", LAO)
    await world.say("人工")
    row = world.conversation()
    await world.store.write(lambda records: records.save_conversation(replace(row, purse=replace(row.purse, message_used=2))))
    await world.agent_takes(LAO)
    await sweep(world)
    assert world.outbound()[-1].status == Status.DROPPED
    assert world.outbound()[-1].reason == "kept_for_agent"


@pytest.mark.parametrize(
    ("break_it", "owner"),
    [
        (lambda row, handoff: (replace(row, deadline=None), handoff), Owner.WAITING),
        (lambda row, handoff: (row, replace(handoff, status=HandoffStatus.LEFT)), Owner.BOT),
        (lambda row, handoff: (replace(row, owner=Owner.AGENT), handoff), Owner.WAITING),
        (lambda row, handoff: (replace(row, owner=Owner.AGENT), replace(handoff, status=HandoffStatus.ASSIGNED)), Owner.WAITING),
        (lambda row, handoff: (replace(row, owner=Owner.BOT), handoff), Owner.BOT),
    ],
)
async def test_the_audit_mends_and_counts(world: World, break_it, owner: Owner) -> None:  # type: ignore[no-untyped-def]
    await world.say("人工")
    assert await world.core.sweeper.audit() == 0
    row, handoff = break_it(world.conversation(), handoff_of(world))

    def damage(records) -> None:  # type: ignore[no-untyped-def]
        records.save_conversation(row)
        records.save_handoff(handoff)

    await world.store.write(damage)
    assert await world.core.sweeper.audit() == 1
    assert world.core.counts["audit_mended"] == 1
    assert world.conversation().owner == owner
    assert await world.core.sweeper.audit() == 0
    if owner == Owner.BOT:
        assert await world.say("查话费") == Passive("echo: 查话费")
    elif owner == Owner.NATIVE:
        assert await world.say("在吗") == Transfer("general")
    else:
        await world.agent_takes()
        assert world.conversation().owner == Owner.AGENT


@pytest.mark.parametrize(
    ("break_it", "owner"),
    [
        (lambda row, handoff: (replace(row, deadline=None), handoff), Owner.NATIVE),
        (lambda row, handoff: (row, replace(handoff, status=HandoffStatus.LEFT)), Owner.BOT),
        (lambda row, handoff: (row, replace(handoff, desk=DeskKind.OWN)), Owner.WAITING),
        (lambda row, handoff: (row, replace(handoff, status=HandoffStatus.WAITING)), Owner.WAITING),
        (lambda row, handoff: (replace(row, owner=Owner.AGENT, agent_id="a1"), handoff), Owner.WAITING),
        (lambda row, handoff: (replace(row, owner=Owner.BOT), handoff), Owner.BOT),
    ],
)
async def test_the_audit_mends_a_chat_at_the_channels_own_desk(break_it, owner: Owner) -> None:  # type: ignore[no-untyped-def]
    made = World(channel=FakeChannel(native_desk=True))
    made.brain.script = {"人工": HANDS_OVER}
    await test_the_audit_mends_and_counts(made, break_it, owner)
