"""Second reading, sounds, views, vocabulary, neighbours."""

import random

import jieba
import numpy as np
import pytest

from bot.nlu.corpus import count_strings, weigh
from bot.nlu.features import Vector, Vocabulary, views
from bot.nlu.lexicon import read_again
from bot.nlu.neighbours import Neighbours, index
from bot.nlu.pinyin import folded, homophones, misheard, syllable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("cxll", "查询流量"),
        ("查ll", "查流量"),
        ("hello", "hello"),
        ("all", "all"),
        ("ll2", "ll2"),
        ("<period>ye", "<period>余额"),
        ("仲有几多流量", "还有多少流量"),
        ("唔系呢个", "不是这个"),
        ("唔该", "唔该"),
        ("dhjf 20", "兑换积分 20"),
        ("qxcl", "取消彩铃"),
        ("my plan", "my plan"),
        ("recharge", "recharge"),
        ("", ""),
    ],
)
def test_reads_again(text: str, read: str) -> None:
    assert read_again(text) == read


def test_sounds() -> None:
    assert [syllable(character) for character in "流量女a😀"] == ["liu", "liang", "nv", "", ""]
    assert folded(syllable("是")) == folded(syllable("四")) == "si"
    assert folded(syllable("人")) == folded(syllable("仍"))
    assert folded("rengong") == folded(syllable("人")) + folded(syllable("工"))
    assert syllable("ab") == ""


def test_mishears_about_the_share_it_is_told() -> None:
    sounds = homophones({"余": 9, "鱼": 5, "额": 3, "鹅": 1, "词语": 100, "于": 0})
    assert sounds["yu"] == ["余", "鱼"]
    assert misheard("余额", 1.0, sounds, random.Random(1)) == "鱼鹅"
    assert misheard("余额", 0.0, sounds, random.Random(1)) == "余额"
    assert misheard("xyz 123", 1.0, sounds, random.Random(1)) == "xyz 123"
    changed = sum(character != "余" for character in misheard("余" * 2000, 0.15, sounds, random.Random(1)))
    assert 200 < changed < 400


@pytest.mark.parametrize(("typed", "written"), [("liuliang", "流量"), ("zhangdan", "账单"), ("rengong", "人工"), ("yue", "余额")])
def test_pinyin_typed_out_meets_the_characters(segmenter: jieba.Tokenizer, typed: str, written: str) -> None:
    assert folded(typed) in views(written, segmenter)[2]
    assert folded(typed) in views(typed, segmenter)[2]


def test_marks_are_one_symbol(segmenter: jieba.Tokenizer) -> None:
    characters, words, _ = views("绑<phone_number>吧", segmenter)
    assert "绑<phone_number>吧" in characters
    assert "<phone_number> " in words


def test_stops_say_nothing_beside_words(segmenter: jieba.Tokenizer) -> None:
    assert views("查余额!!", segmenter) == views("查余额", segmenter)
    assert views("??", segmenter)[0] != views("", segmenter)[0]


def vocabulary_of(messages: list, least: int) -> Vocabulary:
    strings = count_strings(messages)
    return weigh(strings, np.arange(len(messages)), least, 1.0).vocabulary(strings)[0]


def test_each_view_has_length_one_and_unknown_strings_count() -> None:
    vocabulary = vocabulary_of([(["a", "b"], ["w"], ["s"]), (["a"], ["w"], ["t"])], 1)
    known = vocabulary.vector((["a", "b"], ["w"], ["s"]))
    assert np.square(known.weights).sum() == pytest.approx(3.0)
    half_known = vocabulary.vector((["a", "zzz"], ["w"], ["s"]))
    assert np.square(half_known.weights).sum() < 3.0
    assert len(vocabulary.vector(([], [], [])).indices) == 0
    rare, common = vocabulary.rarity[vocabulary.places[0]["b"]], vocabulary.rarity[vocabulary.places[0]["a"]]
    assert rare > common


def test_strings_in_too_few_messages_are_left_out() -> None:
    vocabulary = vocabulary_of([(["a", "b"], [], []), (["a"], [], [])], 2)
    assert set(vocabulary.places[0]) == {"a"}


def test_training_weighs_a_message_as_serving_does(segmenter: jieba.Tokenizer) -> None:
    texts = ["查话费", "查查话费还剩多少", "流量用完了", "转人工"]
    messages = [views(text, segmenter) for text in texts]
    strings = count_strings(messages)
    weighing = weigh(strings, np.arange(3), 1, 1.0)  # the fourth is unseen
    vocabulary, kept = weighing.vocabulary(strings)
    rows = weighing.vectors(strings, np.arange(4))[:, kept].toarray()
    for bags, row in zip(messages, rows, strict=True):
        vector = vocabulary.vector(bags)
        served = np.zeros(vocabulary.size)
        served[vector.indices] = vector.weights
        assert served == pytest.approx(row, abs=1e-6)


def neighbours_of(ours: list, others: list) -> Neighbours:
    return index(ours + others, [0, 2, len(ours)], 6, np.zeros((len(ours) + len(others), 0), dtype=np.float32))


def message(*places: int) -> Vector:
    weight = np.sqrt(3.0 / max(len(places), 1))
    return Vector(np.array(places, dtype=np.int32), np.full(len(places), weight, dtype=np.float32))


def test_nearness_is_to_ours_less_to_the_others() -> None:
    neighbours = neighbours_of([message(0, 1)] * 3, [message(2, 3)] * 2)
    for places, near in (((0, 1), 1.0), ((2, 3), -1.0), ((0, 2), 0.0), ((4, 5), 0.0), ((), 0.0)):
        assert neighbours.by_strings(message(*places))[1] == pytest.approx(near, abs=1e-6)
    assert neighbours_of([message(0, 1)] * 3, []).by_strings(message(0, 1))[1] == pytest.approx(1.0)


def test_the_nearest_message_speaks_for_its_intent() -> None:
    neighbours = neighbours_of([message(0, 1), message(4, 5), message(2, 3)], [])
    assert list(neighbours.by_strings(message(0, 1))[0]) == pytest.approx([1.0, 0.0])
    assert list(neighbours.by_strings(message(0, 3))[0]) == pytest.approx([0.5, 0.5])
