"""The channel's own desk: transferred in the callback's answer, and back from there."""

import asyncio
from datetime import timedelta

from conversations.model import BotAnswer, Deferred, HandoffRequest, Owner, Passive, Reason, Refused, Status, Transfer, Undecided
from conversations.rows import DeskKind, HandoffStatus, Rating, Reply
from tests.conversations.native_world import AGENT, GENERAL, OPENING, last_handoff, sweep_after
from tests.conversations.world import BACK, TEXTS, World, tables, told


async def test_who_asks_for_a_person_is_transferred_and_told_so_before(desk: World) -> None:
    assert await desk.say("人工") == GENERAL
    assert told(desk) == [OPENING]
    row, handoff = desk.conversation(), last_handoff(desk)
    assert (row.owner, row.epoch, row.waiting_since, row.unread) == (Owner.NATIVE, 1, None, 0)
    assert row.deadline is not None
    assert (handoff.status, handoff.desk, handoff.accepted_at, handoff.reason) == (HandoffStatus.ASSIGNED, DeskKind.NATIVE, None, "asked")
    assert [turn.outcome for turn in tables(desk).turns.values()] == ["queued"]


async def test_every_repeat_is_transferred(desk: World) -> None:
    assert [await desk.say("人工", key="x1") for _ in range(3)] == [GENERAL] * 3
    assert (desk.inbound()[0].reply, desk.inbound()[0].passive_text, len(desk.brain.requests)) == (Reply.TRANSFER, "general", 1)
    assert told(desk) == [OPENING]


async def test_the_skill_goes_along(desk: World) -> None:
    asked = HandoffRequest(Reason.COMPLAINT, skill="complaints", ticket="W1")
    desk.brain.script["投诉"] = BotAnswer(("已登记 W1。",), {}, "handoff", None, asked)
    assert await desk.say("投诉") == Transfer("complaints")
    assert await desk.say("快点") == Transfer("complaints")
    assert last_handoff(desk).ticket == "W1"


async def test_nobody_at_our_own_desk_sees_it(desk: World) -> None:
    await desk.say("人工")
    # nobody is told that they are next in line, since no line of ours is theirs
    await sweep_after(desk, 1)
    assert told(desk) == [OPENING]
    assert not [row for row in tables(desk).handoffs.values() if row.status == HandoffStatus.WAITING]


async def test_what_is_said_before_is_on_its_way_when_the_transfer_leaves(desk: World) -> None:
    desk.channel.gate = asyncio.Event()
    call = asyncio.create_task(desk.say("人工"))
    await desk.settle()
    assert not call.done()
    desk.channel.gate.set()
    assert await call == GENERAL


async def test_a_slow_channel_does_not_cost_the_transfer(desk: World) -> None:
    desk.channel.gate = asyncio.Event()
    inbound_id = await desk.accept("人工")
    await desk.settle()
    assert await desk.core.inbox.outcome(inbound_id, 0) == GENERAL
    desk.channel.gate.set()
    await desk.settle()
    assert told(desk) == [OPENING]


async def test_a_channel_that_puts_the_words_off_does_not_cost_the_transfer(desk: World) -> None:
    desk.channel.results = [Refused("-1", "later")]
    assert await desk.say("人工") == GENERAL


async def test_an_account_that_may_not_send_keeps_the_words_as_dropped(quiet: World) -> None:
    assert await quiet.say("人工") == GENERAL
    assert [(row.text, row.status, row.reason) for row in quiet.outbound()] == [("好的。", Status.DROPPED, "transferred")]
    assert quiet.channel.attempts == []


async def test_messages_are_transferred_until_a_person_comes_and_events_never(desk: World) -> None:
    await desk.say("人工")
    assert await desk.say("在吗") == GENERAL
    assert await desk.say("", kind="image") == GENERAL
    for name in ("click", "subscribe", "view", "scan"):
        assert await desk.say("查话费", kind="event", name=name, refill="none") == Deferred()
    assert len(desk.brain.requests) == 1
    assert told(desk) == [OPENING]
    outcomes = [turn.outcome for turn in tables(desk).turns.values()]
    assert outcomes == ["queued", "to_agent", "to_agent", "noted", "noted", "noted", "noted"]


async def test_a_person_comes_moves_and_goes_and_the_bot_goes_on(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", **AGENT)
    assert desk.conversation().agent_name == "kf2001@demo"
    came = last_handoff(desk).accepted_at
    await desk.tell("kf_switch_session", FromKfAccount="kf2001@demo", ToKfAccount="kf2002@demo")
    assert (last_handoff(desk).agent_name, last_handoff(desk).accepted_at) == ("kf2002@demo", came)
    desk.clock.advance(60)
    await desk.tell("kf_close_session", KfAccount="kf2002@demo")
    handoff = last_handoff(desk)
    assert (desk.conversation().owner, desk.conversation().agent_name, handoff.status) == (Owner.BOT, None, HandoffStatus.RESOLVED)
    assert handoff.ended_at is not None
    assert came is not None
    assert handoff.ended_at >= came + timedelta(seconds=59)
    assert told(desk) == [OPENING, BACK]
    assert await desk.say("查话费") == Passive("echo: 查话费")
    assert desk.brain.requests[-1].events == ({"kind": "human_ended", "outcome": "resolved", "note": "", "learned": {}},)


async def test_the_person_is_rated(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", **AGENT)
    await desk.tell("kf_close_session", **AGENT)
    assert await desk.tap(desk.menu(), 1) == Passive(TEXTS.say("rated"))
    assert last_handoff(desk).rating == Rating.SATISFIED


async def test_a_rating_tapped_while_waiting_again_is_thanked_for_and_not_transferred(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", **AGENT)
    await desk.tell("kf_close_session", **AGENT)
    menu = desk.menu()
    await desk.say("人工")
    assert await desk.tap(menu, 3) == Passive(TEXTS.say("rated"))
    assert await desk.say("在吗") == GENERAL


async def test_no_question_for_a_rating_where_nothing_can_be_sent(quiet: World) -> None:
    await quiet.say("人工")
    await quiet.tell("kf_create_session", **AGENT)
    await quiet.tell("kf_close_session", **AGENT)
    assert await quiet.say("查话费") == Passive(f"{TEXTS.say('back_to_bot')}\n\necho: 查话费")


async def test_who_does_not_want_to_wait_goes_back_but_not_from_a_person(desk: World) -> None:
    await desk.say("人工")
    assert await desk.say("不等了") == Passive(TEXTS.say("native_left"))
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.LEFT)
    desk.clock.advance(5)
    # the channel's queue knew nothing of it
    await desk.tell("kf_create_session", **AGENT)
    assert (desk.conversation().owner, last_handoff(desk).reason) == (Owner.NATIVE, "taken")
    assert await desk.say("不等了") == GENERAL


async def test_nobody_came_within_the_time(desk: World) -> None:
    await desk.say("人工")
    await sweep_after(desk, 1799)
    assert desk.conversation().owner == Owner.NATIVE
    await sweep_after(desk, 2)
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.TIMED_OUT)
    assert told(desk) == [OPENING, TEXTS.say("native_timed_out")]


async def test_a_message_begins_the_time_anew(desk: World) -> None:
    await desk.say("人工")
    desk.clock.advance(1700)
    await desk.say("在吗")
    await sweep_after(desk, 200)
    assert desk.conversation().owner == Owner.NATIVE


async def test_after_the_time_the_chat_is_given_back_without_a_word_until_the_next_answer(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", **AGENT)
    await sweep_after(desk, 1801)
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.RETURNED)
    # what the subscriber does not say is no occasion for it
    await desk.tell("view")
    assert told(desk) == [OPENING]
    assert await desk.say("查话费") == Passive(f"{TEXTS.say('back_to_bot')}\n\necho: 查话费")
    # the end comes after all: nothing more is told
    await desk.tell("kf_close_session", **AGENT)
    assert (told(desk), last_handoff(desk).status) == ([OPENING], HandoffStatus.RESOLVED)


async def test_a_person_who_went_on_past_the_time_is_rated_as_any_other(desk: World) -> None:
    await desk.say("人工")
    await desk.tell("kf_create_session", **AGENT)
    await sweep_after(desk, 1801)
    desk.clock.advance(600)
    await desk.tell("kf_close_session", **AGENT)
    assert told(desk) == [OPENING, BACK]
    assert await desk.tap(desk.menu(), 2) == Passive(TEXTS.say("rated"))
    assert await desk.say("查话费") == Passive("echo: 查话费")


async def test_a_turn_that_took_too_long_asks_for_the_next_message(desk: World) -> None:
    desk.brain.gate = asyncio.Event()
    assert await desk.say("人工", key="x1", hold_s=0) == Deferred()
    desk.brain.gate.set()
    await desk.settle()
    assert told(desk) == [f"好的。\n\n{TEXTS.say('transfer_next')}"]
    assert desk.conversation().owner == Owner.NATIVE
    # what was decided stays so
    assert await desk.say("人工", key="x1") == Deferred()
    assert await desk.say("我的宽带坏了") == GENERAL
    assert len(desk.brain.requests) == 1


async def test_a_callback_that_died_leaves_the_transfer_to_the_repeat(desk: World) -> None:
    desk.brain.gate = asyncio.Event()
    inbound_id = await desk.accept("人工", key="x1")
    caller = asyncio.create_task(desk.core.inbox.outcome(inbound_id, 5))
    await desk.settle()
    caller.cancel()
    desk.brain.gate.set()
    await desk.settle()
    assert told(desk) == [OPENING]
    assert await desk.say("人工", key="x1") == GENERAL


async def test_a_callback_that_died_for_good_asks_for_the_next_message(desk: World) -> None:
    desk.brain.gate = asyncio.Event()
    inbound_id = await desk.accept("人工", key="x1")
    caller = asyncio.create_task(desk.core.inbox.outcome(inbound_id, 5))
    await desk.settle()
    caller.cancel()
    desk.brain.gate.set()
    await desk.settle()
    await sweep_after(desk, 21)
    assert told(desk) == [OPENING, TEXTS.say("transfer_next")]
    assert await desk.say("在吗") == GENERAL


async def test_a_menu_key_cannot_be_transferred_and_asks_for_a_message(desk: World) -> None:
    answer = await desk.say("人工", kind="event", name="click", refill="tap")
    assert answer == Passive(f"好的。\n\n{TEXTS.say('transfer_next')}")
    assert desk.conversation().owner == Owner.NATIVE
    assert await desk.say("我的宽带坏了") == GENERAL


async def test_an_account_that_may_not_send_transfers_on_the_next_message_after_its_last_delivery(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    assert await quiet.say("人工", key="x1", hold_s=0, final=False) == Undecided()
    assert await quiet.say("人工", key="x1", hold_s=0) == Passive(TEXTS.say("answer_later"))
    quiet.brain.gate.set()
    await quiet.settle()
    assert await quiet.say("继续") == GENERAL
    assert await quiet.say("人工", key="x1") == Passive(TEXTS.say("answer_later"))


async def test_an_account_that_may_not_send_transfers_on_a_repeat(quiet: World) -> None:
    quiet.brain.gate = asyncio.Event()
    assert await quiet.say("人工", key="x1", hold_s=0, final=False) == Undecided()
    quiet.brain.gate.set()
    await quiet.settle()
    assert await quiet.say("人工", key="x1", final=False) == GENERAL


async def test_a_message_whose_turn_cannot_be_made_in_time_is_transferred_all_the_same(desk: World) -> None:
    await desk.say("人工")
    await desk.core.workers.kill()
    assert await desk.say("在吗", hold_s=0) == GENERAL
    desk.core = desk.new_core()
    desk.clock.advance(40)
    await desk.core.sweeper.sweep()
    await desk.settle()


async def test_a_code_that_asks_for_a_person_is_greeted_and_asks_for_the_next_message(desk: World) -> None:
    scanned = {"scene": "hall", "words": "人工"}
    words = f"{TEXTS.say('welcome_back')}\n\n好的。\n\n{TEXTS.say('transfer_next')}"
    assert await desk.say("hall", kind="event", name="scan", extra=scanned) == Passive(words)
    assert desk.conversation().owner == Owner.NATIVE
    assert await desk.say("人工") == GENERAL


async def test_what_the_bot_is_told_of_a_code_waits_while_a_person_has_the_chat(desk: World) -> None:
    await desk.say("人工")
    await desk.say("hall", kind="event", name="scan", extra={"scene": "hall"})
    await desk.settle()
    assert {"kind": "scanned", "scene": "hall"} in tables(desk).memories[desk.conversation().conversation_id].events


async def test_who_leaves_is_erased_at_that_desk_too(desk: World) -> None:
    await desk.say("人工")
    await desk.say("", kind="event", name="unsubscribe", refill="none")
    await desk.settle()
    assert (desk.conversation().owner, last_handoff(desk).status) == (Owner.BOT, HandoffStatus.UNFOLLOWED)
    assert [row.text for row in desk.inbound()] == ["", ""]
    # and the end that its desk tells of comes to nobody
    await desk.tell("kf_close_session", **AGENT)
    assert desk.conversation().owner == Owner.BOT
