"""Several asks in a message, and asks taken back."""

import pytest

from bot.nlu.bands import Ranked
from bot.nlu.several import several, without_refused

WORDS = {"话费": "query_balance", "流量": "query_allowance", "谢谢": "thank", "账单": "query_bill"}


def rank(text: str) -> Ranked:
    """Reads the first word it knows."""
    found = sorted((text.index(word), intent) for word, intent in WORDS.items() if word in text)
    return Ranked("accept", ((found[0][1], 0.9),)) if found else Ranked("reject", ((("query_bill"), 0.1),))


def asked(text: str) -> list:
    first, also = several(text, rank(text), rank, ("thank",))
    return [first.ranking[0][0], *(intent for intent, _ in also)]


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("查话费顺便看看流量", ["query_balance", "query_allowance"]),
        ("流量和话费", ["query_allowance", "query_balance"]),
        ("流量、话费、账单", ["query_allowance", "query_balance", "query_bill"]),
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
