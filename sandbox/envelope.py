"""The callback's envelope, made and opened with wechatpy's own crypto, so that the product's is checked by a stranger's.

Signatures and modes: developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.md.
"""

import json
import struct
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, SubElement  # noqa: S405  defusedxml does the parsing

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import WeChatSigner

from sandbox.config import Account
from sandbox.errors import ReplyMalformed
from sandbox.rendering import Fields, render_json, render_xml

# What wechatpy's decryption raises for input it was not made for, beside its own two.
_CRYPTO_ERRORS = (InvalidSignatureException, InvalidAppIdException, ValueError, IndexError, TypeError, struct.error)


def seal(account: Account, message: Fields, openid: str, timestamp: str, nonce: str) -> tuple[dict[str, str], bytes]:
    """The query and the body of one delivery, in the account's mode and format."""
    render = render_json if account.callback_format == "json" else render_xml
    whole = render(message)
    query = {"signature": _signature(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": openid}
    if account.mode == "plain":
        return query, whole.encode()
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    sealed = children_of(fromstring(crypto.encrypt_message(whole, nonce, timestamp)))
    query |= {"encrypt_type": "aes", "msg_signature": text_in(sealed, "MsgSignature")}
    encrypt: Fields = [("Encrypt", text_in(sealed, "Encrypt"))]
    if account.mode == "compatible":
        return query, render([*message, *encrypt]).encode()
    return query, render([("ToUserName", account.ghid), *encrypt]).encode()


def verification(account: Account, timestamp: str, nonce: str, echo: str) -> dict[str, str]:
    """The query of the GET by which WeChat makes sure of a callback."""
    return {"signature": _signature(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "echostr": echo}


def open_reply(account: Account, body: bytes) -> Element | None:
    """Takes the callback's answer out of its envelope; None for "success" and the empty body.

    Raises:
        ReplyMalformed: when it is neither, cannot be read, or is not in the account's mode.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReplyMalformed("the answer is not UTF-8") from error
    if text.strip() in ("", "success"):
        return None
    root = _parse(account, text)
    if root.find("Encrypt") is not None:
        return _parse(account, _decrypt(account, children_of(root)))
    if account.mode == "safe":
        raise ReplyMalformed("the account is in safe mode but the answer is not encrypted")
    return root


def _decrypt(account: Account, fields: Mapping[str, Element]) -> str:
    if account.mode == "plain":
        raise ReplyMalformed("the account is in plain mode but the answer is encrypted")
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    parts = [text_in(fields, name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    try:
        return str(crypto.decrypt_message({"Encrypt": text_in(fields, "Encrypt")}, *parts))
    except _CRYPTO_ERRORS as error:
        raise ReplyMalformed(f"the encrypted answer cannot be opened ({type(error).__name__})") from error


def _parse(account: Account, text: str) -> Element:
    if account.callback_format == "json" and text.lstrip().startswith("{"):
        return _from_json(text)
    try:
        root = fromstring(text)
    except (ParseError, ValueError, DefusedXmlException) as error:
        raise ReplyMalformed("the answer is neither success nor an <xml> document") from error
    if root.tag != "xml":
        raise ReplyMalformed("the answer's root element is not <xml>")
    return root


def _from_json(text: str) -> Element:
    """A flat JSON object as the elements it stands for: the form an account with callback_format json may answer in."""
    root = Element("xml")
    try:
        for name, value in json.loads(text).items():
            SubElement(root, name).text = str(value)
    except (ValueError, AttributeError, RecursionError) as error:
        raise ReplyMalformed("the answer is neither success nor an <xml> document") from error
    return root


def children_of(root: Element) -> Mapping[str, Element]:
    """The elements by name; raises ReplyMalformed when one comes twice."""
    fields: dict[str, Element] = {}
    for child in root:
        if child.tag in fields:
            raise ReplyMalformed(f"the answer has {child.tag[:40]} twice")
        fields[child.tag] = child
    return fields


def text_in(fields: Mapping[str, Element], name: str) -> str:
    """The words in the named element; empty when there is none."""
    return (fields[name].text or "") if name in fields else ""


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)
