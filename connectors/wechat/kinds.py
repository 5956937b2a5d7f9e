"""Every kind of message and event WeChat sends, and what the conversation gets of it. The table for readers: docs/wechat.md.

Source: developers.weixin.qq.com, "Receiving standard messages", "Receiving event pushes", "Custom menu events", "Subscription
notifications". Names of events are compared in lower case. What is in neither table is acknowledged and counted.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from connectors.wechat.elements import Fields
from connectors.wechat.errors import BadBody
from connectors.wechat.notifications import read_consents, read_job
from conversations.model import Address, InboundMessage

INTENT = "intent:"
"""A menu key, a scene or a setting that begins so names an intent; any other key is words, as if typed."""

_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_LARGEST_ID = 2**63
_LONGEST_KEY = 128
_LONGEST_FIELD = 500
_LONGEST_WORDS = 2048
# a link cut in the middle leads nowhere; spoken words are read as typed ones are
_WHOLE = frozenset({"Url", "Recognition"})
_SCENE = "qrscene_"
_INTENT_NAME = re.compile(r"[A-Za-z0-9_]{1,64}\Z")
_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,15})?\Z")
# 【收到不支持的消息类型，暂无法显示】: WeChat's text where it has no kind for what was sent (a card, a sticker, …)
_UNSUPPORTED = re.compile(r"\u3010\u6536\u5230\u4e0d\u652f\u6301\u7684\u6d88\u606f\u7c7b\u578b[^\u3011]*\u3011\s*\Z")
# acknowledged and counted: what they announce follows as a message of its own, or nothing of it concerns a conversation
_NOTED_ONLY = frozenset(
    (
        "view view_miniprogram location pic_sysphoto pic_photo_or_album pic_weixin location_select user_enter_tempsession "
        "annual_renew verify_expired naming_verify_success naming_verify_fail qualification_verify_success qualification_verify_fail "
        "templatefreemsg_event publishjobfinish"
    ).split()
)

Asks = Mapping[str, str]
"""An account's table: "click:KEY", "scan:SCENE" or "location" → "intent:NAME", or words as if typed."""


@dataclass(frozen=True)
class Ignored:
    """Something WeChat may send and we do nothing with: acknowledged, counted under this name."""

    name: str


@dataclass(frozen=True)
class Read:
    """What a kind comes to: its words, and what else is kept (conversations/model.py has the names)."""

    text: str
    extra: dict[str, Any]
    kind: str = ""
    """Where it is not WeChat's own word."""
    identity: str = ""
    """What tells two events of one second apart."""


def to_inbound(account: str, fields: Fields, now: datetime, asks: Asks | None = None) -> InboundMessage | Ignored:
    """What the conversation needs of a message or event. Raises BadBody for one that lacks what its kind must have."""
    kind = _text(fields, "MsgType").lower()
    openid = _text(fields, "FromUserName")
    if not _OPENID.match(openid):
        raise BadBody("FromUserName is no openid")
    created = _number(fields, "CreateTime")
    address = Address(account, openid)
    if kind == "event":
        return _event(address, fields, created, now, asks or {})
    if kind not in _MESSAGES:
        return Ignored(f"message.{kind}" if kind in MESSAGE_TYPES else "message.other")
    key = f"m{_number(fields, 'MsgId')}"
    read = _MESSAGES[kind](fields, asks or {})
    # a tap on a msgmenu item arrives as text and counts as a menu click, which refills the smaller bucket only
    refill = "tap" if "bizmsgmenuid" in fields else "message"
    return InboundMessage(address, key, read.kind or kind, read.text, now, refill=refill, extra=read.extra)


def _event(address: Address, fields: Fields, created: int, now: datetime, asks: Asks) -> InboundMessage | Ignored:
    name = _text(fields, "Event").lower()
    if not name:
        raise BadBody("an event without a name")
    if name not in _EVENTS:
        return Ignored(f"event.{name}" if name in EVENT_TYPES or name in _NOTED_ONLY else "event.other")
    refill, reader = _EVENTS[name]
    read = reader(name, fields, asks)
    # only jobs have an id of their own; of two events in one second the key tells which is which
    job = read.extra.get("job")
    dedup = f"j{job}:{name}" if job else f"e{created}:{name}:{_short(read.identity or _key(fields))}"
    return InboundMessage(address, dedup, "event", read.text, now, name=name, refill=refill, extra=read.extra)


def _said(fields: Fields, _asks: Asks) -> Read:
    text = fields.get("Content", "")
    if not isinstance(text, str):
        raise BadBody("Content is no text")
    if _UNSUPPORTED.match(text):
        return Read("", {}, kind="unsupported")
    tapped = fields.get("bizmsgmenuid")
    return Read(text, {"choice": tapped[:_LONGEST_KEY]} if isinstance(tapped, str) and tapped else {})


def _file(fields: Fields, _asks: Asks) -> Read:
    names = {"media": "MediaId", "thumb": "ThumbMediaId", "format": "Format"}
    # recognition is the account's choice: without it there is no such field, and of noise it is empty
    return Read(_field(fields, "Recognition").strip(), _kept(fields, names))


def _place(fields: Fields, asks: Asks) -> Read:
    latitude, longitude = _degrees(fields, "Location_X", 90), _degrees(fields, "Location_Y", 180)
    extra = _kept(fields, {"label": "Label"})
    if latitude is not None and longitude is not None:
        extra |= {"latitude": latitude, "longitude": longitude} | _asked(asks.get("location", ""))
    return Read(_field(fields, "Label"), extra)


def _link(fields: Fields, _asks: Asks) -> Read:
    return Read("", _kept(fields, {"title": "Title", "description": "Description", "url": "Url"}))


def _follow(_name: str, fields: Fields, asks: Asks) -> Read:
    key = _key(fields)
    # what else a follow's key may hold, such as last_trade_no_…, is no scene of ours
    return _with_scene(key.removeprefix(_SCENE) if key.startswith(_SCENE) else "", asks)


def _seen(_name: str, fields: Fields, asks: Asks) -> Read:
    return _with_scene(_key(fields).removeprefix(_SCENE), asks)


def _with_scene(key: str, asks: Asks) -> Read:
    scene = key[:_LONGEST_KEY]
    return Read(scene, {"scene": scene} | _asked(_meant(asks, "scan", scene)) if scene else {})


def _gone(_name: str, fields: Fields, _asks: Asks) -> Read:
    return Read("", {})


def _tap(_name: str, fields: Fields, asks: Asks) -> Read:
    key = _key(fields)
    asked = _asked(_meant(asks, "click", key))
    return Read(asked.pop("words", key), asked)


def _scanned(_name: str, fields: Fields, asks: Asks) -> Read:
    info = fields.get("ScanCodeInfo")
    result = _field(info if isinstance(info, dict) else {}, "ScanResult")
    key = _key(fields)
    return Read(result, {"key": key} | _asked(_meant(asks, "click", key)), identity=f"{key}:{result}")


def _session(_name: str, fields: Fields, _asks: Asks) -> Read:
    names = ("KfAccount", "FromKfAccount", "ToKfAccount", "CloseType")
    extra = _kept(fields, {name: name for name in names})
    return Read("", extra, identity=":".join(str(extra.get(name, "")) for name in names))


def _job(name: str, fields: Fields, _asks: Asks) -> Read:
    return Read("", read_job(name, fields))


def _consents(name: str, fields: Fields, _asks: Asks) -> Read:
    consents = read_consents(name, fields)
    return Read("", {"consents": consents}, identity=repr(consents))


_MESSAGES: Mapping[str, Callable[[Fields, Asks], Read]] = {
    "text": _said,
    "image": _file,
    "voice": _file,
    "video": _file,
    "shortvideo": _file,
    "location": _place,
    "link": _link,
}
# name → (what it does to the purse, how it is read)
_EVENTS: Mapping[str, tuple[str, Callable[[str, Fields, Asks], Read]]] = {
    "subscribe": ("tap", _follow),
    "unsubscribe": ("none", _gone),
    "scan": ("tap", _seen),
    "click": ("tap", _tap),
    "scancode_push": ("tap", _scanned),
    "scancode_waitmsg": ("tap", _scanned),
    "kf_create_session": ("none", _session),
    "kf_close_session": ("none", _session),
    "kf_switch_session": ("none", _session),
    "templatesendjobfinish": ("none", _job),
    "masssendjobfinish": ("none", _job),
    "subscribe_msg_popup_event": ("none", _consents),
    "subscribe_msg_change_event": ("none", _consents),
    "subscribe_msg_sent_event": ("none", _consents),
}


def _meant(asks: Asks, what: str, key: str) -> str:
    """What the account's table says of a key, or the key itself when it names an intent."""
    return asks.get(f"{what}:{key}", "") or (key if key.startswith(INTENT) else "")


def _asked(meant: str) -> dict[str, Any]:
    if not meant:
        return {}
    if not meant.startswith(INTENT):
        return {"words": meant}
    name = meant.removeprefix(INTENT)
    # an empty name is one that no industry knows: the subscriber is told what can be done
    return {"intent": name if _INTENT_NAME.match(name) else ""}


def _kept(fields: Fields, names: Mapping[str, str]) -> dict[str, Any]:
    found = {ours: _field(fields, theirs) for ours, theirs in names.items()}
    return {name: value for name, value in found.items() if value}


def _field(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value[: _LONGEST_WORDS if name in _WHOLE else _LONGEST_FIELD] if isinstance(value, str) else ""


def _key(fields: Fields) -> str:
    return _field(fields, "EventKey").strip()


def _short(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _degrees(fields: Fields, name: str, most: int) -> float | None:
    value = _field(fields, name).strip()
    return float(value) if value.isascii() and _DEGREES.match(value) and abs(float(value)) <= most else None


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise BadBody(f"{name} is missing")
    return value.strip()


def _number(fields: Fields, name: str) -> int:
    value = _text(fields, name)
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) >= _LARGEST_ID:
        raise BadBody(f"{name} is no number")
    return int(value)
