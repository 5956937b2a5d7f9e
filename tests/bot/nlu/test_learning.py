"""From labelled messages to a classifier."""

import jieba
import pytest

from bot.nlu.classes import Classes
from bot.nlu.errors import TrainingError
from bot.nlu.learning import Recipe, learn
from bot.nlu.model import Reader, Understander
from tests.bot.nlu.conftest import MESSAGES, NOW, OUTSIDE, SAID


def test_knows_what_it_was_taught(understander: Understander) -> None:
    for intent, texts in SAID.items():
        for text in texts:
            assert understander.understand(text, NOW).best[0] == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("查餘額", "query_balance"),
        ("查于额", "query_balance"),
        ("转仁工", "request_human"),
        ("上個月賬單", "query_bill"),
        ("17900009999", "bind_line"),
    ],
)
def test_traditional_script_and_homophones_read_the_same(understander: Understander, text: str, intent: str) -> None:
    assert understander.understand(text, NOW).best[0] == intent


def test_out_of_scope_is_no_class(learnt: Classes, understander: Understander) -> None:
    assert set(learnt.intents) == set(SAID)
    for text in ("今天天气怎么样", "讲个笑话", "股票涨了吗"):
        assert understander.understand(text, NOW).door()["intent"] == "out_of_scope"


def test_the_report_says_what_cross_validation_gave(learnt: Classes) -> None:
    assert learnt.report["examples"] == {intent: len(texts) for intent, texts in sorted(SAID.items())}
    assert learnt.report["out_of_scope_examples"] == len(OUTSIDE)
    assert sum(learnt.report["in_scope"].values()) == pytest.approx(1.0, abs=0.01)
    assert 0.0 <= learnt.report["cross_validated_accuracy"] <= 1.0


def test_learning_twice_gives_the_same(learnt: Classes, segmenter: jieba.Tokenizer) -> None:
    again = learn(MESSAGES, OUTSIDE, Recipe(), segmenter)
    assert (again.weights == learnt.weights).all()
    assert again.judge == learnt.judge


def test_without_out_of_scope_messages(segmenter: jieba.Tokenizer) -> None:
    learnt = learn(MESSAGES, [], Recipe(), segmenter)
    understander = Understander(Reader(learnt, segmenter))
    assert understander.understand("查余额", NOW).door()["decision"] == "accept"
    assert understander.understand("qqqq", NOW).door()["decision"] != "accept"


def test_a_tiny_industry(segmenter: jieba.Tokenizer) -> None:
    learnt = learn([("订座", "book"), ("我要订位", "book"), ("菜单", "menu"), ("看菜单", "menu")], [], Recipe(), segmenter)
    assert Understander(Reader(learnt, segmenter)).understand("订座", NOW).best[0] == "book"


@pytest.mark.parametrize("messages", [[], [("查余额", "query_balance"), ("余额", "query_balance")]])
def test_one_intent_is_none(messages: list, segmenter: jieba.Tokenizer) -> None:
    with pytest.raises(TrainingError, match="two intents"):
        learn(messages, [], Recipe(), segmenter)


def test_an_intent_with_one_example_is_named(segmenter: jieba.Tokenizer) -> None:
    with pytest.raises(TrainingError, match="goodbye"):
        learn([("你好", "greet"), ("您好", "greet"), ("再见", "goodbye")], [], Recipe(), segmenter)
