"""Very short messages."""

import pytest
from rasa.shared.core.events import UserUttered

from bot.engine.hearing import bare, chosen_number, hear, is_nonsense

PICKS = {"1": 1, "２": 2, "③": 3, " 4。": 4, "选2": 2, "第三个": 3}


@pytest.mark.parametrize(("text", "number"), PICKS.items())
def test_a_number_that_picks(text: str, number: int) -> None:
    assert chosen_number(text) == number


@pytest.mark.parametrize("text", ["10", "0", "2个G", "", "二百", "1790000"])
def test_a_number_that_picks_nothing(text: str) -> None:
    assert chosen_number(text) is None


@pytest.mark.parametrize("text", ["asdf", "qwe 123", "HELLO?"])
def test_letters_alone_are_nonsense(text: str) -> None:
    assert is_nonsense(text)


@pytest.mark.parametrize("text", ["讲个笑话", "今天26度", "", "😀", "。。。"])
def test_words_signs_and_faces_are_not(text: str) -> None:
    assert not is_nonsense(text)


def test_quotes_and_width_do_not_matter() -> None:
    assert bare("“ＣＸＹＥ”。") == "CXYE"


def test_an_invited_word_means_what_the_text_said() -> None:
    heard = hear(UserUttered("“人工”", {"name": "out_of_scope"}), {"人工": "request_human"}, {}, {})
    assert heard.intent == "request_human"


def test_a_message_that_was_never_understood_is_out_of_scope() -> None:
    heard = hear(UserUttered("x", parse_data={"intent": {}, "entities": None}), {}, {}, {})
    assert heard.intent == "out_of_scope"
    assert heard.entities == {}


def test_words_that_settle_an_unsure_message_leave_a_sure_one_alone() -> None:
    settled = {"request_human": "人工"}
    unsure = {"intent": {"name": "cancel"}, "understanding": {"decision": "clarify"}}
    sure = {"intent": {"name": "leave_queue"}, "understanding": {"decision": "accept"}}
    assert hear(UserUttered("算了人工吧", parse_data=unsure), {}, {}, settled).intent == "request_human"
    assert hear(UserUttered("不等人工了", parse_data=sure), {}, {}, settled).intent == "leave_queue"
