"""A message that goes on with the one before, and values that cannot be."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow
PHONE, SECOND = "17900000001", "17900000002"


@pytest.fixture
def two(bound: Any) -> Any:
    """A subscriber with two bound lines."""
    bound.bind(SECOND)
    return bound


@pytest.mark.parametrize(("said", "month"), [("那上个月呢", "10"), ("那9月的呢", "9"), ("9月", "9"), ("那9月份呢？", "9")])
def test_a_month_takes_the_rest_from_the_turn_before(two: Any, said: str, month: str) -> None:
    two.say("查17900000002的账单")
    assert f"179****0002 2026年{month}月" in two.say(said).text


def test_a_number_another_line_and_another_ask(two: Any) -> None:
    two.say("查9月账单")
    assert "179****0002 2026年9月" in two.say("那17900000002的呢").text
    assert "【积分】179****0002" in two.say("那积分呢").text
    assert "【余量】179****0002" in two.say("那流量呢").text
    assert "【余量】179****0002" in two.say("还有吗").text
    two.say("查9月账单")
    assert "179****0002（默认号码） 2026年9月" in two.say("那另一个号呢").text


def test_small_talk_and_a_clarification_are_no_end(bound: Any) -> None:
    bound.say("查账单")
    bound.say("谢谢")
    bound.say("嗯")
    assert "2026年10月" in bound.say("那上个月呢").text
    bound.say("asdfgh")
    assert "2026年9月" in bound.say("那9月呢").text
    bound.say("asdfgh")
    bound.say("3")
    assert "2026年10月" in bound.say("那上个月呢").text


def test_a_person_who_has_resolved_is_no_end(bound: Any) -> None:
    bound.say("查9月账单")
    assert bound.say("人工").handoff
    after = bound.say("那10月的呢", [{"kind": "human_ended", "outcome": "resolved", "note": "", "learned": {}}])
    assert "2026年10月" in after.text


@pytest.mark.parametrize("said", ["那上个月呢", "那9月的呢"])
def test_a_form_that_was_cancelled_is_an_end(chat: Any, said: str) -> None:
    chat.say("查账单")
    chat.say("取消")
    asked = chat.say(said)
    assert "1 查账单" in asked.text
    assert "手机号" not in asked.text


def test_an_ask_without_months_is_not_gone_on_with(bound: Any) -> None:
    bound.say("查积分")
    asked = bound.say("那上个月呢")
    assert asked.receipts == []
    assert "2026年10月" in bound.say("1").text
    bound.say("查话费")
    assert "【账单】179****0001 2026年10月" in bound.say("那上个月呢").text


NEVER = (("13月账单", "13月"), ("2月30号的账单", "2月30号"), ("查13月的账单", "13月"), ("9月31号账单", "9月31号"))


@pytest.mark.parametrize(("said", "named"), NEVER)
def test_a_month_or_day_there_is_none_of_is_asked_back(bound: Any, said: str, named: str) -> None:
    asked = bound.say(said)
    assert f"没有“{named}”" in asked.text
    assert asked.decision == "asked"
    assert asked.receipts == []
    assert "2026年9月" in bound.say("9月").text


def test_a_month_to_come_is_asked_back_too(bound: Any) -> None:
    asked = bound.say("下个月账单")
    assert "2026年12月还没到" in asked.text
    assert asked.receipts == []
    assert "2026年10月" in bound.say("那就上个月").text


def test_an_impossible_month_is_never_another_one_however_it_is_said(bound: Any) -> None:
    bound.say("查积分")
    assert "1 查账单" in bound.say("那13月呢").text
    assert "没有“13月”" in bound.say("1").text
    both = bound.say("13月账单和积分")
    assert "没有“13月”" in both.text
    assert "【积分】" in both.text


def test_a_correction_at_the_read_back_is_read_back(bound: Any) -> None:
    bound.say("再绑定一个号码17900000065")
    again = bound.say("不是17900000065，是17900000002")
    assert "要再绑定号码179****0002吗" in again.text
    assert "验证码已发到179****0002" in bound.say("是的").text


@pytest.mark.parametrize("said", ["好的，不用了", "嗯，我再想想", "不是", "否", "错了", "先不要"])
def test_what_is_no_yes_to_a_read_back(bound: Any, said: str) -> None:
    bound.say("我要绑定17900000002")
    refused = bound.say(said)
    assert "没有办理任何业务" in refused.text
    assert "验证码" not in refused.text


@pytest.mark.parametrize("said", ["是", "是的", "好的", "确定", "ok", "可以", "嗯嗯"])
def test_a_yes_to_a_read_back(bound: Any, said: str) -> None:
    bound.say("解绑")
    assert "已解绑" in bound.say(said).text


def test_another_number_in_the_middle_of_the_proof(chat: Any) -> None:
    chat.say("查话费")
    chat.say("同意")
    chat.say(PHONE)
    chat.advance(61)
    assert "179****0002" in chat.say("不是17900000001，是17900000002").text
    assert "32.81" in chat.say(chat.code(SECOND)).text
