"""Several asks in a message, and asks taken back."""

import re
from datetime import datetime

import pytest

from bot.nlu.asks import asks_of
from bot.nlu.bands import Ranked
from bot.nlu.normalise import normalise
from bot.nlu.several import several, without_refused
from bot.nlu.values import SHANGHAI, find_values

WORDS = {
    "话费": "query_balance", "流量": "query_allowance", "谢谢": "thank", "账单": "query_bill", "积分": "query_points",
    "退订": "cancel_service", "换": "redeem_points", "贵": "explain_charge", "扣": "explain_charge",
}
STRONGER = ("贵", "扣", "换", "退订")


def rank(text: str) -> Ranked:
    """Reads the first word it knows, a predicate before a noun."""
    predicates = [(-1, WORDS[word]) for word in STRONGER if word in text]
    found = predicates + sorted((text.index(word), intent) for word, intent in WORDS.items() if word in text)
    return Ranked("accept", ((found[0][1], 0.9),)) if found else Ranked("reject", (("query_bill", 0.1),))


def words(text: str) -> list:
    known = sorted((*WORDS, "彩铃", "显示", "怎么", "这么"), key=len, reverse=True)
    return re.findall("|".join([*known, "."]), text)


def asked(text: str) -> list:
    return [part.intent for part in several(text, rank(text), rank, words, ("thank",))]


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("查话费顺便看看流量", ["query_balance", "query_allowance"]),
        ("流量和话费", ["query_allowance", "query_balance"]),
        ("流量、话费、账单", ["query_allowance", "query_balance", "query_bill"]),
        ("话费流量都查一下", ["query_balance", "query_allowance"]),
        ("帮我把话费流量积分都查一下", ["query_balance", "query_allowance", "query_points"]),
        ("查话费查流量查积分", ["query_balance", "query_allowance", "query_points"]),
        ("话费还剩多少?流量呢?", ["query_balance", "query_allowance"]),
        ("查话费和流量,顺便看看积分", ["query_balance", "query_allowance", "query_points"]),
        ("看下流量还有账单", ["query_allowance", "query_bill"]),
        ("查话费再查话费余额", ["query_balance"]),
        ("查话费，谢谢", ["query_balance"]),
        ("查话费顺便谢谢你", ["query_balance"]),
        ("我和老公的话费", ["query_balance"]),
        ("话费还有多少", ["query_balance"]),
    ],
)
def test_in_the_order_they_were_said(text: str, intents: list) -> None:
    assert asked(text) == intents


@pytest.mark.parametrize(
    "text",
    [
        "话费和流量有什么关系",
        "话费跟流量哪个多",
        "流量怎么这么贵",
        "话费和流量怎么这么贵",
        "为什么扣了话费和流量",
        "积分换话费",
        "退订彩铃和来电显示",
        "不看账单,我要看话费",
        "余额不是流量",
        "流量用完了,话费也没了",
        "话费流量",
        "查话费、流量、积分、账单、话费、流量",
    ],
)
def test_one_question_about_two_things_and_stories_are_one(text: str) -> None:
    assert len(asked(text)) == 1


def test_values_belong_to_the_part_that_says_them() -> None:
    def asks(text: str) -> list:
        found = find_values(text, normalise(text), datetime(2026, 11, 22, 20, tzinfo=SHANGHAI))
        meant = without_refused(found.marked)
        each = asks_of(found, several(meant, rank(meant), rank, words, ("thank",)))
        return [(ask.as_dict()["intent"], [value.value for value in ask.values if value.entity != "usage_kind"]) for ask in each]

    assert asks("查9月账单顺便看看流量") == [("query_bill", ["2026-09"]), ("query_allowance", [])]
    assert asks("查17900000002的话费和流量") == [("query_balance", ["17900000002"]), ("query_allowance", ["17900000002"])]
    assert asks("查17900000001的话费和17900000002的流量") == [("query_balance", ["17900000001"]), ("query_allowance", ["17900000002"])]
    assert asks("不是查8月账单，是查9月账单和积分") == [("query_bill", ["2026-09"]), ("query_points", ["2026-09"])]
    assert asks("13月账单和积分")[0] == ("query_bill", [None])


def test_a_follow_up_is_read_by_its_noun() -> None:
    unsure = Ranked("clarify", (("redeem_points", 0.4),))
    assert several("那流量呢", unsure, rank, words, ())[0].intent == "query_allowance"
    assert several("流量", unsure, rank, words, ())[0].ranked is unsure
    assert several("那天气呢", unsure, rank, words, ())[0].ranked is unsure


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("不是查余额 是查账单", "查账单"),
        ("我不要查余额，我要查账单", "查账单"),
        ("不想查话费了，想查流量", "查流量"),
        ("查账单", "查账单"),
        ("你不是机器人吧是真人吗", "你不是机器人吧是真人吗"),
        ("不用查了", "不用查了"),
    ],
)
def test_what_is_taken_back(text: str, meant: str) -> None:
    assert without_refused(text) == meant
