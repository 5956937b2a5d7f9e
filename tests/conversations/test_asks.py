"""Menu keys, scenes and places: asked for without understanding, whoever has the chat."""

import pytest

from conversations.errors import IntentUnknown
from conversations.fakes import bot_says
from conversations.model import Passive
from conversations.rows import Outcome
from tests.conversations.world import HANDS_OVER, TEXTS, World, tables, told

PLACE = {"latitude": 23.1, "longitude": 113.3, "label": "天河路"}


async def test_a_menu_key_asks_for_an_intent(world: World) -> None:
    world.brain.script["query_balance"] = bot_says("余额 32.80 元")
    said = await world.say("intent:query_balance", kind="event", name="click", refill="tap", extra={"intent": "query_balance"})
    assert said == Passive("余额 32.80 元")
    assert (world.brain.requests[-1].kind, world.brain.requests[-1].text) == ("intent", "query_balance")
    assert world.conversation().last_words == "[菜单] query_balance"


@pytest.mark.parametrize("intent", ["", "of_yesterday"])
async def test_a_key_nobody_knows_is_helped_and_nobody_queues(world: World, intent: str) -> None:
    world.brain.script["of_yesterday"] = IntentUnknown()
    for _ in range(world.settings.breaker_failures + 1):
        said = await world.say("k", kind="event", name="click", refill="tap", extra={"intent": intent})
        assert said == Passive(TEXTS.say("unknown_key"))
    assert not world.core.bot_refused
    assert not tables(world).handoffs


async def test_a_key_is_answered_directly_while_the_bot_is_down() -> None:
    class Books:
        async def answer(self, address: object, text: str, turn_id: str) -> tuple[str, tuple[dict[str, object], ...]] | None:
            return ("余额 1 元", ()) if text == "query_balance" else None

        async def forget(self, address: object, turn_id: str) -> None:
            return None

    world = World(direct=Books())
    world.brain.down = True
    said = await world.say("k", kind="event", name="click", refill="tap", extra={"intent": "query_balance"})
    assert said == Passive("余额 1 元")


async def test_a_place_goes_to_the_bot_with_its_degrees(world: World) -> None:
    world.brain.script["find_store"] = bot_says("最近的营业厅…")
    said = await world.say("天河路", kind="location", extra=PLACE | {"intent": "find_store"})
    assert said == Passive("最近的营业厅…")
    assert world.brain.requests[-1].place == PLACE
    assert world.conversation().last_words == "[位置] 天河路"


async def test_what_is_sent_to_a_person_stays_with_the_person(world: World) -> None:
    world.brain.script["人工"] = HANDS_OVER
    await world.say("人工")
    await world.say("天河路", kind="location", extra=PLACE | {"intent": "find_store"})
    await world.agent_takes()
    await world.say("k", kind="event", name="click", refill="tap", extra={"intent": "query_balance"}, hold_s=0.0)
    await world.settle()
    outcomes = [turn.outcome for turn in sorted(tables(world).turns.values(), key=lambda turn: turn.started_at)]
    assert outcomes == [Outcome.QUEUED, Outcome.QUEUED, Outcome.TO_AGENT]
    assert [request.text for request in world.brain.requests] == ["人工"]
    assert world.conversation().unread == 1


async def test_a_scene_is_kept_and_told_to_the_bot_with_its_next_turn(world: World) -> None:
    said = await world.say("hall", kind="event", name="subscribe", refill="tap", extra={"scene": "hall"})
    assert said == Passive(TEXTS.say("welcome"))
    assert world.conversation().scene == "hall"
    await world.say("查话费")
    assert world.brain.requests[-1].events == ({"kind": "followed", "scene": "hall"},)
    await world.say("查流量")
    assert not world.brain.requests[-1].events


async def test_a_scene_that_stands_for_something_is_answered_after_the_greeting(world: World) -> None:
    world.brain.script["query_bill"] = bot_says("账单 59 元")
    extra = {"scene": "bill", "intent": "query_bill"}
    said = await world.say("bill", kind="event", name="scan", refill="tap", extra=extra)
    assert said == Passive(f"{TEXTS.say('welcome_back')}\n\n账单 59 元")
    assert world.brain.requests[-1].events == ({"kind": "scanned", "scene": "bill"},)


async def test_a_scan_while_an_agent_has_the_chat_is_noted_for_the_bot(world: World) -> None:
    world.brain.script["人工"] = HANDS_OVER
    await world.say("人工")
    await world.agent_takes()
    await world.say("hall", kind="event", name="scan", refill="tap", extra={"scene": "hall"}, hold_s=0.0)
    await world.settle()
    await world.agent_resolves()
    await world.say("查话费")
    assert [event["kind"] for event in world.brain.requests[-1].events] == ["scanned", "human_ended"]
    assert not any("小微在" in text for text in told(world))


@pytest.mark.parametrize("name", ["kf_create_session", "templatesendjobfinish", "scancode_push", "an_event_of_tomorrow"])
async def test_what_is_only_noted_says_nothing_and_counts_as_no_message(world: World, name: str) -> None:
    await world.say("查话费")
    await world.say("x", kind="event", name=name, refill="none", hold_s=0.0, extra={"KfAccount": "a@b"})
    await world.settle()
    assert [turn.outcome for turn in tables(world).turns.values()] == [Outcome.ANSWERED, Outcome.NOTED]
    assert world.conversation().last_words == "查话费"


async def test_a_voice_is_taken_as_its_words_and_marked(world: World) -> None:
    assert await world.say("查话费", kind="voice", extra={"media": "MID"}) == Passive("echo: 查话费")
    lines = await world.store.write(lambda records: records.transcript(world.conversation().conversation_id))
    assert (lines[0].kind, lines[0].text) == ("voice", "查话费")


async def test_a_menu_key_is_no_wish(world: World) -> None:
    world.brain.script["人工"] = HANDS_OVER
    await world.say("我要退订彩铃")
    await world.say("intent:query_balance", kind="event", name="click", refill="tap", extra={"intent": "query_balance"})
    await world.say("人工")
    [handoff] = tables(world).handoffs.values()
    assert handoff.wish == "我要退订彩铃"
