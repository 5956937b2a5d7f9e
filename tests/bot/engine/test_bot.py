"""A turn of the kiosk, answered as docs/architecture.md says."""

from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from bot.engine.bot import Bot, load_bot
from bot.engine.errors import BadState, UnknownIntent
from bot.engine.request import ParseRequest, TurnRequest
from tests.bot.fixtures.kiosk_actions import KioskEndpoint

pytestmark = pytest.mark.slow

NOW = "2026-11-22T20:00:00+08:00"
Answer = Dict[str, Any]


@pytest.fixture(scope="module")
def endpoint() -> KioskEndpoint:
    return KioskEndpoint()


@pytest.fixture(scope="module")
def bot(kiosk_model: Path, endpoint: KioskEndpoint) -> Bot:
    return load_bot("kiosk", kiosk_model, endpoint)


async def say(bot: Bot, text: str, state: Optional[Dict[str, Any]] = None, now: str = NOW, **more: Any) -> Answer:
    return await bot.turn(TurnRequest("t_1", "demo", "kiosk", "o1", now, 1, state, text, **more))


async def say_all(bot: Bot, *texts: str) -> Answer:
    answer: Answer = {"state": None}
    for text in texts:
        answer = await say(bot, text, answer["state"])
    return answer


def said(answer: Answer) -> List[str]:
    return [reply["text"] for reply in answer["replies"]]


async def test_an_answer_has_every_part(bot: Bot) -> None:
    answer = await say(bot, "几点开门")
    assert said(answer) == ["七点到二十一点。"]
    assert answer["decision"] == "answered"
    assert answer["turn_id"] == "t_1"
    assert answer["model"].startswith("kiosk-")
    assert answer["state_version"] == 1
    assert answer["understanding"]["intent"] == "ask_hours"
    assert (answer["handoff"], answer["receipts"], answer["actions"]) == (None, [], [])
    assert answer["timings"]["total_ms"] >= answer["timings"]["understand_ms"] > 0


async def test_a_form_asks_and_its_receipt_is_no_reply(bot: Bot) -> None:
    asked = await say_all(bot, "来一杯", "拿铁")
    assert asked["decision"] == "asked"
    done = await say(bot, "3杯", asked["state"])
    assert said(done) == ["3 杯拿铁，马上好。"]
    assert done["receipts"] == [{"source": "kiosk", "figures": {"cups": 3}}]
    assert {"name": "action_place_order", "outcome": "ok"} in done["actions"]
    assert done["decision"] == "answered"


async def test_a_response_may_say_that_it_asks(bot: Bot) -> None:
    assert (await say(bot, "办卡"))["decision"] == "asked"


async def test_a_handoff_is_told_whole(bot: Bot) -> None:
    answer = await say(bot, "店员呢")
    assert answer["decision"] == "handoff"
    assert answer["handoff"]["reason"] == "asked"
    assert answer["handoff"]["skill"] == "general"
    assert said(answer) == []


async def test_an_action_that_fails_is_a_handoff_and_not_silence(bot: Bot) -> None:
    answer = await say(bot, "不要")
    assert answer["decision"] == "handoff"
    assert answer["handoff"]["reason"] == "action_failed"
    assert answer["handoff"]["intent"] == "deny"
    assert answer["actions"] == [{"name": "action_break", "outcome": "failed"}]


async def test_the_action_server_is_told_who_asks_only_by_the_request(bot: Bot, endpoint: KioskEndpoint) -> None:
    await say(bot, "前面几个人")
    told = endpoint.calls[-1]["tracker"]
    assert told["latest_message"]["metadata"] == {"account": "demo", "openid": "o1", "turn_id": "t_1", "now": NOW}
    assert told["sender_id"] == "demo:o1"


async def test_two_conversations_side_by_side_do_not_meet(bot: Bot) -> None:
    one = await say_all(bot, "来一杯 拿铁")
    other = await say_all(bot, "来一杯 豆浆")
    assert said(await say(bot, "2杯", one["state"])) == ["2 杯拿铁，马上好。"]
    assert said(await say(bot, "5杯", other["state"])) == ["5 杯豆浆，马上好。"]


async def test_a_slash_is_a_character_and_no_command(bot: Bot) -> None:
    answer = await say(bot, "/restart")
    assert answer["understanding"]["intent"] != "restart"
    assert answer["understanding"]["text"] == "/restart"
    assert (await say(bot, "/ask_hours"))["understanding"]["intent"] != "ask_hours"


async def test_a_menu_key_names_an_intent(bot: Bot) -> None:
    answer = await say(bot, "ask_hours", intent="ask_hours")
    assert said(answer) == ["七点到二十一点。"]
    assert answer["understanding"]["intent"] == "ask_hours"
    for name in ("restart", "of_another_industry"):
        with pytest.raises(UnknownIntent):
            await say(bot, name, intent=name)


async def test_a_scene_is_a_slot_and_a_place_lies_on_the_message(bot: Bot, endpoint: KioskEndpoint) -> None:
    place = {"latitude": 23.1, "longitude": 113.3, "label": "天河路"}
    request = TurnRequest(
        "t_1", "demo", "kiosk", "o1", NOW, 1, None, "query_waiting", intent="query_waiting",
        events=({"kind": "followed", "scene": "hall"},), place=place,
    )  # fmt: skip
    box, _ = await bot.run(request)
    assert box.tracker is not None
    assert box.tracker.get_slot("scene") == "hall"
    assert box.tracker.get_slot("human_segment") is None
    assert endpoint.calls[-1]["tracker"]["latest_message"]["metadata"]["place"] == place


async def test_what_a_person_learned_is_a_slot_and_survives_a_message_nobody_understands(bot: Bot) -> None:
    before = await say_all(bot, "几点开门")
    event = {"kind": "human_ended", "outcome": "resolved", "note": "explained", "learned": {"drink": "豆浆", "unheard_of": 1}}
    answer = await say(bot, "嗯嗯嗯", before["state"], events=(event,))
    box, _ = await bot.run(TurnRequest("t_2", "demo", "kiosk", "o1", NOW, 1, answer["state"], "嗯嗯嗯"))
    assert box.tracker is not None
    assert box.tracker.get_slot("drink") == "豆浆"
    assert box.tracker.get_slot("human_segment") == {"kind": "human_ended", "outcome": "resolved", "note": "explained"}


async def test_a_form_left_open_does_not_swallow_the_first_words_after_a_person(bot: Bot) -> None:
    before = await say_all(bot, "来一杯")
    answer = await say(bot, "几点开门", before["state"], events=({"kind": "human_ended", "outcome": "resolved"},))
    assert said(answer) == ["七点到二十一点。"]
    assert answer["decision"] == "answered"


async def test_an_event_before_the_first_message(bot: Bot) -> None:
    answer = await say(bot, "几点开门", None, events=({"kind": "queue_timed_out"},))
    assert said(answer) == ["七点到二十一点。"]


async def test_a_session_expires_by_the_products_clock(bot: Bot) -> None:
    before = await say_all(bot, "来一杯")
    soon = await say(bot, "拿铁", before["state"], now="2026-11-22T20:59:00+08:00")
    late = await say(bot, "前面几个人", before["state"], now="2026-11-22T21:01:00+08:00")
    assert soon["decision"] == "asked"
    assert late["decision"] == "answered"


@pytest.mark.parametrize(("version", "state"), [(1, {"v": 0}), (2, {"v": 1}), (1, {"v": 1, "at": None})])
async def test_a_state_of_somebody_else_is_refused(bot: Bot, version: int, state: Dict[str, Any]) -> None:
    with pytest.raises(BadState):
        await bot.turn(TurnRequest("t_1", "demo", "kiosk", "o1", NOW, version, state, "你好"))


async def test_a_state_with_a_time_that_is_none_is_refused(bot: Bot) -> None:
    state = (await say(bot, "你好"))["state"]
    with pytest.raises(BadState):
        await say(bot, "你好", {**state, "at": "noon"})


async def test_spans_count_from_the_text_as_sent(bot: Bot) -> None:
    found = await bot.parse(ParseRequest("kiosk", "  来一杯 豆浆"))
    assert [(entity["value"], entity["start"], entity["text"]) for entity in found["entities"]] == [("豆浆", 6, "豆浆")]
    assert found["decision"] == "accept"


@pytest.mark.parametrize("text", ["", " ", "😀" * 50, "字" * 3000, "]]>", "{slot}", "\x00", "\u202e反"])
async def test_any_text_ends_in_an_answer(bot: Bot, text: str) -> None:
    answer = await say(bot, text)
    assert answer["decision"] in ("answered", "asked")
    assert (await say(bot, "几点开门", answer["state"]))["decision"] in ("answered", "asked")
