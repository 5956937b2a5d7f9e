"""Phone numbers, codes and periods with offsets into the text as sent."""

from datetime import datetime, timedelta, timezone

import pytest

from bot.nlu.normalise import normalise
from bot.nlu.values import SHANGHAI, Found, find_values

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)


def find(sent: str, now: datetime = NOW) -> Found:
    return find_values(sent, normalise(sent), now)


def said(sent: str) -> list:
    return [(value.entity, value.value) for value in find(sent).values]


@pytest.mark.parametrize(
    "sent",
    [
        "17900000001",
        "179 0000 0001",
        "179-0000-0001",
        "+86 179-0000-0001",
        "86 17900000001",
        "008617900000001",
        "１７９" + "０" * 7 + "１",
        "＋８６１７９" + "０" * 7 + "１",
        "1 7 9 0 0 0 0 0 0 0 1",
        "a17900000001b",
    ],
)
def test_a_phone_number_in_many_writings(sent: str) -> None:
    assert said(f"我的号是{sent}，谢谢") == [("phone_number", "17900000001")]


@pytest.mark.parametrize(
    "sent", ["1790000000", "179000000012", "12900000001", "440106199001011790", "0017900000001", "6222021790000000123"]
)
def test_other_figures_are_no_phone_number(sent: str) -> None:
    assert said(sent) == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("123456", "123456"),
        ("１２３４５６", "123456"),
        ("123 456", "123456"),
        ("是 654321 谢谢", "654321"),
        ("我收到的验证码是000001", "000001"),
        ("code: 123456", "123456"),
        ("202610", "202610"),
    ],
)
def test_a_code(sent: str, code: str) -> None:
    assert said(sent) == [("sms_code", code)]


@pytest.mark.parametrize("sent", ["12345", "1234567", "充123456元", "订单号123456", "123456元", "123456.5"])
def test_six_figures_of_something_else(sent: str) -> None:
    assert said(sent) == []


def test_offsets_count_the_text_as_sent() -> None:
    sent = "\u3000😀查\u200b上個月，號碼＋８６ １７９-００００-０００１！！！！！驗證碼：１２３４５６"
    values = find(sent).values
    assert [value.entity for value in values] == ["period", "phone_number", "sms_code"]
    assert [value.text for value in values] == ["上個月", "＋８６ １７９-００００-０００１", "１２３４５６"]
    assert all(sent[value.start : value.end] == value.text for value in values)


def test_two_of_a_kind_come_in_order() -> None:
    assert said("不是17900000001，是17900000002") == [("phone_number", "17900000001"), ("phone_number", "17900000002")]


def test_figures_are_read_once() -> None:
    assert said("10月3号17900000001") == [("period", "2026-10-03/2026-10-03"), ("phone_number", "17900000001")]
    assert said("202610账单") == [("period", "2026-10")]


def test_days_are_counted_in_shanghai() -> None:
    evening_in_utc = datetime(2026, 10, 31, 16, 30, tzinfo=timezone(timedelta(0)))  # already November in Shanghai
    assert [value.value for value in find("上个月", evening_in_utc).values] == ["2026-10"]


@pytest.mark.parametrize(
    ("sent", "only"),
    [
        ("那上个月呢", True),
        ("17900000001", True),
        ("就是 179 0000 0001", True),
        ("123456", True),
        ("查上个月账单", False),
        ("你好", False),
        ("", False),
    ],
)
def test_nothing_but_values(sent: str, only: bool) -> None:
    assert find(sent).values_only is only


def test_the_classifier_reads_marks_that_nobody_can_write() -> None:
    assert find("绑定17900000001").marked == "绑定<phone_number>"
    assert find("昨天到今天").marked == "<days>"
    assert "<" not in find("绑定<phone_number> < >").marked
    assert find("<b>余额</b>").marked == "余额"
