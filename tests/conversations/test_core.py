"""Stories through the whole core, on the fakes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from conversations.errors import BrainDown, EpochMoved, NewerMessage, NotOwner, StateUnreadable
from conversations.fakes import FakeBrain, FakeChannel, FakeStore, Tables, bot_says
from conversations.model import Author, BotAnswer, Deferred, HandoffRequest, Owner, Passive, Reason, Refused, Sent, Status, Unknown
from conversations.records import Records
from conversations.rows import HandoffStatus, Outcome, Reply
from runtime.bus import LocalBus
from tests.conversations.world import ACCOUNT, ASKED, LAO, SETTINGS, TEXTS, XIAO, World

HANDS_OVER = BotAnswer(("好的。",), {"intent": "request_human"}, "handoff", {"slot": 1}, ASKED)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.brain.script = {"人工": HANDS_OVER, "两句": bot_says("一", "二"), "长": bot_says("很长。" * 400)}
    yield made
    await made.core.workers.kill()


def tables(world: World) -> Tables:
    assert isinstance(world.store, FakeStore)
    return world.store.tables


def told(world: World) -> list[str]:
    return world.channel.texts(XIAO)


async def test_an_answer_in_time_is_the_passive_reply(world: World) -> None:
    assert await world.say("查话费") == Passive("echo: 查话费")
    assert told(world) == []
    assert [row.status for row in world.outbound()] == [Status.HANDED_OVER]


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


async def test_every_repeat_of_a_message_gets_the_same_answer_from_one_turn(world: World) -> None:
    world.brain.gate = asyncio.Event()
    first = asyncio.create_task(world.say("查话费", key="m7"))
    second = asyncio.create_task(world.say("查话费", key="m7"))
    await world.settle()
    world.brain.gate.set()
    assert {await first, await second, await world.say("查话费", key="m7")} == {Passive("echo: 查话费")}
    assert len(world.brain.requests) == 1


async def test_a_repeat_after_the_hold_passed_does_not_turn_deferred_into_passive(world: World) -> None:
    world.brain.gate = asyncio.Event()
    assert await world.say("查话费", key="m7", hold_s=0) == Deferred()
    world.brain.gate.set()
    await world.settle()
    assert await world.say("查话费", key="m7") == Deferred()
    assert told(world) == ["echo: 查话费"]


async def test_the_answer_survives_the_process_that_made_it(world: World) -> None:
    await world.say("查话费", key="m7")
    await world.core.workers.kill()
    world.core = world.new_core()
    assert await world.say("查话费", key="m7") == Passive("echo: 查话费")


async def test_messages_of_one_subscriber_are_answered_in_turn_and_state_goes_along(world: World) -> None:
    world.brain.gate = asyncio.Event()
    calls = [asyncio.create_task(world.say(text)) for text in ("一", "二", "三")]
    await world.settle()
    assert [request.text for request in world.brain.requests] == ["一"]
    world.brain.gate.set()
    await asyncio.gather(*calls)
    assert [(request.text, request.state) for request in world.brain.requests] == [("一", None), ("二", {"turns": 1}), ("三", {"turns": 2})]


async def test_different_subscribers_do_not_wait_for_each_other(world: World) -> None:
    world.brain.gate = asyncio.Event()
    calls = [asyncio.create_task(world.say("查话费", who)) for who in (XIAO, LAO)]
    await world.settle()
    assert len(world.brain.requests) == 2
    world.brain.gate.set()
    await asyncio.gather(*calls)


async def test_asking_for_a_person_tells_the_place_in_the_same_reply(world: World) -> None:
    await world.say("人工", LAO)
    answer = await world.say("人工")
    assert answer == Passive("好的。\n\n" + TEXTS.say("position", ahead=1, position=2))
    assert world.conversation().owner == Owner.WAITING
    assert world.conversation().epoch == 1
    [handoff] = [row for row in tables(world).handoffs.values() if row.conversation_id == world.conversation().conversation_id]
    assert handoff.packet["transcript"][0]["text"] == "人工"
    assert [row.author for row in world.outbound()] == [Author.NOTICE]


async def test_while_waiting_a_message_is_kept_and_the_place_told(world: World) -> None:
    await world.say("人工")
    asked = len(world.brain.requests)
    assert await world.say("我的卡丢了") == Passive(TEXTS.say("still_waiting_first"))
    assert len(world.brain.requests) == asked
    assert [turn.outcome for turn in tables(world).turns.values()] == [Outcome.QUEUED, Outcome.QUEUED]


@pytest.mark.parametrize("words", ["9", "不等了", "我不想再排队等待"])
async def test_typed_words_leave_the_queue_and_the_bot_knows(world: World, words: str) -> None:
    world.brain.leaving = frozenset({"我不想再排队等待"})
    await world.say("人工")
    assert await world.say(words) == Passive(TEXTS.say("left_queue"))
    assert world.conversation().owner == Owner.BOT
    assert world.conversation().epoch == 2
    await world.say("查话费")
    await world.say("谢谢")
    assert [list(request.events) for request in world.brain.requests[-2:]] == [[{"kind": "queue_left"}], []]


async def test_while_an_agent_owns_the_chat_the_bot_is_silent(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    asked = len(world.brain.requests)
    assert await world.say("在吗", hold_s=0.5) == Deferred()
    assert len(world.brain.requests) == asked
    assert told(world) == []
    assert world.conversation().unread == 1
    await world.agent_says("您好", "k1")
    assert told(world) == ["您好"]
    assert world.channel.sent[XIAO][0].speaker == "小林"
    assert world.conversation().unread == 0


async def test_after_the_end_the_bot_answers_and_knows_what_happened(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    await world.agent_says("办好了", "k1")
    await world.agent_resolves()
    assert told(world) == ["办好了", TEXTS.say("back_to_bot")]
    assert await world.say("谢谢") == Passive("echo: 谢谢")
    [event] = world.brain.requests[-1].events
    assert event == {"kind": "human_ended", "outcome": "resolved", "note": "办好了", "learned": {"period": "2026-10"}}
    assert world.brain.requests[-1].state == {"slot": 1}


async def test_what_an_agent_said_goes_out_though_the_chat_was_resolved_meanwhile(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.gate = asyncio.Event()
    await world.agent_says("一", "k1")
    await world.agent_says("二", "k2")
    await world.agent_resolves()
    world.channel.gate.set()
    await world.settle()
    assert told(world) == ["一", "二", TEXTS.say("back_to_bot")]


async def test_a_repeated_client_id_writes_once_even_after_the_end(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    first = await world.agent_says("您好", "k1")
    await world.agent_resolves()
    again = await world.agent_says("您好", "k1")
    assert again.outbound_id == first.outbound_id
    assert told(world).count("您好") == 1


async def test_an_agent_does_not_write_past_a_message_not_yet_seen(world: World) -> None:
    await world.say("人工")
    row = await world.agent_takes()
    await world.say("等一下", hold_s=0)

    def write(seen: int) -> object:
        return world.store.write(
            lambda records: world.core.transitions.write_agent_message(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a1", agent_name="小林", text="好", client_id="k1",
                seen_position=seen, now=world.clock.now(),
            )
        )  # fmt: skip

    with pytest.raises(NewerMessage):
        await write(1)  # type: ignore[misc]
    assert await write(world.conversation().last_said)  # type: ignore[misc]


async def test_commands_under_a_passed_epoch_or_by_another_agent_are_refused(world: World) -> None:
    await world.say("人工")
    row = world.conversation()
    await world.agent_takes()
    with pytest.raises(EpochMoved):
        await world.store.write(
            lambda records: world.core.transitions.assign(
                records, row.conversation_id, expected_epoch=row.epoch, agent_id="a2", agent_name="小王", now=world.clock.now()
            )
        )
    with pytest.raises(NotOwner):
        await world.store.write(
            lambda records: world.core.transitions.resolve(
                records, row.conversation_id, expected_epoch=row.epoch + 1, agent_id="a2", now=world.clock.now()
            )
        )


async def test_a_transfer_keeps_the_waiting_time(world: World) -> None:
    await world.say("人工")
    world.clock.advance(60)
    await world.say("人工", LAO)
    row = await world.agent_takes()
    released = await world.store.write(
        lambda records: world.core.transitions.release(
            records, row.conversation_id, expected_epoch=row.epoch, agent_id=None, reason=Reason.AGENT_LOST, now=world.clock.now()
        )
    )
    assert (released.owner, released.epoch, released.agent_id) == (Owner.WAITING, 3, None)
    [handoff] = [row for row in tables(world).handoffs.values() if row.conversation_id == released.conversation_id]
    assert (handoff.status, handoff.reason) == (HandoffStatus.WAITING, "agent_lost")
    assert await world.store.write(lambda records: records.ahead(handoff)) == 0


@pytest.mark.parametrize("fault", [BrainDown("gone"), RuntimeError("a defect in an adapter"), StateUnreadable("twice")])
async def test_a_bot_that_is_down_hands_over_with_a_word(world: World, fault: Exception) -> None:
    world.brain.script["查话费"] = fault
    assert await world.say("查话费") == Passive(TEXTS.opening("bot_down") + "\n\n" + TEXTS.say("position_first"))
    assert world.conversation().owner == Owner.WAITING


async def test_a_bot_that_does_not_come_back_is_not_waited_for() -> None:
    world = World(settings=replace(SETTINGS, bot_timeout_s=0.01))
    world.brain.gate = asyncio.Event()
    answer = await world.say("查话费")
    assert isinstance(answer, Passive)
    assert TEXTS.opening("bot_down") in answer.text


async def test_short_codes_are_answered_while_the_bot_is_down() -> None:
    class Codes:
        async def answer(self, address: object, text: str, turn_id: str) -> tuple[str, tuple[dict[str, object], ...]] | None:
            if text == "坏":
                raise RuntimeError("business is down too")
            return ("余额 32.80 元", ({"source": "carrier.sql"},)) if text == "CXYE" else None

    world = World(brain=FakeBrain(down=True), direct=Codes())
    assert await world.say("CXYE") == Passive("余额 32.80 元")
    [turn] = tables(world).turns.values()
    assert (turn.model, turn.receipts) == ("direct", ({"source": "carrier.sql"},))
    answer = await world.say("坏")
    assert isinstance(answer, Passive)
    assert TEXTS.opening("bot_down") in answer.text


async def test_the_breaker_stops_asking_and_tries_again_later(world: World) -> None:
    world.brain.down = True
    for number in range(SETTINGS.breaker_failures + 2):
        await world.say("查话费", replace(XIAO, openid=f"o-{number}"))
    assert len(world.brain.requests) == SETTINGS.breaker_failures
    world.brain.down = False
    world.clock.advance(SETTINGS.breaker_open_s)
    assert await world.say("查话费", LAO) == Passive("echo: 查话费")


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
    assert await world.say("", kind=kind) == Passive(TEXTS.say("unreadable", kind=TEXTS.kind(kind)))
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
    assert world.brain.requests[-1].events == ()


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


async def test_a_process_that_dies_while_sending_leaves_it_unknown(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.gate = asyncio.Event()
    await world.agent_says("一", "k1")
    await world.core.workers.kill()
    world.core = world.new_core()
    world.channel.gate.set()
    world.clock.advance(SETTINGS.lease_s + 2)
    await world.core.sweeper.sweep()
    await world.settle()
    assert (world.outbound()[-1].status, world.outbound()[-1].reason) == (Status.UNKNOWN, "worker_lost")
    assert len(world.channel.attempts) == 1


async def test_a_long_turn_keeps_its_lane(world: World) -> None:
    world.brain.gate = asyncio.Event()
    call = asyncio.create_task(world.say("查话费"))
    await world.settle()
    other = world.new_core()
    for _ in range(5):
        world.clock.advance(12)
        await world.core.workers.renew_once()
        other.workers.wake(world.conversation().conversation_id)
        await asyncio.sleep(0.001)
    assert len(world.brain.requests) == 1
    world.brain.gate.set()
    assert await call == Passive("echo: 查话费")
    await other.workers.kill()


async def test_a_lease_from_before_the_machine_was_started_again_holds_nobody_up(world: World) -> None:
    await world.say("查话费")
    row = replace(world.conversation(), lease_until=world.clock.monotonic() + 1_000_000)
    await world.store.write(lambda records: records.save_conversation(row))
    assert await world.say("查话费") == Passive("echo: 查话费")


async def test_another_process_makes_the_turn_and_the_callback_hears_of_it() -> None:
    """Two core processes: one took the message in, the other has the lane."""
    world = World(bus=LocalBus())
    here, there = world.core, world.new_core()
    for core in (here, there):
        await core.start()
    world.brain.gate = asyncio.Event()
    world.core = there
    first = asyncio.create_task(world.say("一"))
    await asyncio.sleep(0.01)
    world.core = here
    second = asyncio.create_task(world.say("二"))
    await asyncio.sleep(0.01)
    world.brain.gate.set()
    assert [await first, await second] == [Passive("echo: 一"), Passive("echo: 二")]
    for core in (here, there):
        await core.stop()


async def test_the_pages_hear_of_queues_and_words() -> None:
    world = World()
    world.brain.script = {"人工": HANDS_OVER}
    heard: list[str] = []

    async def listen() -> None:
        async for _, note in world.bus.subscribe("desk"):
            heard.append(note["kind"])

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    await world.say("查话费")
    await asyncio.sleep(0.01)
    assert heard == []
    await world.say("人工")
    await asyncio.sleep(0.01)
    assert set(heard) == {"queue_changed", "conversation_changed"}
    heard.clear()
    await world.agent_takes()
    await world.say("在吗", hold_s=0.1)
    await asyncio.sleep(0.01)
    assert "conversation_changed" in heard
    task.cancel()


async def test_a_channel_without_push_answers_passively_or_keeps_it() -> None:
    world = World(channel=FakeChannel(can_push=False))
    world.brain.script = {"长": bot_says("长" * 600, "短" * 600)}
    assert await world.say("长") == Passive("长" * 600)
    assert world.outbound()[-1].status == Status.HELD
    assert await world.say("谢谢") == Passive("短" * 600 + "\n\necho: 谢谢")
    assert world.channel.attempts == []


async def test_a_channel_without_passive_replies_gets_messages() -> None:
    world = World(channel=FakeChannel(passive_bytes=0))
    assert await world.say("两句", hold_s=0.5) == Deferred()
    await world.settle()
    assert told(world) == ["echo: 两句"]


async def test_a_new_handoff_after_an_agent_gets_the_packet_of_now(world: World) -> None:
    world.brain.script["投诉"] = BotAnswer(
        ("您的投诉单号是 T1。",), {"intent": "complain"}, "handoff", None,
        HandoffRequest(Reason.COMPLAINT, intent="complain", skill="complaint", priority=2, ticket="T1", slots={"phone": "17900000001"}),
        actions=({"name": "action_complain", "outcome": "ok"},), receipts=({"source": "x"},),
    )  # fmt: skip
    await world.say("我要投诉 17900000001")
    answer = await world.say("投诉")
    assert isinstance(answer, Passive)
    assert answer.text.startswith("您的投诉单号是 T1。")
    [handoff] = tables(world).handoffs.values()
    assert (handoff.ticket, handoff.priority, handoff.skill) == ("T1", 2, "complaint")
    assert handoff.packet["slots"] == {"phone": "179****0001"}
    assert "17900000001" not in str(handoff.packet)
    assert handoff.packet["actions"] == [{"name": "action_complain", "outcome": "ok"}]
    assert handoff.wish == "我要投诉 179****0001"
    assert [turn.outcome for turn in tables(world).turns.values()][-1] == Outcome.TICKETED


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


async def test_the_late_word_of_a_worker_that_slept_is_believed_only_when_it_was_sent(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    late: list[tuple[Sent | Refused, Status]] = [(Sent(), Status.SENT), (Refused("-1", "later"), Status.UNKNOWN)]
    for number, (result, status) in enumerate(late):
        world.channel.gate = asyncio.Event()
        await world.agent_says("一", f"k{number}")
        world.clock.advance(SETTINGS.lease_s + 2)
        other = world.new_core()
        other.workers.wake(world.conversation().conversation_id)
        await world.settle()
        assert world.outbound()[-1].status == Status.UNKNOWN
        world.channel.results = [result]
        world.channel.gate.set()
        await world.settle()
        assert world.outbound()[-1].status == status
        world.channel.gate = None


async def test_typing_reaches_the_channel(world: World) -> None:
    await world.say("查话费")
    await world.core.typing(world.conversation().conversation_id)
    await world.core.typing("c_nobody")
    assert world.channel.typed == [XIAO]


async def test_accounts_do_not_see_each_other(world: World) -> None:
    await world.say("人工")
    assert {row.account for row in tables(world).handoffs.values()} == {ACCOUNT}
    assert await world.say("查话费", LAO) == Passive("echo: 查话费")
