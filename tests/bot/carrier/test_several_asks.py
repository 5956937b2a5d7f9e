"""More than one thing in a message, and one question about two things."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow
PHONE, SECOND = "17900000001", "17900000002"
BALANCE, ALLOWANCE, BILL, POINTS, PLAN = "【话费】", "【余量】", "【账单】", "【积分】", "【套餐】"

SEVERAL = (
    ("查话费顺便看看流量", (BALANCE, ALLOWANCE)),
    ("话费流量都查一下", (BALANCE, ALLOWANCE)),
    ("话费和流量", (BALANCE, ALLOWANCE)),
    ("查话费、流量、积分", (BALANCE, ALLOWANCE, POINTS)),
    ("账单和积分", (BILL, POINTS)),
    ("积分和话费都查一下", (POINTS, BALANCE)),
    ("套餐和流量", (PLAN, ALLOWANCE)),
    ("话费还剩多少？流量呢？", (BALANCE, ALLOWANCE)),
    ("查话费查流量查积分查账单", (BALANCE, ALLOWANCE, POINTS, BILL)),
)


@pytest.mark.parametrize(("said", "marks"), SEVERAL)
def test_all_are_answered_in_the_order_they_were_said(bound: Any, said: str, marks: tuple[str, ...]) -> None:
    answered = bound.say(said)
    places = [answered.text.find(mark) for mark in marks]
    assert -1 not in places
    assert places == sorted(places)
    assert len(answered.receipts) == len(marks) == answered.bubbles


@pytest.mark.parametrize("said", ["话费和流量有什么关系", "流量怎么这么贵", "话费和流量怎么这么贵", "为什么扣了话费和流量"])
def test_one_question_about_two_things_stays_one(bound: Any, said: str) -> None:
    assert bound.say(said).bubbles == 1


def test_a_value_goes_to_the_part_that_says_it(bound: Any) -> None:
    answered = bound.say("查9月账单顺便看看流量")
    assert "2026年9月" in answered.text
    assert ALLOWANCE in answered.text
    both = bound.say("9月和10月的账单")
    assert [receipt["figures"]["month"] for receipt in both.receipts] == ["2026-09", "2026-10"]


def test_what_is_said_before_a_row_holds_for_all_of_it(bound: Any) -> None:
    bound.bind(SECOND)
    answered = bound.say("查17900000002的话费和流量")
    assert [receipt["line"] for receipt in answered.receipts] == ["179****0002"] * 2
    apart = bound.say("查17900000001的话费和17900000002的流量")
    assert [receipt["line"] for receipt in apart.receipts] == ["179****0001", "179****0002"]


def test_both_are_answered_after_binding_with_their_values(chat: Any) -> None:
    chat.say("查9月账单和积分")
    chat.say("同意")
    chat.say(PHONE)
    done = chat.say(chat.code(PHONE))
    assert done.text.index("2026年9月") < done.text.index(POINTS)
    assert "2026年10月" in chat.say("那10月呢").text


def test_both_are_answered_where_the_first_needs_a_fresh_code(bound: Any) -> None:
    assert "再验证一次" in bound.say("上个月账单明细，顺便查下积分").text
    done = bound.say(bound.code(PHONE))
    assert done.text.index("【账单明细】") < done.text.index(POINTS)


def test_a_person_comes_after_what_can_be_answered(bound: Any) -> None:
    handed = bound.say("退订彩铃顺便查积分")
    assert POINTS in handed.text
    assert handed.text.count("退订我这里") == 1
    assert handed.handoff["intent"] == "cancel_service"


def test_who_asks_for_a_person_beside_something_else_waits_for_no_code(chat: Any) -> None:
    handed = chat.say("查话费然后帮我转人工")
    assert handed.handoff["reason"] == "asked"
    assert handed.handoff["slots"]["pending"] == ["query_balance"]
