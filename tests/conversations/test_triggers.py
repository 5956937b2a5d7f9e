import pytest

from conversations.model import Address
from conversations.notices import load_texts, normalise
from conversations.rows import Inbound
from conversations.triggers import Ask, Goodbye, Place, Say, Silent, Trigger, Unreadable, Welcome, classify
from tests.conversations.rows import NOW


def message(kind: str, text: str = "", name: str = "", **extra: object) -> Inbound:
    return Inbound("i_1", "c_1", Address("demo", "o"), "m1", kind, name, text, extra, NOW, 0.0, 1)


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
        (message("event", "", "click"), Ask("")),
        (message("event", "", "scancode_waitmsg"), Silent()),
        (message("event", "SF123", "scancode_waitmsg"), Say("SF123")),
        (message("event", "SF123", "scancode_waitmsg", intent="query_bill"), Ask("query_bill")),
        (message("event", "https://example.com", "scancode_push"), Silent()),
        (message("event", "k", "click", intent="query_balance"), Ask("query_balance")),
        (message("event", "", "subscribe"), Welcome()),
        (message("event", "shop", "subscribe", scene="shop"), Welcome(scene="shop")),
        (message("event", "shop", "scan", scene="shop", words="查话费"), Welcome("welcome_back", "scanned", "shop", Say("查话费"))),
        (
            message("event", "shop", "scan", scene="shop", intent="query_bill"),
            Welcome("welcome_back", "scanned", "shop", Ask("query_bill")),
        ),
        (message("event", "", "open"), Welcome("greeting", "")),
        (message("location", "天河路"), Unreadable("location")),
        (message("location", "天河路", words="附近营业厅", latitude=23.1, longitude=113.3), Say("附近营业厅")),
        (
            message("location", "天河路", intent="find_store", latitude=23.1, longitude=113.3, label="天河路"),
            Ask("find_store", Place(23.1, 113.3, "天河路")),
        ),
        (message("unsupported"), Unreadable("unsupported")),
        (message("event", "", "kf_create_session"), Silent()),
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
