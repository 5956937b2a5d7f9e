"""Phone numbers, codes and periods with offsets into the text as sent."""

import random
from datetime import datetime, timedelta, timezone
from typing import Optional

import pytest

from bot.nlu.normalise import normalise
from bot.nlu.products import PRODUCTS_FILE, shared_catalogue
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
    assert said("17900000001和17900000002") == [("phone_number", "17900000001"), ("phone_number", "17900000002")]
    assert said("10月和9月的账单") == [("period", "2026-10"), ("period", "2026-09")]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("不是17900000001，是17900000002", [("phone_number", "17900000002")]),
        ("不是50 是100", [("amount", 10000)]),
        ("不要50块，要一百块", [("amount", 10000)]),
        ("不是10月，是9月", [("period", "2026-09")]),
        ("是50不是100", [("amount", 5000)]),
        ("10月不是30天吗", [("period", "2026-10")]),
    ],
)
def test_what_is_taken_back_is_left_out(sent: str, meant: list) -> None:
    assert said(sent) == meant


@pytest.mark.parametrize(
    ("sent", "fen"),
    [
        *(("充50块", 5000), ("充一百五", 15000), ("20.5元", 2050), ("二十", 2000), ("三块五", 350), ("￥９９", 9900), ("¥99", 9900)),
        *(("1,000元", 100000), ("一百零五块", 10500), ("两千三百块", 230000), ("二十蚊", 2000), ("充值话费30", 3000), ("50", 5000)),
    ],
)
def test_a_sum(sent: str, fen: int) -> None:
    assert said(sent) == [("amount", fen)]


@pytest.mark.parametrize(
    "sent", ["一块去", "5", "等了二十分钟", "元旦", "10086", "充了3次", "1790元旦", "第50页", "十百万块", "充99999999999元"]
)
def test_other_numbers_are_no_sum(sent: str) -> None:
    assert [one for one in said(sent) if one[0] == "amount"] == []


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        *(("10个G", 10 * 1024**3), ("五百兆", 500 * 1024**2), ("1.5GB", 1536 * 1024**2), ("半个G", 512 * 1024**2), ("1T", 1024**4)),
        *(("5G", None), ("买了5G", 5 * 1024**3), ("５００Ｍ", 500 * 1024**2)),
    ],
)
def test_a_volume(sent: str, value: Optional[int]) -> None:
    assert said(sent) == ([("data_volume", value)] if value else [])


@pytest.mark.parametrize("sent", ["5G网络", "4G信号不好", "换5g手机", "iPhone15 Pro Max"])
def test_a_generation_of_networks_is_no_volume(sent: str) -> None:
    assert said(sent) == []


@pytest.mark.parametrize(
    ("sent", "kinds"),
    [
        ("查流量和通话", ["data", "voice"]),
        ("还剩多少分钟、多少短信", ["voice", "sms"]),
        ("等了10分钟", []),
        ("收到垃圾短信", []),
        ("短信验证码收不到", []),
    ],
)
def test_kinds_of_use(sent: str, kinds: list) -> None:
    assert [value for entity, value in said(sent) if entity == "usage_kind"] == kinds
    assert not find(sent).values_only


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
        ("上个月深圳", False),
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


@pytest.mark.parametrize(
    ("sent", "marked"),
    [
        ("天河区有营业厅吗", "<place>有营业厅吗"),
        ("去日本能用吗", "去<abroad>能用吗"),
        ("Shenzhen有门店吗", "<place>有门店吗"),
        ("香港漫游怎么收费", "<abroad>漫游怎么收费"),
        ("tokyo roaming", "<abroad> roaming"),
    ],
)
def test_the_classifier_reads_where_it_is_as_at_home_or_abroad(sent: str, marked: str) -> None:
    assert find(sent).marked == marked


def test_a_place_alone_answers_no_question_for_a_value() -> None:
    assert not find("深圳").values_only
    assert find("天河区17900000001").marked == "<place><phone_number>"


ALPHABET = [
    *"上个月近三天号日年到至-~/.:,，。！ 的在去离到香港北京路村区1２３一两十百千万块元毛角gＧm兆流量短信通话充扣不是要换59畅享彩铃",
    *(
        "\ud83d",
        "\udc00",
        "\x00",
        "\u200b",
        "\u202e",
        "😀",
        "👨‍👩‍👧",
        "e\u0301",
        "ﷺ",
        "㍿",
        "①",
        "½",
        "\n",
        "\t",
        "\u3000",
        "<",
        ">",
        "國慶",
        "個",
        "臺灣",
        "179",
        "10月",
        "上个月",
    ),
]


def test_offsets_hold_for_any_text() -> None:
    chance = random.Random(20261122)
    names = shared_catalogue(PRODUCTS_FILE)
    for _ in range(1500):
        sent = "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(60)))
        if chance.random() < 0.2:
            sent += "".join(chr(chance.randrange(0x110000)) for _ in range(10))
        values = find_values(sent, normalise(sent), NOW, names).values
        assert all(sent[value.start : value.end] == value.text and value.text for value in values), sent
        assert all(first.end <= second.start for first, second in zip(values, values[1:])), sent
        assert all(value.text == value.text.strip() for value in values), sent


@pytest.mark.parametrize(
    "piece", ["1", "一", "9月", "3号到", "8、", "五百", "在北京", "去大", "那阳光花园小区有", "10.1-", "不要10G要", " 1", "179 "]
)
def test_a_flood_is_read(piece: str) -> None:
    flood = piece * 3000
    assert len(find_values(flood, normalise(flood), NOW).values) <= 300
