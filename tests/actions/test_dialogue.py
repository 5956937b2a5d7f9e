"""Clarify, cancel, and the texts themselves."""

import re

import pytest
import yaml

from actions.carrier.registry import ACTIONS, ASKS, USUAL, build
from actions.turn import Ask, Turn, pending_slot
from tests.actions.carrier.desk import ACCOUNT, DOMAIN, OPENID, PHONE, SECOND, CarrierDesk

CONFIG = DOMAIN.parent / "config.yml"


def responses() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in DOMAIN.glob("*.yml"):
        for name, variants in (yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}).items():
            assert name not in found, name
            found[name] = variants[0]["text"]
    return found


def policy() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["policies"][1]
    return found


async def test_near_readings_are_offered_by_number_with_the_values_said(desk: CarrierDesk) -> None:
    near = [{"intent": "query_bill", "confidence": 0.5}, {"intent": "query_balance", "confidence": 0.4}]
    called = await desk.call("action_clarify", "上个月多少", candidates=near, entities=[("period", "2026-10")])
    assert called.texts[0].splitlines()[1:3] == ["1 查账单", "2 查话费余额"]
    assert "人工" in called.texts[0]
    assert called.asked
    assert called.slots["choices"][0] == {"intent": "query_bill", "values": {"period": "2026-10"}}


@pytest.mark.parametrize("candidates", [[], ["greet"], ["query_points"], ["affirm", "cancel"]])
async def test_there_are_always_two_or_three_choices_and_a_person(desk: CarrierDesk, candidates: list[str]) -> None:
    called = await desk.call("action_clarify", "？", candidates=candidates)
    assert 2 <= len(called.slots["choices"]) <= 3
    assert "人工" in called.texts[0]


async def test_a_follow_up_to_nothing_is_offered_first_with_its_value(desk: CarrierDesk) -> None:
    hanging = {"intent": "query_bill", "values": {"impossible": {"period": "13月"}}}
    called = await desk.call("action_clarify", "那13月呢", intent="out_of_scope", slots={"ask": hanging})
    assert called.slots["choices"][0] == hanging
    assert called.slots["ask"] is None


async def test_cancelling_says_what_was_dropped(desk: CarrierDesk) -> None:
    dropped = await desk.call("action_cancel", "算了", loop="proof_form", slots={"pending": [{"intent": "query_bill", "values": {}}]})
    assert dropped.said == ["utter_cancelled"]
    assert dropped.closed_loop
    assert dropped.slots["pending"] is None
    assert dropped.slots["last_ask"] is None
    assert (await desk.call("action_cancel", "算了")).said == ["utter_nothing_to_cancel"]


async def test_a_confirmation_of_nothing_closes(desk: CarrierDesk) -> None:
    called = await desk.call("validate_confirm_form", slots={"heard": "answer", "confirming": None})
    assert called.slots["requested_slot"] is None


async def test_a_correction_is_read_back_again_and_nothing_is_confirmed(desk: CarrierDesk) -> None:
    confirming = {"intent": "bind_line", "values": {"phone_number": PHONE}, "shown": {}}
    slots = {"heard": "corrected", "confirming": confirming}
    called = await desk.call("validate_confirm_form", "不是17900000001，是17900000002", entities=[("phone_number", SECOND)], slots=slots)
    assert called.slots["pending"] == [{"intent": "bind_line", "values": {"phone_number": SECOND}}]
    assert called.slots["confirming"] is None
    assert called.texts == []


async def test_a_person_is_asked_for_after_what_can_be_answered(desk: CarrierDesk) -> None:
    waiting = [{"intent": "query_points", "values": {}}]
    unbound = await desk.call("action_cancel_service", "退订彩铃顺便查积分", slots={"pending": waiting})
    assert unbound.handoff is not None
    assert unbound.handoff["slots"]["pending"] == ["query_points"]
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    later = await desk.call("action_cancel_service", "退订彩铃顺便查积分", slots={"pending": waiting})
    assert later.handoff is None
    assert later.texts == []
    assert later.slots["pending"] == [*waiting, {"intent": "cancel_service", "values": {"deferred": True}}]
    at_last = await desk.call("action_cancel_service", slots={"ask": later.slots["pending"][1], "pending": []})
    assert at_last.handoff is not None
    assert at_last.handoff["slots"] == {}
    lost = await desk.call("action_suspend_line", "手机丢了顺便查积分", slots={"pending": waiting})
    assert lost.handoff is not None


def test_build_makes_one_of_each(desk: CarrierDesk) -> None:
    assert [type(action) for action in desk.actions] == list(ACTIONS)
    assert len({action.name() for action in desk.actions}) == len(ACTIONS)
    assert build.__doc__


def test_every_ask_has_a_label_and_a_named_source(desk: CarrierDesk) -> None:
    for ask in ASKS:
        assert desk.phrases.label(ask.intent)
        assert desk.phrases.part(f"source_{ask.intent}")
    assert all(desk.phrases.label(intent) for intent in USUAL)


def test_the_menu_of_the_texts_is_the_menu_of_the_digits() -> None:
    words = {"query_balance": "话费", "query_allowance": "流量", "query_bill": "账单", "query_points": "积分", "query_plan": "套餐"}
    menu = policy()["menu"]
    assert isinstance(menu, list)
    for name in policy()["menu_after"]:  # type: ignore[attr-defined]
        lines = [line for line in responses()[name].splitlines() if re.match(r"\d ", line)]
        assert [line[2:] for line in lines] == [f"查{words[intent]}" for intent in menu], name


def test_every_word_the_texts_invite_is_taken_as_said() -> None:
    """回“X” in a text is a promise: X is an invited word, a command of the form, or a digit."""
    config = policy()
    invited = set(config["invited"])  # type: ignore[call-overload]
    commands = [
        pattern
        for slots in config["forms"].values()  # type: ignore[attr-defined]
        for slot in slots.values()
        for pattern in (slot.get("commands") or {}).values()
    ]
    for name, text in responses().items():
        for word in re.findall(r"“([^“”{}…]{1,6})”", text):
            known = word in invited or any(re.search(pattern, word) for pattern in commands) or word.startswith("查")
            assert known, (name, word)


def test_texts_are_short_enough_for_one_bubble() -> None:
    assert {name: len(text.encode()) for name, text in responses().items() if len(text.encode()) > 600} == {}


async def test_the_stack_holds_each_ask_once_and_few(desk: CarrierDesk) -> None:
    asks = [Ask("query_bill", {"period": f"2026-0{n}"}) for n in range(1, 8)]
    slot = pending_slot([asks[0], asks[0], *asks])
    assert [one["values"]["period"] for one in slot["value"]] == ["2026-01", "2026-02", "2026-03", "2026-04"]


@pytest.mark.parametrize("broken", [None, "x", {}, {"intent": 1}, {"intent": "query_bill", "values": "x"}])
def test_a_slot_of_an_older_state_breaks_nothing(broken: object) -> None:
    found = Ask.of_slot(broken)
    assert found is None or found.values == {}
    assert Turn.__doc__
