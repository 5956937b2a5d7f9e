"""Plain writing, and the way back to the text as sent."""

import random

import pytest

from bot.nlu.normalise import LONGEST, normalise


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("ＣＸＬＬ", "cxll"),
        ("１７９ ００００ ０００１", "179 0000 0001"),
        ("我嘅話費餘額", "我嘅话费余额"),
        ("  查　 话费\t\n", "查 话费"),
        ("快点！！！！！", "快点!!"),
        ("17900000001", "17900000001"),
        ("查\u200b话\x00费\ufeff", "查话费"),
        ("\ud800查\udfff", "查"),
        ("❤️", "❤"),
        ("㎏", "kg"),
        ("", ""),
        (" \x00\u3000", ""),
    ],
)
def test_writes_plainly(sent: str, plain: str) -> None:
    assert normalise(sent).text == plain


def test_each_character_knows_where_it_came_from() -> None:
    sent = "\u3000\u3000查\u200b上個月！！！！㍿"
    normalised = normalise(sent)
    month = normalised.text.index("上个月")
    start, end = normalised.span(month, month + 3)
    assert sent[start:end] == "上個月"
    shouts = normalised.text.index("!!")
    assert sent[slice(*normalised.span(shouts, shouts + 2))] == "！！！！"
    assert sent[slice(*normalised.span(len(normalised.text) - 1, len(normalised.text)))] == "㍿"


def test_any_text_has_a_way_back() -> None:
    chance = random.Random(7)
    alphabet = [*"查話费 ！１a\n\x00", "\ud83d", "😀", "e\u0301", "㍿", "\u200d", "ß", "ﷺ", "上個月"]
    for _ in range(500):
        sent = "".join(chance.choice(alphabet) for _ in range(chance.randrange(40)))
        normalised = normalise(sent)
        assert len(normalised.text) == len(normalised.starts) == len(normalised.ends)
        assert list(normalised.starts) == sorted(normalised.starts)
        assert list(normalised.ends) == sorted(normalised.ends)
        for start, end in zip(normalised.starts, normalised.ends, strict=True):
            assert 0 <= start < end <= len(sent)


def test_a_flood_is_read_at_both_ends() -> None:
    normalised = normalise("你好" + "啦吧" * 2000 + "转人工")
    assert normalised.text.startswith("你好")
    assert normalised.text.endswith("转人工")
    assert len(normalised.text) == LONGEST
    assert normalised.ends[-1] == 4005
