"""Events of the channel's own desk: late, twice, in the wrong order, and after the end."""

import pytest

from conversations.model import Owner
from conversations.rows import HandoffStatus
from tests.conversations.native_world import AGENT, OPENING, ago, last_handoff, sweep_after
from tests.conversations.world import BACK, HANDS_OVER, World, tables, told


async def test_repeated_events_change_nothing(desk: World) -> None:
    await desk.say("人工")
    at = desk.clock.now()
    for _ in range(3):
        await desk.tell("kf_create_session", at, key="e1", **AGENT)
    before = desk.conversation()
    for _ in range(3):
        await desk.tell("kf_close_session", at, key="e2", **AGENT)
    assert (before.epoch, desk.conversation().epoch) == (1, 2)
    assert told(desk) == [OPENING, BACK]


async def test_an_end_before_its_beginning_ends_and_does_not_begin_again(desk: World) -> None:
    await desk.say("人工")
    desk.clock.advance(60)
    await desk.tell("kf_close_session", ago(desk, 2), **AGENT)
    ended = last_handoff(desk)
    assert (desk.conversation().owner, ended.status, ended.agent_name) == (Owner.BOT, HandoffStatus.RESOLVED, "kf2001@demo")
    await desk.tell("kf_create_session", ago(desk, 30), **AGENT)
    await desk.tell("kf_switch_session", ago(desk, 10), FromKfAccount="kf2001@demo", ToKfAccount="kf2002@demo")
    assert (desk.conversation().owner, len(tables(desk).handoffs)) == (Owner.BOT, 1)


async def test_the_end_of_an_earlier_session_does_not_end_this_one(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", ago(desk, 1), **AGENT)
    await sweep_after(desk, 1801)
    desk.clock.advance(100)
    await desk.say("人工")
    await desk.tell("kf_close_session", ago(desk, 60), key="e9", **AGENT)
    assert desk.conversation().owner == Owner.NATIVE
    await desk.tell("kf_create_session", **AGENT)
    await desk.tell("kf_close_session", ago(desk, 60), **AGENT)
    assert desk.conversation().owner == Owner.NATIVE


async def test_a_move_without_a_beginning_is_one_and_a_late_beginning_keeps_the_newer_person(desk: World) -> None:
    await desk.say("人工")
    desk.clock.advance(60)
    await desk.tell("kf_switch_session", ago(desk, 10), FromKfAccount="kf2001@demo", ToKfAccount="kf2002@demo")
    assert (last_handoff(desk).agent_name, desk.conversation().agent_name) == ("kf2002@demo", "kf2002@demo")
    await desk.tell("kf_create_session", ago(desk, 40), **AGENT)
    handoff = last_handoff(desk)
    assert handoff.accepted_at is not None
    assert (handoff.agent_name, desk.conversation().agent_name) == ("kf2002@demo", "kf2002@demo")
    assert handoff.accepted_at <= ago(desk, 39)


async def test_a_person_who_takes_the_chat_without_being_asked_has_it(desk: World) -> None:
    await desk.say("查话费")
    await desk.tell("kf_create_session", **AGENT)
    assert (desk.conversation().owner, last_handoff(desk).reason, last_handoff(desk).agent_name) == (Owner.NATIVE, "taken", "kf2001@demo")
    await desk.tell("kf_close_session", **AGENT)
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.RESOLVED)


async def test_both_ends_of_a_session_nobody_asked_for_in_the_wrong_order_leave_the_bot_in_place(desk: World) -> None:
    await desk.say("查话费")
    await desk.tell("kf_close_session", ago(desk, 5), **AGENT)
    await desk.tell("kf_create_session", ago(desk, 50), **AGENT)
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.RESOLVED)
    assert told(desk) == []
    # the next one is another
    await desk.tell("kf_create_session", **AGENT)
    assert desk.conversation().owner == Owner.NATIVE


@pytest.mark.parametrize("taken", [False, True])
async def test_unsubscribing_ends_it(desk: World, taken: bool) -> None:
    await desk.say("人工")
    if taken:
        await desk.tell("kf_create_session", **AGENT)
    await desk.tell("unsubscribe")
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.UNFOLLOWED)
    for name in ("kf_close_session", "kf_create_session"):
        await desk.tell(name, **AGENT)
    assert (desk.conversation().owner, told(desk)) == (Owner.BOT, [OPENING])


async def test_events_of_a_desk_that_is_not_used_are_noted_only(world: World) -> None:
    await world.say("查话费")
    for name in ("kf_create_session", "kf_switch_session", "kf_close_session"):
        await world.tell(name, **AGENT)
    assert (world.conversation().owner, world.conversation().epoch, tables(world).handoffs) == (Owner.BOT, 0, {})
    assert [turn.decision for turn in tables(world).turns.values()] == ["answered", "desk_began", "desk_moved", "desk_ended"]


async def test_a_beginning_while_our_own_desk_has_the_chat_takes_nothing_from_it() -> None:
    world = World()
    world.brain.script = {"人工": HANDS_OVER}
    await world.say("人工")
    await world.agent_takes()
    world.channel.native_desk = True
    world.core = world.new_core()
    await world.tell("kf_create_session", **AGENT)
    assert (world.conversation().owner, world.conversation().agent_id) == (Owner.AGENT, "a1")
    await world.core.workers.kill()
