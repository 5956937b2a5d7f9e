"""From the bot to a person and back, on the fakes."""

import pytest

from conversations.errors import BrainDown, EpochMoved, NewerMessage, NotOwner, StateUnreadable
from conversations.fakes import FakeBrain
from conversations.model import Author, BotAnswer, Deferred, HandoffRequest, Owner, Passive, Reason
from conversations.rows import HandoffStatus, Outcome
from tests.conversations.world import BACK, LAO, TEXTS, XIAO, World, tables, told


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


@pytest.mark.parametrize("words", ["9", "不等了", "不用了。", "我不想再排队等待"])
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
    assert told(world) == ["办好了", BACK]
    assert await world.say("谢谢") == Passive("echo: 谢谢")
    [event] = world.brain.requests[-1].events
    assert event == {"kind": "human_ended", "outcome": "resolved", "note": "办好了", "learned": {"period": "2026-10"}}
    assert world.brain.requests[-1].state == {"slot": 1}


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


async def test_short_codes_are_answered_while_the_bot_is_down() -> None:
    class Codes:
        async def answer(self, address: object, text: str, turn_id: str) -> tuple[str, tuple[dict[str, object], ...]] | None:
            if text == "坏":
                raise RuntimeError("business is down too")
            return ("余额 32.80 元", ({"source": "carrier.sql"},)) if text == "CXYE" else None

        async def forget(self, address: object, turn_id: str) -> None:
            raise AssertionError("nobody left")

    world = World(brain=FakeBrain(down=True), direct=Codes())
    assert await world.say("CXYE") == Passive("余额 32.80 元")
    [turn] = tables(world).turns.values()
    assert (turn.model, turn.receipts) == ("direct", ({"source": "carrier.sql"},))
    answer = await world.say("坏")
    assert isinstance(answer, Passive)
    assert TEXTS.opening("bot_down") in answer.text


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
