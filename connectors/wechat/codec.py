"""Between WeChat's XML and our values.

Incoming XML passes our own gate first (no document type, no entities, one flat <xml>, no element twice); the fields are
then read through wechatpy's message and event classes. Outgoing text is split where CDATA would end.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # noqa: S405  (types only; parsing is defusedxml's)

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from connectors.wechat.errors import BadBody
from conversations.model import Address, InboundMessage

_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_LARGEST_ID = 2**63
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_KEY = 128
_TAPS = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})
_HANDLED_EVENTS = frozenset({"subscribe", "unsubscribe", "scan", "click"})
_HANDLED_MESSAGES = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link"})


@dataclass(frozen=True)
class Ignored:
    """A message WeChat may send and we do nothing with: acknowledged, counted under this name."""

    name: str


def read_fields(body: bytes | str) -> dict[str, Any]:
    """The elements under <xml> as a dict (nested ones as dicts or lists). Raises BadBody."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise BadBody("not XML") from error
    if root.tag != "xml":
        raise BadBody("the root is not <xml>")
    fields: dict[str, Any] = {}
    for child in root:
        if child.tag in fields:
            raise BadBody(f"<{child.tag[:40]}> stands twice")
        fields[child.tag] = _value(child)
    return fields


def _value(element: Element, depth: int = 0) -> Any:
    children = list(element)
    if not children:
        return element.text or ""
    if depth > 4:
        raise BadBody("nested too deep")
    values: dict[str, Any] = {}
    for child in children:
        value = _value(child, depth + 1)
        if child.tag in values:
            before = values[child.tag]
            values[child.tag] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            values[child.tag] = value
    return values


def to_inbound(account: str, fields: dict[str, Any], now: datetime) -> InboundMessage | Ignored:
    """What the conversation needs of a message or event. Raises BadBody for one that lacks what its kind must have."""
    kind = _text(fields, "MsgType").lower()
    openid = _text(fields, "FromUserName")
    if not _OPENID.match(openid):
        raise BadBody("FromUserName is no openid")
    created = _number(fields, "CreateTime")
    address = Address(account, openid)
    if kind == "event":
        return _event(address, fields, created, now)
    if kind not in _HANDLED_MESSAGES:
        return Ignored(f"message.{kind[:40]}" if kind in MESSAGE_TYPES else "message.other")
    key = f"m{_number(fields, 'MsgId')}"
    message = MESSAGE_TYPES[kind](fields)
    text = _NOT_XML.sub("", message.content or "") if kind == "text" else str(_spoken(kind, fields))
    # a tap on a msgmenu item arrives as text and counts as a menu click, which refills the smaller bucket only
    refill = "tap" if "bizmsgmenuid" in fields else "message"
    return InboundMessage(address, key, kind, text, now, refill=refill, extra=_extra(fields))


def _event(address: Address, fields: dict[str, Any], created: int, now: datetime) -> InboundMessage | Ignored:
    name = _text(fields, "Event").lower()
    if not name:
        raise BadBody("an event without a name")
    if name not in _HANDLED_EVENTS:
        return Ignored(f"event.{name}" if name in EVENT_TYPES else "event.other")
    key = _text(fields, "EventKey", "")[:_LONGEST_KEY]
    dedup = f"e{created}:{name}:{key}"
    text = key.removeprefix("qrscene_") if name == "subscribe" else key
    refill = "tap" if name in _TAPS else "none"
    return InboundMessage(address, dedup, "event", _NOT_XML.sub("", text), now, name=name, refill=refill)


def _spoken(kind: str, fields: dict[str, Any]) -> str:
    return _text(fields, "Recognition", "") if kind == "voice" else ""


def _extra(fields: dict[str, Any]) -> dict[str, Any]:
    kept = ("MediaId", "PicUrl", "Format", "ThumbMediaId", "Location_X", "Location_Y", "Label", "Title", "Url")
    extra = {name: str(fields[name])[:500] for name in kept if isinstance(fields.get(name), str) and fields[name]}
    tapped = fields.get("bizmsgmenuid")
    return extra | ({"choice": tapped[:_LONGEST_KEY]} if isinstance(tapped, str) and tapped else {})


def _text(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise BadBody(f"{name} is missing")
    return value.strip() if name != "Content" else value


def _number(fields: dict[str, Any], name: str) -> int:
    value = _text(fields, name)
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) >= _LARGEST_ID:
        raise BadBody(f"{name} is no number")
    return int(value)


def cdata(text: str) -> str:
    """A CDATA section that no text can end early, without what XML 1.0 cannot hold."""
    safe = _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def render_text(to: str, sender: str, created: int, text: str) -> str:
    """A passive text reply, in plain XML."""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{cdata(text)}</Content></xml>"
    )


def render_transfer(to: str, sender: str, created: int, kf_account: str | None) -> str:
    """A reply that hands the message to WeChat's own desk, to one account there or to whoever is free, in plain XML.

    developers.weixin.qq.com/doc/service/en/guide/product/kf/forwarding.html"""
    named = f"<TransInfo><KfAccount>{cdata(kf_account)}</KfAccount></TransInfo>" if kf_account else ""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType>{named}</xml>"
    )


def render_cipher(encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    """The envelope of an encrypted reply."""
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )
