"""What else a subscriber may say while the bot waits for an answer, and when it does not understand."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow
PHONE, ELDER = "17900000001", "17900000065"
STEPS: dict[str, list[str]] = {
    "consent": ["查话费"],
    "phone": ["查话费", "同意"],
    "code": ["查话费", "同意", PHONE],
}


@pytest.fixture(params=sorted(STEPS))
def inside(request: Any, chat: Any) -> Any:
    """In the middle of the proof form, at each of its questions."""
    for text in STEPS[request.param]:
        chat.say(text)
    return chat


@pytest.mark.parametrize("said", ["转人工", "人工", "我要找真人客服", "还是人工吧", "算了人工吧", "0"])
def test_a_person_in_one_turn(inside: Any, said: str) -> None:
    handed = inside.say(said)
    assert handed.decision == "handoff"
    assert handed.handoff["reason"] == "asked"
    assert handed.handoff["intent"] == "query_balance"
    assert handed.handoff["skill"] == "billing"
    back = inside.say("好的", [{"kind": "human_ended", "outcome": "resolved", "note": "done", "learned": {"period": "2026-10"}}])
    assert back.decision == "answered"
    assert "同意" not in back.text
    assert "验证码" not in back.text


@pytest.mark.parametrize("said", ["取消", "算了不查了", "不用了"])
def test_dropping_it(inside: Any, said: str) -> None:
    dropped = inside.say(said)
    assert dropped.decision == "answered"
    assert "停下" in dropped.text
    assert inside.say("谢谢").decision == "answered"


@pytest.mark.parametrize("said", ["你好", "你是机器人吗", "谢谢", "你能做什么"])
def test_a_civil_word_is_answered_and_the_question_comes_back(inside: Any, said: str) -> None:
    answered = inside.say(said)
    assert answered.decision == "asked"
    assert answered.bubbles <= 2
    assert "取消" in answered.text


def test_another_ask_waits_behind_the_first(inside: Any) -> None:
    beside = inside.say("还有多少积分")
    assert "查积分" in beside.text
    assert beside.decision == "asked"


def test_what_waited_is_answered_in_the_order_of_asking(chat: Any) -> None:
    for text in STEPS["code"]:
        chat.say(text)
    chat.say("还有多少积分")
    chat.say("我的流量")
    done = chat.say(chat.code(PHONE))
    assert done.text.index("【话费】") < done.text.index("【积分】") < done.text.index("【余量】")
    assert len(done.receipts) == 3


def test_nonsense_twice_ends_with_a_person(inside: Any) -> None:
    first = inside.say("呜啦啦啦呼呼")
    assert first.decision == "asked"
    assert first.handoff is None
    assert "人工" in first.text
    second = inside.say("哔哩叽咕咕")
    assert second.handoff["reason"] == "unclear"
    assert second.handoff["intent"] == "query_balance"


def test_an_understood_word_between_two_unclear_ones_starts_the_count_again(chat: Any) -> None:
    for text in STEPS["code"]:
        chat.say(text)
    chat.say("呜啦啦啦呼呼")
    chat.say("你好")
    assert chat.say("哔哩叽咕咕").handoff is None


def test_small_talk_never_queues(chat: Any) -> None:
    for said in ("今天天气怎么样", "讲个笑话", "你喜欢吃苹果吗", "附近有什么好吃的"):
        answered = chat.say(said)
        assert answered.handoff is None, said
        assert "人工" in answered.text


def test_letters_at_random_are_clarified_once_and_then_go_to_a_person(chat: Any) -> None:
    first = chat.say("asdfgh")
    assert "1 " in first.text
    assert "2 " in first.text
    assert first.decision == "asked"
    assert chat.say("qwerty").handoff["reason"] == "unclear"


PICKS = (("2", "【余量】"), ("２", "【余量】"), ("①", "【话费】"), ("第三个", "【账单】"), ("4.", "【积分】"), ("5", "【套餐】"))


@pytest.mark.parametrize(("said", "found"), PICKS)
def test_a_digit_picks_from_the_menu(bound: Any, said: str, found: str) -> None:
    assert "2 查流量" in bound.say("你好").text
    assert found in bound.say(said).text


def test_a_digit_picks_from_the_last_clarification(bound: Any) -> None:
    offered = bound.say("asdfgh").text
    assert "2 查流量" in offered
    assert "【余量】" in bound.say("2").text


def test_a_digit_beyond_the_choices_is_unclear(bound: Any) -> None:
    bound.say("asdfgh")
    assert bound.say("7").handoff["reason"] == "unclear"


def test_several_asks_in_one_message(bound: Any) -> None:
    answered = bound.say("话费流量积分都查一下")
    assert [mark in answered.text for mark in ("【话费】", "【余量】", "【积分】")] == [True] * 3
    assert len(answered.receipts) == 3


def test_several_asks_survive_binding(chat: Any) -> None:
    chat.say("查一下余额和积分")
    chat.say(PHONE)
    done = chat.say(chat.code(PHONE))
    assert done.text.index("【话费】") < done.text.index("【积分】")


def test_a_month_alone_goes_on_with_the_bill(bound: Any) -> None:
    bound.say("查账单")
    assert "2026年9月" in bound.say("那9月呢").text


def test_yes_and_no_without_a_question(bound: Any) -> None:
    for said in ("好的", "不用", "算了", "再见", "谢谢"):
        answered = bound.say(said)
        assert answered.decision == "answered"
        assert answered.text
        assert answered.handoff is None


def test_leaving_a_queue_one_is_not_in(bound: Any) -> None:
    assert "没有在排队" in bound.say("不排队了").text


def test_a_failed_source_is_said_and_hands_over_then_all_is_well(bound: Any) -> None:
    bound.fail()
    failed = bound.say("话费和积分都查一下")
    assert "话费系统" in failed.text
    assert "11-22 07:30" in failed.text
    assert failed.handoff["reason"] == "action_failed"
    assert failed.receipts == []
    bound.fail(False)
    after = bound.say("嗯", [{"kind": "human_ended", "outcome": "resolved", "note": "", "learned": {}}])
    assert "【" not in after.text
    assert "32.80" in bound.say("查话费").text


def test_the_elderly_go_first(chat: Any) -> None:
    chat.bind(ELDER)
    assert chat.say("人工").handoff["priority"] > 0


BEYOND = (
    ("我要投诉", "complaint", "complain"),
    ("为什么扣我钱", "dispute", "explain_charge"),
    ("手机丢了帮我停机", "no_code", "suspend_line"),
    ("充50块话费", "no_answer", "recharge"),
    ("帮我开张发票", "no_answer", "request_invoice"),
)


@pytest.mark.parametrize(("said", "reason", "intent"), BEYOND)
def test_business_that_nothing_here_answers_goes_to_a_person_in_the_same_turn(chat: Any, said: str, reason: str, intent: str) -> None:
    handed = chat.say(said)
    assert handed.handoff["reason"] == reason
    assert handed.handoff["intent"] == intent
    assert handed.text


ODD = (
    "😀",
    "。。。",
    "]]>",
    "<b>查话费</b>",
    "/restart",
    "/query_balance",
    "{period}",
    "查話費",
    "HF",
    "1790000",
    "a" * 3000,
    "查" * 3000,
    "0",
)


@pytest.mark.parametrize("said", ODD)
def test_odd_messages_are_answered_and_open_nothing(chat: Any, said: str) -> None:
    answered = chat.say(said)
    assert answered.text or answered.handoff
    assert chat.read() == []


@pytest.mark.parametrize("said", ["还是人工吧", "那还是人工吧", "人工啊啊啊", "算了人工吧", "0", "给我回电话", "字太小看不清"])
def test_a_person_asked_for_in_any_words_comes_in_the_first_turn(chat: Any, said: str) -> None:
    assert chat.say(said).handoff["reason"] == "asked"


@pytest.mark.parametrize("said", ["我不要人工", "别转人工啊", "人工智能厉害吗"])
def test_who_names_a_person_without_wanting_one_is_not_queued(chat: Any, said: str) -> None:
    assert chat.say(said).handoff is None


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("国际漫游怎么收费", "query_roaming"),
        ("流量不够了想加个包", "buy_data_pack"),
        ("TD", "cancel_service"),
        ("关闭自动续费", "cancel_service"),
        ("垃圾移动", "complain"),
        ("昨天收了我20块", "explain_charge"),
        ("打不出电话", "report_fault"),
        ("为什么停机", "resume_line"),
        ("停机了怎么办", "resume_line"),
        ("我要挂失停机", "suspend_line"),
        ("SIM卡坏了", "replace_sim"),
        ("不要给我发广告了", "manage_notifications"),
    ],
)
def test_business_named_by_its_words_reaches_the_right_people(chat: Any, said: str, intent: str) -> None:
    assert chat.say(said).handoff["intent"] == intent


def test_a_nine_sent_too_late_is_told_that_nobody_waits(chat: Any) -> None:
    late = chat.say("9")
    assert late.handoff is None
    assert "没有在排队" in late.text


def test_a_resend_before_there_is_a_number_asks_for_the_number(chat: Any) -> None:
    for text in STEPS["phone"]:
        chat.say(text)
    asked = chat.say("重发")
    assert asked.decision == "asked"
    assert "11位手机号" in asked.text


def test_asks_run_together_are_all_answered(chat: Any) -> None:
    for text in STEPS["code"]:
        chat.say(text)
    chat.say(chat.code(PHONE))
    both = chat.say("查话费查流量查积分查账单")
    assert [source in both.text for source in ("【话费】", "【余量】", "【积分】", "【账单】")] == [True] * 4
