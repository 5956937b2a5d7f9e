"""Between WeChat's bodies and plain fields: one gate for what comes in as XML or JSON, and the XML that goes back.

XML is what WeChat sends to accounts; its own page on encryption shows JSON as well, and mini programs may choose it. Both pass the same
gate: size, depth, no name twice, texts and numbers only. What goes back is XML always: the only reply the protocol describes.
"""

import json
from collections.abc import Iterable
from typing import Any

from connectors.wechat.elements import DEEPEST, Fields, clean, read_xml
from connectors.wechat.errors import BadBody

LARGEST_BODY = 64 * 1024
"""Bytes. WeChat's largest is a text of 2,048 bytes in a cipher, three times over in compatible mode."""

_BOM = b"\xef\xbb\xbf"

def read_fields(body: bytes | str) -> Fields:
    """The fields under <xml>, or of the JSON object: texts, nested ones as dicts or lists of them. Raises BadBody."""
    raw = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if len(raw) > LARGEST_BODY:
        raise BadBody("too large")
    raw = raw.removeprefix(_BOM).strip()
    return _read_json(raw) if raw.startswith(b"{") else read_xml(raw)


def _read_json(raw: bytes) -> Fields:
    try:
        root = json.loads(raw, object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadBody("not JSON") from error
    fields: Fields = _of_json(root, 0)
    return fields


def _once(pairs: Iterable[tuple[str, Any]]) -> Fields:
    fields: Fields = {}
    for name, value in pairs:
        if name in fields:
            raise BadBody(f"{name[:40]} stands twice")
        fields[name] = value
    return fields


def _no_number(name: str) -> str:
    raise BadBody(f"{name} is no number")


def _of_json(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    if depth >= DEEPEST:
        raise BadBody("nested too deep")
    if isinstance(value, dict):
        return {name: _of_json(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list) and depth:
        return [_of_json(one, depth + 1) for one in value]
    raise BadBody("neither a text, a number nor an object")


def cdata(text: str) -> str:
    """A CDATA section that no text can end early, without what XML 1.0 cannot hold."""
    safe = clean(text).replace("]]>", "]]]]><![CDATA[>")
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
