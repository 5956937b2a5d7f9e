"""What a subscriber can do, and the fields WeChat makes of it: messages here, events in sandbox/events.py.

Field names: developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html. Compared with wechatpy's
parser in tests/sandbox/test_kinds.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import ScriptRefusal
from sandbox.rendering import Fields

# XML 1.0 has no way to write these characters; the WeChat client does not send them either.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MESSAGE_KINDS = ("text", "image", "voice", "video", "shortvideo", "location", "link")
MEDIA_KINDS = {"image": "image", "voice": "voice", "video": "video", "shortvideo": "video"}
PLACE = (39.9042, 116.4074, "北京市东城区")


@dataclass(frozen=True)
class Action:
    """One thing a subscriber does.

    Attributes:
        fields: the elements beyond the common ones, in order.
        shown: the line on the phone; empty: nothing is shown there.
        is_event: no MsgId.
        fills: which bucket of the purse it fills: message, event or none.
        data: what the page draws the bubble from.
        scene: of the code by which somebody follows.
        then: what WeChat's client sends right after: the pictures or the place an event of a menu told of.
    """

    kind: str
    fields: Fields
    shown: str
    is_event: bool
    fills: str
    data: dict[str, Any] = field(default_factory=dict)
    scene: str = ""
    then: tuple["Action", ...] = ()


@dataclass(frozen=True)
class SentMedia:
    """The file a subscriber sends: its ids, and where it lies for the product and for the page."""

    media_id: str = "sandbox-media-0001"
    pic_url: str = "http://mmbiz.qpic.cn/sandbox/0"
    thumb_id: str = "sandbox-thumb-0001"
    format: str = "amr"
    data: Mapping[str, Any] = field(default_factory=dict)


def message_from(kind: str, data: Mapping[str, Any], media: SentMedia) -> Action:
    """Reads the body of POST /api/say for one of MESSAGE_KINDS; raises ScriptRefusal."""
    if kind == "text":
        return _text(data)
    fields: Fields = [("MsgType", kind)]
    shape: dict[str, Any] = dict(media.data)
    if kind == "image":
        fields += [("PicUrl", given(data, "pic_url", media.pic_url)), ("MediaId", media.media_id)]
        shown = "[图片]"
    elif kind == "voice":
        shown = _voice(data, media, fields, shape)
    elif kind in ("video", "shortvideo"):
        fields += [("MediaId", media.media_id), ("ThumbMediaId", media.thumb_id)]
        shown = "[视频]"
    elif kind == "location":
        x, y, label, scale = place(data)
        fields += [("Location_X", x), ("Location_Y", y), ("Scale", scale), ("Label", label)]
        shape |= {"latitude": x, "longitude": y, "label": label}
        shown = f"[位置] {label}"
    else:
        shape |= {name: given(data, name, default) for name, default in (("title", "链接"), ("description", ""), ("url", "https://example.com/"))}
        fields += [("Title", shape["title"]), ("Description", shape["description"]), ("Url", shape["url"])]
        shown = f"[链接] {shape['title']}"
    return Action(kind, fields, shown, is_event=False, fills="message", data=shape)


def event(name: str, fields: Fields, shown: str = "", fills: str = "none", **more: Any) -> Action:
    """An event under WeChat's name for it."""
    return Action(name.lower(), [("MsgType", "event"), ("Event", name), *fields], shown, is_event=True, fills=fills, **more)


def place(data: Mapping[str, Any]) -> tuple[float, float, str, int]:
    """Latitude, longitude, label and scale."""
    latitude, longitude = number(data, "latitude", PLACE[0], 90), number(data, "longitude", PLACE[1], 180)
    return latitude, longitude, given(data, "label", PLACE[2]), int(number(data, "scale", 16, 30))


def given(data: Mapping[str, Any], key: str, default: str) -> str:
    """A text of the script's, without what XML cannot carry; raises ScriptRefusal."""
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise ScriptRefusal(f"{key} must be a text.")
    return _NOT_XML.sub("", value)


def number(data: Mapping[str, Any], key: str, default: float, most: float = 1e12) -> float:
    """A number of the script's; raises ScriptRefusal."""
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise ScriptRefusal(f"{key} must be a number from {-most:g} to {most:g}.")
    return float(value)


def _text(data: Mapping[str, Any]) -> Action:
    if data.get("text") is None:
        raise ScriptRefusal("Give the words as text.")
    text, menu_id = given(data, "text", ""), given(data, "menu_id", "")
    fields: Fields = [("MsgType", "text"), ("Content", text)]
    if menu_id:
        # A tap on an entry of a msgmenu arrives as a text, but counts as a menu click.
        return Action("text", [*fields, ("bizmsgmenuid", menu_id)], text, is_event=False, fills="event")
    return Action("text", fields, text, is_event=False, fills="message")


def _voice(data: Mapping[str, Any], media: SentMedia, fields: Fields, shape: dict[str, Any]) -> str:
    fields += [("MediaId", media.media_id), ("Format", media.format)]
    words = data.get("recognition", data.get("text"))
    shape |= {"seconds": int(number(data, "seconds", media.data.get("seconds", 2), 60))}
    if words is None:
        # The account has not switched recognition on: there is no such element at all.
        return "[语音]"
    shape["recognition"] = given({"recognition": words}, "recognition", "")
    fields += [("MediaId16K", media.media_id), ("Recognition", shape["recognition"])]
    return f"[语音] {shape['recognition']}".strip()
