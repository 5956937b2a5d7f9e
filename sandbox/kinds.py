"""What a subscriber can do, and the XML WeChat makes of it.

Field names: developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html and its page of
events. Compared with wechatpy's parser in tests/sandbox/test_kinds.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import ScriptRefusal

Fields = list[tuple[str, str | int | float]]
# XML 1.0 has no way to write these characters; the WeChat client does not send them either.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MESSAGE_KINDS = ("text", "image", "voice", "video", "shortvideo", "location", "link")
EVENT_KINDS = ("subscribe", "unsubscribe", "scan", "click", "view", "enter_location")


@dataclass(frozen=True)
class Action:
    """One thing a subscriber does.

    Attributes:
        fields: the XML elements beyond the common ones, in order.
        shown: the line on the phone.
        is_event: no MsgId.
        fills: which bucket of the purse it fills: message, event or none.
    """

    kind: str
    fields: Fields
    shown: str
    is_event: bool
    fills: str


def action_from(data: Mapping[str, Any]) -> Action:
    """Reads the body of POST /api/say.

    Raises:
        ScriptRefusal: unknown kind, missing text or key.
    """
    kind = data.get("kind") or "text"
    if kind in MESSAGE_KINDS:
        return _message(kind, data)
    if kind in EVENT_KINDS:
        return _event(kind, data)
    raise ScriptRefusal(f"kind must be one of {', '.join(MESSAGE_KINDS + EVENT_KINDS)}.")


def render_xml(fields: Fields) -> str:
    """`<xml>…</xml>` with texts in CDATA; a "]]>" inside is split over two sections."""
    parts = []
    for name, value in fields:
        if isinstance(value, str):
            inner = value.replace("]]>", "]]]]><![CDATA[>")
            parts.append(f"<{name}><![CDATA[{inner}]]></{name}>")
        else:
            parts.append(f"<{name}>{value}</{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def _message(kind: str, data: Mapping[str, Any]) -> Action:
    media = _given(data, "media_id", "sandbox-media-0001")
    fields: Fields = [("MsgType", kind)]
    if kind == "text":
        if data.get("text") is None:
            raise ScriptRefusal("Give the words as text.")
        text = _given(data, "text", "")
        menu_id = _given(data, "menu_id", "")
        if menu_id:
            # A tap on an entry of a msgmenu arrives as a text, but counts as a menu click.
            return Action(kind, [*fields, ("Content", text), ("bizmsgmenuid", menu_id)], text, is_event=False, fills="event")
        return Action(kind, [*fields, ("Content", text)], text, is_event=False, fills="message")
    if kind == "image":
        fields += [("PicUrl", _given(data, "pic_url", "http://mmbiz.qpic.cn/sandbox/0")), ("MediaId", media)]
        shown = "[图片]"
    elif kind == "voice":
        words = _given(data, "recognition", _given(data, "text", ""))
        fields += [("MediaId", media), ("Format", "amr"), ("Recognition", words)]
        shown = f"[语音] {words}".strip()
    elif kind in ("video", "shortvideo"):
        fields += [("MediaId", media), ("ThumbMediaId", "sandbox-thumb-0001")]
        shown = "[视频]"
    elif kind == "location":
        fields += [("Location_X", _number(data, "latitude", 39.9042)), ("Location_Y", _number(data, "longitude", 116.4074))]
        fields += [("Scale", 16), ("Label", _given(data, "label", "北京市东城区"))]
        shown = f"[位置] {_given(data, 'label', '北京市东城区')}"
    else:
        title = _given(data, "title", "链接")
        fields += [("Title", title), ("Description", _given(data, "description", "")), ("Url", _given(data, "url", "https://example.com/"))]
        shown = f"[链接] {title}"
    return Action(kind, fields, shown, is_event=False, fills="message")


def _event(kind: str, data: Mapping[str, Any]) -> Action:
    key = _given(data, "key", "")
    scene = _given(data, "scene", "")
    if kind == "subscribe":
        extra: Fields = [("Event", "subscribe"), ("EventKey", f"qrscene_{scene}" if scene else "")]
        return _as_event(kind, extra + _ticket(scene), "关注了公众号", "event")
    if kind == "unsubscribe":
        return _as_event(kind, [("Event", "unsubscribe"), ("EventKey", "")], "取消了关注", "none")
    if kind == "scan":
        scene = scene or key or "1"
        return _as_event(kind, [("Event", "SCAN"), ("EventKey", scene), *_ticket(scene)], f"扫描了二维码 {scene}", "event")
    if kind == "enter_location":
        place: Fields = [("Latitude", _number(data, "latitude", 39.9042)), ("Longitude", _number(data, "longitude", 116.4074))]
        return _as_event(kind, [("Event", "LOCATION"), *place, ("Precision", 30.0)], "上报了地理位置", "none")
    if not key:
        raise ScriptRefusal(f"kind {kind} needs the key of the menu entry.")
    shown = f"点击了菜单「{_given(data, 'name', key)}」"
    # A tap on a link (VIEW) is no allowance: only click, scancode_push and scancode_waitmsg are.
    return _as_event(kind, [("Event", kind.upper()), ("EventKey", key)], shown, "event" if kind == "click" else "none")


def _as_event(kind: str, fields: Fields, shown: str, fills: str) -> Action:
    return Action(kind, [("MsgType", "event"), *fields], shown, is_event=True, fills=fills)


def _ticket(scene: str) -> Fields:
    return [("Ticket", f"sandbox-ticket-{scene}")] if scene else []


def _given(data: Mapping[str, Any], key: str, default: str) -> str:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise ScriptRefusal(f"{key} must be a text.")
    return _NOT_XML.sub("", value)


def _number(data: Mapping[str, Any], key: str, default: float) -> float:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScriptRefusal(f"{key} must be a number.")
    return float(value)
