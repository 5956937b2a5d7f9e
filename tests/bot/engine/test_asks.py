"""What asks a message makes, of its own and by going on with the one before."""

from typing import Any

import pytest

from bot.engine.asks import asks_of, continued, is_correction, left_hanging, merged, taken_over
from bot.engine.hearing import Heard

CONFIG: dict[str, Any] = {
    "continues": {
        "month": {"takes": ["bill"], "alone": "bill", "after": {"balance": "bill"}},
        "number": {"takes": ["bill", "balance", "tie"], "alone": "tie", "about": "line"},
        "line": {"takes": ["bill", "balance"]},
    },
    "follows": "^那|呢$",
    "repeat": {"再查一次": {}, "另一个号": {"line": "other"}},
    "polite": ["yes"],
    "drop": ["no"],
}
CONTINUES = CONFIG["continues"]


def heard(text: str, intent: str = "unclear", *said: tuple[str, Any], only: bool = False, corrects: bool = False) -> Heard:
    values = tuple({"entity": kind, "value": value, "text": str(value or "13月")} for kind, value in said)
    first = {kind: value for kind, value in reversed(said) if value is not None}
    return Heard(text, intent, first, only, said=values, corrects=corrects)


def last(intent: str, **values: Any) -> dict[str, Any]:
    return {"intent": intent, "values": values}


def test_two_values_of_a_kind_that_the_intent_takes_are_two_asks() -> None:
    twice = heard("9月和10月的账单", "bill", ("month", "09"), ("number", "1"), ("month", "10"))
    assert asks_of(twice, CONTINUES) == [last("bill", month="09", number="1"), last("bill", number="1", month="10")]
    assert asks_of(heard("9月10月的积分", "points", ("month", "09"), ("month", "10")), CONTINUES) == [last("points", month="09")]
    assert asks_of(heard("9月和9月", "bill", ("month", "09"), ("month", "09")), CONTINUES) == [last("bill", month="09")]


def test_a_value_that_cannot_be_is_kept_as_it_was_said_for_who_takes_it() -> None:
    assert asks_of(heard("13月账单", "bill", ("month", None)), CONTINUES) == [last("bill", impossible={"month": "13月"})]
    assert asks_of(heard("13月积分", "points", ("month", None)), CONTINUES) == [last("points")]
    both = asks_of(heard("13月和9月账单", "bill", ("month", None), ("month", "09")), CONTINUES)
    assert both == [last("bill", impossible={"month": "13月"}), last("bill", month="09")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (last("bill", month="08", number="1"), [last("bill", number="1", month="09")]),
        (last("bill", month="08", part="items", confirmed=True), [last("bill", part="items", month="09")]),
        (last("balance", line="other"), [last("bill", line="other", month="09")]),
        (last("points"), []),
        (None, []),
    ],
)
def test_a_month_alone_takes_the_rest_from_the_ask_before(before: Any, after: list[Any]) -> None:
    assert continued(heard("那9月呢", "unclear", ("month", "09"), only=True), before, CONFIG) == after


def test_a_value_without_a_word_of_going_on_has_a_meaning_of_its_own() -> None:
    alone = heard("9月", "unclear", ("month", "09"), only=True)
    assert continued(alone, None, CONFIG) == [last("bill", month="09")]
    assert continued(alone, last("points"), CONFIG) == [last("bill", month="09")]
    assert left_hanging(alone, CONFIG) is None
    assert left_hanging(heard("那9月呢", "unclear", ("month", "09"), only=True), CONFIG) == last("bill", month="09")
    assert left_hanging(heard("那13月呢", "unclear", ("month", None), only=True), CONFIG) == last("bill", impossible={"month": "13月"})


def test_the_last_message_may_have_asked_for_several_things() -> None:
    before = {**last("points"), "beside": [last("bill", number="1", month="08"), last("balance")]}
    assert continued(heard("那9月呢", "unclear", ("month", "09"), only=True), before, CONFIG) == [last("bill", number="1", month="09")]


def test_a_number_takes_the_place_of_another_line_and_the_reverse() -> None:
    number = heard("那2呢", "unclear", ("number", "2"), only=True)
    assert continued(number, last("bill", line="other", month="08"), CONFIG) == [last("bill", month="08", number="2")]
    assert continued(heard("那另一个号呢"), last("bill", number="1", month="08"), CONFIG) == [last("bill", month="08", line="other")]
    assert merged(last("bill", number="1"), {"line": "other"}, CONTINUES) == {"line": "other"}


def test_once_more_is_the_last_ask() -> None:
    assert continued(heard("再查一次", "greet"), last("bill", month="08"), CONFIG) == [last("bill", month="08")]
    assert continued(heard("再查一次"), None, CONFIG) == []
    assert continued(heard("我要绑定另一个号", "tie"), last("bill"), CONFIG) == []


def test_another_ask_about_what_the_last_one_was_about() -> None:
    ask = last("balance")
    assert taken_over(heard("那话费呢", "balance"), ask, last("bill", number="1", month="08"), CONFIG) == last("balance", number="1")
    assert taken_over(heard("查话费", "balance"), ask, last("bill", number="1"), CONFIG) == ask
    assert taken_over(heard("那话费呢", "balance"), ask, None, CONFIG) == ask


def test_a_correction_changes_what_is_read_back() -> None:
    reading = last("tie", number="1")
    assert is_correction(heard("不是1是2", "explain", ("number", "2"), corrects=True), reading, CONFIG)
    assert is_correction(heard("是的，2", "yes", ("number", "2")), reading, CONFIG)
    assert not is_correction(heard("是的，1", "yes", ("number", "1")), reading, CONFIG)
    assert not is_correction(heard("是的，2", "yes", ("number", "2")), last("tie"), CONFIG)
    assert is_correction(heard("2", "tie", ("number", "2"), only=True), last("tie"), CONFIG)
    assert not is_correction(heard("查2的话费", "balance", ("number", "2")), reading, CONFIG)
    assert not is_correction(heard("不是", "no"), reading, CONFIG)
    assert not is_correction(heard("2", "tie", ("number", "2"), only=True), None, CONFIG)
