import pytest

from conversations.model import Address
from conversations.notices import load_texts, normalise
from conversations.rows import Inbound
from conversations.triggers import Goodbye, Say, Silent, Trigger, Unreadable, Welcome, classify
from tests.conversations.rows import NOW


def message(kind: str, text: str = "", name: str = "") -> Inbound:
    return Inbound("i_1", "c_1", Address("demo", "o"), "m1", kind, name, text, {}, NOW, 0.0, 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (message("text", "查话费"), Say("查话费")),
        (message("text", " 查话费\n"), Say("查话费")),
        (message("text", "😀😀"), Say("😀😀")),
        (message("text", " \n"), Unreadable("text", empty=True)),
        (message("voice", "查话费"), Say("查话费")),
        (message("voice"), Unreadable("voice")),
        (message("image"), Unreadable("image")),
        (message("hologram"), Unreadable("hologram")),
        (message("event", "CXYE", "click"), Say("CXYE")),
        (message("event", "", "click"), Silent()),
        (message("event", "qrscene_1", "subscribe"), Welcome()),
        (message("event", "1", "scan"), Welcome()),
        (message("event", "", "open"), Welcome("greeting")),
        (message("event", "", "unsubscribe"), Goodbye()),
        (message("event", "https://example.com", "view"), Silent()),
        (message("event", "", "an_event_of_tomorrow"), Silent()),
    ],
)
def test_kinds_and_events(row: Inbound, expected: Trigger) -> None:
    assert classify(row) == expected


@pytest.mark.parametrize("text", ["9", "９", "9。", " 不等了！", "取消排队", "算了"])
def test_words_that_leave_the_queue(text: str) -> None:
    assert load_texts().leaves(text)


@pytest.mark.parametrize("text", ["99", "9元套餐", "不等了多久了", "取消套餐", ""])
def test_words_that_do_not(text: str) -> None:
    assert not load_texts().leaves(text)


def test_every_notice_is_there_and_short_enough_to_share_a_bubble() -> None:
    texts = load_texts()
    values = {"ahead": 12, "position": 13, "kind": "图片", "ticket": "W261122-ABCDE", "tag": "7F3A"}
    assert all(len(texts.say(name, **values).encode()) < 600 for name in texts.notices)
    assert texts.kind("hologram") == texts.kind("other")
    assert texts.opening("no such reason") == texts.opening("asked")
    assert normalise("ＡＢＣ。") == "abc"
