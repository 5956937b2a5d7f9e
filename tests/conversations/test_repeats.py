"""Where nothing can be sent but in answer to a message: the answer waits for WeChat's repeats, then for the subscriber's next message."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from conversations.bubbles import size
from conversations.core import Core
from conversations.fake_channels import FakeChannel
from conversations.fakes import bot_says
from conversations.model import Answer, Deferred, InboundMessage, Owner, Passive, Status, Undecided
from conversations.rows import Reply
from tests.conversations.world import HANDS_OVER, TEXTS, XIAO, World, tables

LATER = Passive(TEXTS.say("answer_later"))
MORE = TEXTS.say("more_follows")
NEXT = TEXTS.say("comes_with_next")


@pytest.fixture
async def quiet() -> AsyncIterator[World]:
    """An account that may not send."""
    made = World(channel=FakeChannel(can_push=False))
    made.brain.script = {"人工": HANDS_OVER}
    yield made
    await made.core.workers.kill()


async def _left(world: World, key: str = "x1", text: str = "查话费") -> None:
    """A delivery that is cut off without an answer."""
    assert await world.say(text, key=key, hold_s=0, final=False) == Undecided()


async def _done(world: World) -> None:
    assert world.brain.gate is not None
    world.brain.gate.set()
    world.brain.gate = None
    await world.settle()


async def _to_the_end(world: World) -> None:
    """Three deliveries, none of them in time for the answer."""
    world.brain.gate = asyncio.Event()
    await _left(world)
    await _left(world)
    assert await world.say("查话费", key="x1", hold_s=0) == LATER


async def test_the_last_delivery_says_that_the_answer_comes_later_and_each_further_one_says_the_same(quiet: World) -> None:
    await _to_the_end(quiet)
    assert await quiet.say("查话费", key="x1") == LATER
    await _done(quiet)
    assert await quiet.say("查话费", key="x1") == LATER
    assert len(quiet.brain.requests) == 1
    assert quiet.channel.attempts == []
    assert [(row.text, row.status) for row in quiet.outbound()] == [
        (LATER.text, Status.HANDED_OVER), ("echo: 查话费", Status.HELD),
    ]  # fmt: skip


async def test_the_next_message_fetches_the_answer_and_is_no_question(quiet: World) -> None:
    await _to_the_end(quiet)
    await _done(quiet)
    assert await quiet.say("继续") == Passive("echo: 查话费")
    assert [request.text for request in quiet.brain.requests] == ["查话费"]
    assert [turn.decision for turn in tables(quiet).turns.values()] == ["answered", "fetched"]
    # nothing is left to fetch: now it is a word like any other
    assert await quiet.say("继续") == Passive("echo: 继续")


async def test_the_next_message_may_be_a_question_and_is_answered_too(quiet: World) -> None:
    await _to_the_end(quiet)
    await _done(quiet)
    assert await quiet.say("查积分") == Passive("echo: 查话费\n\necho: 查积分")


async def test_a_next_message_that_comes_before_the_answer_waits_with_it(quiet: World) -> None:
    await _to_the_end(quiet)
    second = asyncio.create_task(quiet.say("继续", final=False))
    await quiet.settle()
    await _done(quiet)
    assert await second == Passive("echo: 查话费")
    assert len(quiet.brain.requests) == 1


async def test_an_answer_that_is_ready_between_two_deliveries_waits_for_the_repeat(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    await _left(quiet)
    await _done(quiet)
    assert (quiet.inbound()[0].reply, quiet.outbound()[0].status) == (Reply.OPEN, Status.QUEUED)
    # also longer than an account that may send would wait
    quiet.clock.advance(8)
    await quiet.core.sweeper.sweep()
    await quiet.settle()
    assert await quiet.say("查话费", key="x1", final=False) == Passive("echo: 查话费")


async def test_a_place_in_the_queue_is_not_dropped_while_the_repeat_may_fetch_it(quiet: World) -> None:
    await quiet.say("人工")
    quiet.brain.gate = asyncio.Event()
    await _left(quiet, "x7", "在吗")
    await _done(quiet)
    assert await quiet.say("在吗", key="x7") == Passive(f"{TEXTS.say('still_waiting_first')}\n\n{NEXT}")


@pytest.mark.parametrize("still_held", [1, 2])
async def test_deliveries_that_overlap_get_the_same_answer(quiet: World, still_held: int) -> None:
    quiet.brain.gate = asyncio.Event()
    calls = [asyncio.create_task(quiet.say("查话费", key="x1", final=False)) for _ in range(still_held)]
    await quiet.settle()
    calls.append(asyncio.create_task(quiet.say("查话费", key="x1")))
    await quiet.settle()
    await _done(quiet)
    assert {await call for call in calls} == {Passive("echo: 查话费")}
    assert [row.status for row in quiet.outbound()] == [Status.HANDED_OVER]


async def test_a_first_delivery_that_ends_late_does_not_decide_for_the_last_one(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    late = await quiet.accept("查话费", key="x1")
    await _left(quiet)
    last = asyncio.create_task(quiet.say("查话费", key="x1"))
    await quiet.settle()
    assert await quiet.core.inbox.outcome(late, 0, final=False) == Undecided()
    await _done(quiet)
    assert await last == Passive("echo: 查话费")


async def test_deliveries_are_counted_over_processes_that_come_and_go(quiet: World) -> None:
    await quiet.core.workers.kill()
    first = await quiet.core.inbox.accept(await _message(quiet))
    quiet.core = quiet.new_core()
    again = await quiet.core.inbox.accept(await _message(quiet))
    assert (first.delivery, again.delivery, again.repeated) == (1, 2, True)
    assert (await quiet.new_core().inbox.accept(await _message(quiet))).delivery == 3
    await quiet.core.workers.kill()


async def _message(world: World) -> InboundMessage:
    return InboundMessage(XIAO, "x1", "text", "查话费", world.clock.now())


async def test_a_repeat_that_waits_at_another_process_is_told_at_once(quiet: World) -> None:
    other = quiet.new_core()
    await quiet.core.start()
    await other.start()
    try:
        quiet.brain.gate = asyncio.Event()
        here = asyncio.create_task(quiet.say("查话费", key="x1", final=False))
        await quiet.settle()
        there = asyncio.create_task(other.inbox.outcome(await _accept_at(quiet, other), 60))
        await quiet.settle()
        await _done(quiet)
        assert await asyncio.wait_for(here, 5) == await asyncio.wait_for(there, 5) == Passive("echo: 查话费")
    finally:
        await quiet.core.stop()
        await other.stop()


async def _accept_at(world: World, core: Core) -> str:
    return (await core.inbox.accept(await _message(world))).inbound_id


async def test_after_a_restart_the_repeat_makes_the_turn_and_answers(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    await _left(quiet)
    await quiet.settle()
    await quiet.core.workers.kill()
    quiet.brain.gate = None
    quiet.core = quiet.new_core()
    quiet.clock.advance(quiet.settings.lease_s + 1)
    assert await quiet.say("查话费", key="x1", final=False) == Passive("echo: 查话费")


async def test_a_message_whose_deliveries_all_died_is_answered_with_the_next_one(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    await _left(quiet)
    await _done(quiet)
    quiet.clock.advance(21)
    await quiet.core.sweeper.sweep()
    await quiet.settle()
    assert (quiet.inbound()[0].reply, quiet.outbound()[0].status) == (Reply.DEFERRED, Status.HELD)
    assert await quiet.say("继续") == Passive("echo: 查话费")


async def test_two_messages_in_a_row_lose_and_double_nothing(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    await _left(quiet, "x1", "一")
    await _left(quiet, "x2", "二")
    await _done(quiet)
    # whichever repeat comes first carries both
    assert await quiet.say("二", key="x2") == Passive("echo: 一\n\necho: 二")
    assert await quiet.say("一", key="x1") == Deferred()
    assert await quiet.say("二", key="x2") == Passive("echo: 一\n\necho: 二")


async def test_what_does_not_fit_waits_with_a_hint_until_all_is_read(quiet: World) -> None:
    quiet.brain.script["长"] = bot_says("很长。" * 400, "短" * 600)
    said = [await quiet.say("长")]
    while isinstance(said[-1], Passive) and said[-1].text.endswith(MORE):
        said.append(await quiet.say("继续"))
    texts = [one.text for one in said if isinstance(one, Passive)]
    assert len(texts) == len(said) == 3
    assert all(size(text) <= 2048 for text in texts)
    assert "".join(text.removesuffix(MORE) for text in texts).replace("\n", "") == "很长。" * 400 + "短" * 600
    assert len(quiet.brain.requests) == 1


async def test_an_agents_words_wait_for_the_next_message_with_a_hint_where_they_are_too_many(quiet: World) -> None:
    await quiet.say("人工")
    await quiet.agent_takes()
    await quiet.agent_says("您好", "k1")
    assert await quiet.say("在") == Passive(f"您好\n\n{NEXT}")
    for number in range(3):
        await quiet.agent_says(str(number) * 1990, f"k{number + 2}")
    said: list[Answer] = [await quiet.say("嗯") for _ in range(3)]
    assert said[:2] == [Passive(f"{number * 1990}\n\n{MORE}") for number in "01"]
    assert isinstance(said[2], Passive)
    assert said[2].text == '2' * 1990
    assert quiet.channel.attempts == []


async def test_the_notice_carries_what_an_agent_said_before(quiet: World) -> None:
    await quiet.say("人工")
    await quiet.agent_takes()
    await quiet.agent_says("办好了", "k1")
    await quiet.agent_resolves()
    quiet.brain.gate = asyncio.Event()
    assert await quiet.say("查话费", hold_s=0) == Passive(f"办好了\n\n{TEXTS.say('back_to_bot')}\n\n{LATER.text}")
    await _done(quiet)
    assert await quiet.say("继续") == Passive("echo: 查话费")


@pytest.mark.parametrize("name", ["unsubscribe", "view"])
async def test_what_wants_no_answer_is_promised_none(quiet: World, name: str) -> None:
    await quiet.core.workers.kill()
    assert await quiet.say("", kind="event", name=name, refill="none", hold_s=0) == Deferred()
    assert tables(quiet).outbound == {}


async def test_who_has_an_agent_is_promised_no_answer_of_the_bots(quiet: World) -> None:
    await quiet.say("人工")
    await quiet.agent_takes()
    await quiet.core.workers.kill()
    assert await quiet.say("在", hold_s=0) == Deferred()
    assert quiet.conversation().owner == Owner.AGENT


async def test_an_account_that_may_send_answers_the_first_delivery(world: World) -> None:
    world.brain.gate = asyncio.Event()
    assert await world.say("查话费", key="x1", hold_s=0) == Deferred()
    await _done(world)
    assert world.channel.texts(world.inbound()[0].address) == ["echo: 查话费"]
