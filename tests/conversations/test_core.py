"""Questions and answers through the whole core, on the fakes."""

import asyncio
from dataclasses import replace

import pytest

from conversations.errors import StateUnreadable
from conversations.fakes import FakeBrain, bot_says
from conversations.model import Deferred, Owner, Passive, Status
from conversations.rows import HandoffStatus
from tests.conversations.world import SETTINGS, TEXTS, XIAO, World, tables, told


async def test_an_answer_in_time_is_the_passive_reply(world: World) -> None:
    assert await world.say("查话费") == Passive("echo: 查话费")
    assert told(world) == []
    assert [row.status for row in world.outbound()] == [Status.HANDED_OVER]


async def test_a_bot_that_does_not_come_back_is_not_waited_for() -> None:
    world = World(settings=replace(SETTINGS, bot_timeout_s=0.01))
    world.brain.gate = asyncio.Event()
    answer = await world.say("查话费")
    assert isinstance(answer, Passive)
    assert TEXTS.opening("bot_down") in answer.text


async def test_a_state_the_bot_cannot_read_is_dropped_once(world: World) -> None:
    class Forgetful(FakeBrain):
        async def answer(self, request):  # type: ignore[no-untyped-def]
            if request.state is not None:
                raise StateUnreadable("of last year")
            return await super().answer(request)

    world = World(brain=Forgetful())
    await world.say("一")
    assert await world.say("二") == Passive("echo: 二")
    assert world.core.counts["state_unreadable"] == 1


async def test_a_state_that_grows_without_bound_is_dropped(world: World) -> None:
    world.brain.script["长"] = bot_says("好", much="长" * 6000)
    await world.say("长")
    await world.say("谢谢")
    assert world.brain.requests[-1].state is None
    assert world.core.counts["state_too_long"] == 1


async def test_a_bot_that_says_nothing_does_not_leave_silence(world: World) -> None:
    world.brain.script["嗯"] = bot_says("", "  ")
    assert await world.say("嗯") == Passive(TEXTS.say("ask_again"))


@pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link", "shortvideo", "hologram"])
async def test_what_cannot_be_read_is_said_and_nobody_queues(world: World, kind: str) -> None:
    assert await world.say("", kind=kind) == Passive(TEXTS.unreadable(kind))
    assert world.conversation().owner == Owner.BOT
    assert world.brain.requests == []


async def test_an_empty_text_is_asked_again(world: World) -> None:
    assert await world.say(" \n") == Passive(TEXTS.say("ask_again"))


@pytest.mark.parametrize("text", ["😀😀😀", "a]]>b", "长" * 3000, "<xml>", "\ud800"])
async def test_odd_texts_reach_the_bot_and_are_answered(world: World, text: str) -> None:
    answer = await world.say(text)
    await world.settle()
    said = answer.text if isinstance(answer, Passive) else "".join(told(world))
    assert said.replace("\ufffd", "\ud800") == f"echo: {text}"


async def test_a_menu_key_speaks_and_a_follow_is_welcomed(world: World) -> None:
    assert await world.say("", kind="event", name="subscribe", refill="tap") == Passive(TEXTS.say("welcome"))
    assert await world.say("CXYE", kind="event", name="click", refill="tap") == Passive("echo: CXYE")
    assert await world.say("https://example.com", kind="event", name="view", refill="none") == Deferred()


async def test_unsubscribing_ends_the_chat_and_forgets(world: World) -> None:
    await world.say("查话费")
    await world.say("人工")
    await world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.5)
    row = world.conversation()
    assert (row.owner, row.followed) == (Owner.BOT, False)
    assert [one.status for one in tables(world).handoffs.values()] == [HandoffStatus.UNFOLLOWED]
    await world.say("", kind="event", name="subscribe", refill="tap")
    await world.say("你好")
    assert world.brain.requests[-1].state is None
    assert world.brain.requests[-1].events == ({"kind": "followed", "scene": ""},)


async def test_who_unsubscribes_is_forgotten_by_business_too_however_often_it_takes() -> None:
    asked: list[tuple[object, str]] = []

    class Books:
        async def answer(self, address: object, text: str, turn_id: str) -> None:
            return None

        async def forget(self, address: object, turn_id: str) -> None:
            asked.append((address, turn_id))
            if len(asked) == 1:
                raise OSError("the books are locked")

    world = World(direct=Books())
    await world.say("查话费")
    await world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.5)
    assert [turn.text for turn in tables(world).turns.values()] == ["查话费"]
    world.clock.advance(world.settings.lease_s + 1)
    await world.core.sweeper.sweep()
    await world.settle()
    assert [address for address, _ in asked] == [XIAO, XIAO]
    assert len({turn_id for _, turn_id in asked}) == 1
    assert len(tables(world).turns) == 2
