"""The callback's envelope, made and opened with wechatpy's own crypto, so that the product's is checked by a stranger's.

Signatures and modes: developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.md.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import WeChatSigner

from sandbox.config import Account
from sandbox.errors import ReplyMalformed
from sandbox.kinds import Fields, render_xml

# What wechatpy's decryption raises for input it was not made for, beside its own two.
_CRYPTO_ERRORS = (InvalidSignatureException, InvalidAppIdException, ValueError, IndexError, TypeError, struct.error)
_SHOWN_TYPES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}
PASSIVE_TEXT_BYTES = 2048


@dataclass(frozen=True)
class PassiveReply:
    """What the account answered inside the callback: `msg_type` text, image, …, and the line to show."""

    msg_type: str
    text: str


def seal(account: Account, xml: str, openid: str, timestamp: str, nonce: str) -> tuple[dict[str, str], bytes]:
    """The query and the body of one delivery, in the account's mode."""
    query = {"signature": _signature(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": openid}
    if account.mode == "plain":
        return query, xml.encode()
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    sealed = _children(fromstring(crypto.encrypt_message(xml, nonce, timestamp)))
    query |= {"encrypt_type": "aes", "msg_signature": _text(sealed, "MsgSignature")}
    encrypt: Fields = [("Encrypt", _text(sealed, "Encrypt"))]
    if account.mode == "compatible":
        return query, (xml.removesuffix("</xml>") + render_xml(encrypt).removeprefix("<xml>")).encode()
    return query, render_xml([("ToUserName", account.ghid), *encrypt]).encode()


def open_reply(account: Account, openid: str, body: bytes) -> PassiveReply | None:
    """Reads the callback's answer; None for "success" and the empty body.

    Raises:
        ReplyMalformed: for everything WeChat would answer with its fault notice.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReplyMalformed("the answer is not UTF-8") from error
    if text.strip() in ("", "success"):
        return None
    fields = _parse(text)
    if "Encrypt" in fields:
        fields = _parse(_decrypt(account, fields))
    elif account.mode == "safe":
        raise ReplyMalformed("the account is in safe mode but the answer is not encrypted")
    return _check(account, openid, fields)


def _decrypt(account: Account, fields: Mapping[str, Element]) -> str:
    if account.mode == "plain":
        raise ReplyMalformed("the account is in plain mode but the answer is encrypted")
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    parts = [_text(fields, name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    try:
        return str(crypto.decrypt_message({"Encrypt": _text(fields, "Encrypt")}, *parts))
    except _CRYPTO_ERRORS as error:
        raise ReplyMalformed(f"the encrypted answer cannot be opened ({type(error).__name__})") from error


def _check(account: Account, openid: str, fields: Mapping[str, Element]) -> PassiveReply:
    if _text(fields, "ToUserName") != openid or _text(fields, "FromUserName") != account.ghid:
        raise ReplyMalformed("ToUserName or FromUserName of the answer is not that of this chat")
    if not _text(fields, "CreateTime").isdigit():
        raise ReplyMalformed("CreateTime of the answer is not a whole number")
    msg_type = _text(fields, "MsgType")
    if msg_type == "text":
        content = _text(fields, "Content")
        if not content:
            raise ReplyMalformed("the text answer has no Content")
        if len(content.encode()) > PASSIVE_TEXT_BYTES:
            raise ReplyMalformed(f"Content of the answer has more than {PASSIVE_TEXT_BYTES} bytes")
        return PassiveReply("text", content)
    if msg_type == "transfer_customer_service":
        return PassiveReply(msg_type, "")
    if msg_type == "news":
        return PassiveReply(msg_type, f"[图文] {_news_title(fields)}")
    if msg_type in _SHOWN_TYPES:
        return PassiveReply(msg_type, _SHOWN_TYPES[msg_type])
    raise ReplyMalformed(f"MsgType {msg_type[:40]!r} is no kind of reply")


def _news_title(fields: Mapping[str, Element]) -> str:
    items = list(fields["Articles"]) if "Articles" in fields else []
    title = items[0].findtext("Title") if len(items) == 1 else None
    if not title:
        raise ReplyMalformed("the news answer must have exactly one item with a Title")
    return title


def _parse(text: str) -> Mapping[str, Element]:
    try:
        root = fromstring(text)
    except (ParseError, ValueError, DefusedXmlException) as error:
        raise ReplyMalformed("the answer is neither success nor an <xml> document") from error
    if root.tag != "xml":
        raise ReplyMalformed("the answer's root element is not <xml>")
    return _children(root)


def _children(root: Element) -> Mapping[str, Element]:
    fields: dict[str, Element] = {}
    for child in root:
        if child.tag in fields:
            raise ReplyMalformed(f"the answer has {child.tag[:40]} twice")
        fields[child.tag] = child
    return fields


def _text(fields: Mapping[str, Element], name: str) -> str:
    return (fields[name].text or "") if name in fields else ""


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)
