"""What a subscriber does, read back by wechatpy's parser."""

from typing import Any

import pytest
from wechatpy import parse_message

from sandbox.actions import EVENT_KINDS, action_from
from sandbox.errors import ScriptRefusal
from sandbox.kinds import MESSAGE_KINDS
from sandbox.rendering import render_xml

COMMON: list[tuple[str, str | int | float]] = [("ToUserName", "gh_demo"), ("FromUserName", "oZhang"), ("CreateTime", 1_795_000_000)]


def parsed(**data: Any) -> Any:
    return parse_message(render_xml([*COMMON, *action_from(data).fields, ("MsgId", 7)]))


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_every_message_kind_is_known_to_wechatpy(kind: str) -> None:
    message = parsed(kind=kind, text="你好")
    assert (message.type, message.source, message.target, message.id) == (kind, "oZhang", "gh_demo", 7)
    action = action_from({"kind": kind, "text": "你好"})
    assert (action.is_event, action.fills) == (False, "message")


# wechatpy 1.8.18 is older than the notices of subscriptions.
OF_LATER = ("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event", "event", "view_miniprogram")


@pytest.mark.parametrize("kind", [kind for kind in EVENT_KINDS if kind not in OF_LATER])
def test_every_event_kind_is_known_to_wechatpy(kind: str) -> None:
    message = parsed(kind=kind, key="K")
    assert message.type == "event"
    assert message.event == {"enter_location": "location"}.get(kind, kind)
    assert action_from({"kind": kind, "key": "K"}).is_event


def test_details_survive() -> None:
    assert parsed(kind="voice", recognition="查流量").recognition == "查流量"
    assert parsed(kind="location", latitude=31.2, longitude=121.5, label="上海").location == ("31.2", "121.5")
    assert parsed(kind="link", title="套餐", url="https://example.com/?a=1&b=2").url == "https://example.com/?a=1&b=2"
    assert parsed(kind="scan", scene="store-7").scene_id == "store-7"
    assert parsed(kind="subscribe", scene="store-7").scene_id == "store-7"


def test_only_tap_follow_and_scan_open_the_minute() -> None:
    fills = {kind: action_from({"kind": kind, "key": "K", "event": "x"}).fills for kind in EVENT_KINDS}
    opens = {"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"}
    assert {kind for kind, bucket in fills.items() if bucket == "event"} == opens
    assert set(fills.values()) == {"event", "none"}


@pytest.mark.parametrize("text", ["]]>", "a]]><MsgType>event</MsgType>", "]]", "<b>&amp;", "第一行\n第二行", "👨‍👩‍👧", "", "  两边  "])
def test_no_text_breaks_the_xml(text: str) -> None:
    message = parsed(text=text)
    assert message.type == "text"
    assert (message.content or "") == text.strip()


@pytest.mark.parametrize("data", [{}, {"text": None}, {"kind": "click", "key": 5}, {"kind": ""}])
def test_what_is_missing_is_named(data: dict[str, Any]) -> None:
    with pytest.raises(ScriptRefusal):
        action_from(data)
