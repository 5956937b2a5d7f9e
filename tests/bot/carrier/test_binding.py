"""From a question nobody may answer yet to its answer."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow
PHONE, SECOND, ELDER = "17900000001", "17900000002", "17900000065"


def to_code(chat: Any, ask: str = "查话费", phone: str = PHONE) -> Any:
    chat.say(ask)
    chat.say("同意")
    return chat.say(phone)


def test_the_question_is_answered_after_binding_without_being_asked_again(chat: Any) -> None:
    notice = chat.say("上个月的账单")
    assert "同意" in notice.text
    assert notice.decision == "asked"
    assert notice.bubbles == 1
    assert "手机号" in chat.say("好的").text
    assert "179****0001" in chat.say("179 0000 0001").text
    done = chat.say(chat.code(PHONE))
    assert "已绑定179****0001" in done.text
    assert "2026年10月账单59.00元" in done.text
    assert done.decision == "answered"
    assert [receipt["figures"]["month"] for receipt in done.receipts] == ["2026-10"]
    assert "可用余额32.80元" in chat.say("查话费").text


def test_no_figure_is_read_before_the_code_is_right(chat: Any) -> None:
    to_code(chat)
    wrong = "000000" if chat.code(PHONE) != "000000" else "000001"
    assert "还可以试4次" in chat.say(wrong).text
    assert chat.read() == []


def test_consent_and_number_in_one_message(chat: Any) -> None:
    chat.say("查积分")
    assert "验证码已发到179****0001" in chat.say("同意，我的号码是17900000001").text
    assert "1,280分" in chat.say(chat.code(PHONE)).text


def test_who_refuses_is_let_go_and_nothing_is_kept(chat: Any) -> None:
    chat.say("查话费")
    refused = chat.say("不同意")
    assert refused.decision == "answered"
    assert refused.handoff is None
    greeted = chat.say("你好")
    assert greeted.decision == "answered"
    assert "同意" not in greeted.text


def test_a_second_line_is_confirmed_first(bound: Any) -> None:
    asked = bound.say("再绑定一个号码17900000002")
    assert "要再绑定号码179****0002吗" in asked.text
    assert asked.decision == "asked"
    assert "179****0002" in bound.say("是").text
    assert "默认用179****0001" in bound.say(bound.code(SECOND)).text
    assert "179****0001（默认号码）" in bound.say("话费").text
    assert "179****0002 可用余额32.81元" in bound.say("查17900000002的话费").text
    bound.say("我的积分")
    assert "【积分】179****0002" in bound.say("那另一个号呢").text


def test_a_second_line_may_be_declined(bound: Any) -> None:
    bound.say("我要绑定17900000002")
    declined = bound.say("算了")
    assert declined.decision == "answered"
    assert "32.80" in bound.say("话费").text


def test_items_step_up_with_a_fresh_code_and_then_come(bound: Any) -> None:
    bound.say("上个月账单")
    asked = bound.say("明细")
    assert "再验证一次" in asked.text
    assert "179****0001" in asked.text
    items = bound.say(bound.code(PHONE))
    assert "账单明细" in items.text
    assert "2026年10月" in items.text
    assert items.receipts[0]["proof_level"] == 2


def test_another_question_during_step_up_is_answered_at_once(bound: Any) -> None:
    bound.say("账单明细")
    beside = bound.say("还有多少积分")
    assert "1,280分" in beside.text
    assert "验证码" in beside.text
    assert beside.decision == "asked"
    assert "账单明细" in bound.say(bound.code(PHONE)).text


def test_sending_again_waits_and_tells_how_long(chat: Any) -> None:
    to_code(chat)
    chat.advance(25)
    assert "35秒" in chat.say("重发").text
    chat.advance(36)
    assert "新验证码" in chat.say("再发一次").text
    assert "可用余额" in chat.say(chat.code(PHONE)).text


def test_an_expired_code_and_a_changed_number(chat: Any) -> None:
    to_code(chat)
    chat.advance(301)
    assert "已过期" in chat.say(chat.code(PHONE)).text
    assert "11位手机号" in chat.say("换个号码").text
    assert "179****0002" in chat.say(SECOND).text
    assert "32.81" in chat.say(chat.code(SECOND)).text


def test_a_number_that_is_not_served(chat: Any) -> None:
    chat.say("查话费")
    chat.say("同意")
    refused = chat.say("13800138000")
    assert "暂时不能在这里绑定" in refused.text
    assert "138" not in refused.text
    assert "验证码已发到" in chat.say(PHONE).text


@pytest.mark.parametrize("said", ["收不到验证码", "我没收到短信", "手机丢了", "一直收不到"])
def test_who_cannot_receive_a_code_gets_a_person(chat: Any, said: str) -> None:
    to_code(chat)
    handed = chat.say(said)
    assert handed.handoff["reason"] == "no_code"
    assert handed.handoff["intent"] == "query_balance"
    assert PHONE not in str(handed.handoff)


def test_another_subscribers_line_is_refused(bound: Any) -> None:
    refused = bound.say("帮我查17900000002的话费")
    assert "只能查您本人绑定的号码" in refused.text
    assert bound.read() == []
