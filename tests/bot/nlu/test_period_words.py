"""Periods as subscribers write them: expressions in a sentence, whole sentences, and what is none."""

from datetime import date
from pathlib import Path

import pytest

from bot.nlu.normalise import normalise
from bot.nlu.periods import find_periods
from bot.nlu.slips import mended

SUNDAY = date(2026, 11, 22)


def read(sent: str, today: date = SUNDAY) -> list:
    text = normalise(sent).text
    return [(text[period.start : period.end], period.value) for period in find_periods(text, today)]


EXPRESSIONS = (Path(__file__).parent / "period_words.txt").read_text("utf-8")
"""Lines of an expression and its value, counted from SUNDAY."""


@pytest.mark.parametrize(("said", "value"), [line.rsplit(" ", 1) for line in EXPRESSIONS.strip().split("\n")])
def test_an_expression(said: str, value: str) -> None:
    plain = normalise(said).text
    sent = mended(normalise(f"查{said}的话费").text)
    found = [(sent[period.start : period.end], period.value) for period in find_periods(sent, SUNDAY)]
    assert [(len(text), value) for text, value in found] == [(len(plain), value)]


SENTENCES = [
    ("从9月到现在一共多少", [("9月到现在", "2026-09-01/2026-11-22")]),
    ("从3号开始就没信号", [("3号", "2026-11-03/2026-11-03")]),
    ("上个月和上上个月的", [("上个月", "2026-10"), ("上上个月", "2026-09")]),
    ("10月11月的账单", [("10月11月", "2026-10-01/2026-11-30")]),
    ("8月和10月的", [("8月", "2026-08"), ("10月", "2026-10")]),
    ("8和10月的账单", [("8", "2026-08"), ("10月", "2026-10")]),
    ("昨晚充的今天没到", [("昨晚", "2026-11-21/2026-11-21"), ("今天", "2026-11-22/2026-11-22")]),
    ("上周一直没信号", [("上周", "2026-11-09/2026-11-15")]),
    ("上周一共用了多少", [("上周", "2026-11-09/2026-11-15")]),
    ("这礼拜天天断网", [("这礼拜", "2026-11-16/2026-11-22")]),
    ("国庆那几天我没用", [("国庆那几天", "2026-10-01/2026-10-07")]),
    ("11月3号到5号和10月1号", [("11月3号到5号", "2026-11-03/2026-11-05"), ("10月1号", "2026-10-01/2026-10-01")]),
    ("去年的账单和今年的", [("去年", "2025-01-01/2025-12-31"), ("今年", "2026-01-01/2026-12-31")]),
    ("9月8块10月38", [("9月", "2026-09"), ("10月", "2026-10")]),
    ("12月份去日本旅游怎么收费", [("12月份", "2026-12")]),
    ("12月份的账单", [("12月份", "2025-12")]),
    ("春节去泰国玩能用吗", [("春节", "2027-02-05/2027-02-12")]),
    ("12月去日本漫游怎么开", [("12月", "2026-12")]),
    ("10月去日本的漫游费", [("10月", "2026-10")]),
    ("28号要去香港", [("28号", "2026-11-28/2026-11-28")]),
    ("我周五到今天流量用哪了", [("周五到今天", "2026-11-20/2026-11-22")]),
    ("last month bill", [("last month", "2026-10")]),
    ("Oct的账单", [("oct", "2026-10")]),
    ("shanggeyue zhangdan", [("shanggeyue", "2026-10")]),
    ("前两天刚交过钱", [("前两天", "2026-11-21/2026-11-22")]),
    ("这个月1号到20号", [("这个月1号到20号", "2026-11-01/2026-11-20")]),
    ("查看10月份账单", [("10月份", "2026-10")]),
    ("10月账单10月详单", [("10月", "2026-10"), ("10月", "2026-10")]),
]


@pytest.mark.parametrize(("sent", "found"), SENTENCES)
def test_a_sentence(sent: str, found: list) -> None:
    assert read(sent) == found


@pytest.mark.parametrize(
    "sent",
    """
    一个月多少钱|3个月|三个月的合约|12个月的合约|24小时|每个月多少|每月5号扣费|每个月1号|每年10月|月租多少|包月|三天没信号|两天了还没修好
    |日租卡|日包|7日包|5号线|9号楼|3号楼|2号门|1号窗口|3号柜台|中山路12号|人民路3号|尾号8号|一号双终端|刚才|马上|以前|目前|当前|之前
    |网上月租|加上月租|晚上月亮|一下月租|看一下月账|今日头条|早上好|晚上好|每周五|四周都没信号|一周三次|10点到12点|3点到5点|用了20年
    |20年老用户|十年老用户|网龄15年|三年了|一年合约|半年套餐|半个月|一天|这一天|一日游|几多钱一日|去三日|13月|2月30号|32号|0月|近0天
    |2026年13月|10月32号|月饼|年轻人套餐|一月多少钱|一月30块|到月底|撑到月底|月底前|年底清零|周末开门吗|星期天几点营业|周一到周五上班吗
    |24/7|1/0|13/5|3.5元|10.5|1.5G|10.1元|12.12元|5折|一百五|88|第10页|10086|前面|前台|以前天天用|今后|最近|近期|往前一个月
    """.replace("\n", "")
    .replace("    ", "")
    .split("|"),
)
def test_what_is_none(sent: str) -> None:
    assert read(sent) == []


@pytest.mark.parametrize(
    ("today", "said", "value"),
    [
        (date(2027, 1, 1), "上上个月", "2026-11"),
        (date(2027, 1, 1), "去年", "2026-01-01/2026-12-31"),
        (date(2027, 1, 1), "12月", "2026-12"),
        (date(2027, 1, 1), "前天", "2026-12-30/2026-12-30"),
        (date(2027, 1, 1), "上周", "2026-12-21/2026-12-27"),
        (date(2027, 1, 1), "上季度", "2026-10-01/2026-12-31"),
        (date(2027, 1, 1), "国庆", "2026-10-01/2026-10-07"),
        (date(2027, 1, 1), "元旦", "2027-01-01/2027-01-01"),
        (date(2027, 1, 5), "30号", "2026-12-30/2026-12-30"),
        (date(2026, 12, 31), "下个月", "2027-01"),
        (date(2026, 12, 31), "明天", "2027-01-01/2027-01-01"),
        (date(2028, 2, 29), "今天", "2028-02-29/2028-02-29"),
        (date(2028, 2, 29), "去年2月", "2027-02"),
        (date(2028, 3, 1), "昨天", "2028-02-29/2028-02-29"),
        (date(2028, 3, 31), "上个月底", "2028-02-21/2028-02-29"),
        (date(2027, 3, 31), "上个月下旬", "2027-02-21/2027-02-28"),
        (date(2026, 5, 31), "近三个月", "2026-03-01/2026-05-31"),
        (date(2026, 1, 31), "近一年", "2025-02-01/2026-01-31"),
        (date(2026, 11, 23), "上周日", "2026-11-22/2026-11-22"),
        (date(2026, 11, 23), "周末", "2026-11-21/2026-11-22"),
        (date(2026, 11, 23), "这周一", "2026-11-23/2026-11-23"),
        (date(2026, 3, 1), "春节", "2026-02-16/2026-02-23"),
        (date(2026, 1, 10), "春节", "2025-01-28/2025-02-04"),
        (date(2045, 12, 1), "中秋", "2045-09-25/2045-09-25"),
    ],
)
def test_other_days(today: date, said: str, value: str) -> None:
    assert read(f"查{said}的", today) == [(said, value)]


def test_a_feast_that_no_table_has_is_none() -> None:
    assert read("2050年春节") == []
    assert read("去年中秋", date(2015, 12, 1)) == []


@pytest.mark.parametrize("said", ["这个阅读的会员", "这个越来越慢", "上个越南团", "下个跃层", "这个悦享套餐", "这个粤语客服"])
def test_ordinary_words_are_no_slips(said: str) -> None:
    assert mended(said) == said


@pytest.mark.parametrize(("said", "meant"), [("上个越的账单", "上个月的账单"), ("这个阅", "这个月"), ("上个悦话费", "上个月话费")])
def test_a_slip_is_mended(said: str, meant: str) -> None:
    assert mended(said) == meant
