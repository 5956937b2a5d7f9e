"""An account, an inbox that keeps what it is given, and callbacks made by wechatpy's own crypto."""

import asyncio
import base64
import hashlib
import os
import struct
from collections import Counter
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from connectors.wechat.webhook import PATIENCE, Patience, Webhook
from conversations.model import Accepted, Answer, Deferred, InboundMessage, Passive, Transfer, Undecided
from runtime.clock import FakeClock
from runtime.errors import StorageFault
from runtime.settings import AccountSettings

ACCOUNT = AccountSettings(
    key="demo",
    industry="carrier",
    kind="service",
    app_id="wx2c2769f8efd9abc2",
    secret="s",
    token="spamtest",
    encoding_aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    previous_encoding_aes_key=None,
    mode="safe",
    api_base="http://127.0.0.1:1",
    ghid="gh_demo",
    name="demo",
)


QUICKLY = Patience(hold_s=0.3, cut_s=0.6, retry_s=0.01)
"""For what fails."""


@dataclass
class FakeInbox:
    """Stores at once; answers `reply` to everything."""

    reply: str | Transfer | None = "好的"
    refuses: int = 0
    """So many more messages cannot be stored."""
    undecidable: bool = False
    slow: bool = False
    """Whoever may be left without an answer is."""
    messages: list[InboundMessage] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    deliveries: Counter[str] = field(default_factory=Counter)

    async def accept(self, message: InboundMessage) -> Accepted:
        await asyncio.sleep(0)
        if self.refuses:
            self.refuses -= 1
            raise StorageFault("the database is away")
        known = [one for one in self.messages if (one.address, one.dedup_key) == (message.address, message.dedup_key)]
        if not known:
            self.messages.append(message)
        name = f"{message.address.openid}/{message.dedup_key}"
        self.deliveries[name] += 1
        return Accepted(name, bool(known), self.deliveries[name])

    async def outcome(self, inbound_id: str, hold_s: float, *, final: bool = True) -> Answer:
        self.held.append(hold_s)
        if self.undecidable:
            raise StorageFault("the database is away")
        if not final and self.slow:
            return Undecided()
        if isinstance(self.reply, Transfer):
            return self.reply
        return Deferred() if self.reply is None else Passive(self.reply)


def make_webhook(
    reply: str | Transfer | None = "好的", patience: Patience = PATIENCE, **changes: object
) -> tuple[Webhook, FakeInbox, FakeClock, Counter[str]]:
    """A webhook of ACCOUNT with changes."""
    inbox, clock, counts = FakeInbox(reply), FakeClock(), Counter[str]()
    account = replace(ACCOUNT, **changes)  # type: ignore[arg-type]
    return Webhook(account, inbox, clock, counts, patience), inbox, clock, counts


def text_xml(
    content: str, msg_id: str = "6054768590064713728", openid: str = "oTESTaaaa", extra: str = "", created: int = 1409735669
) -> str:
    """A text message as WeChat writes it; `content` must not end CDATA."""
    return (
        f"<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId>{extra}</xml>"
    )


def signature(token: str, *parts: str) -> str:
    """The protocol's signature, written again here so that the product's own is checked."""
    return hashlib.sha1("".join(sorted([token, *parts])).encode(), usedforsecurity=False).hexdigest()


def plain_query(clock: FakeClock, token: str = ACCOUNT.token, nonce: str = "n1") -> dict[str, str]:
    """The three parameters every call carries."""
    timestamp = str(int(clock.now().timestamp()))
    return {"timestamp": timestamp, "nonce": nonce, "signature": signature(token, timestamp, nonce)}


def safe_call(xml: str, clock: FakeClock, account: AccountSettings = ACCOUNT, nonce: str = "n1") -> tuple[dict[str, str], bytes]:
    """A callback in safe mode, encrypted and signed by wechatpy."""
    query = plain_query(clock, account.token, nonce)
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    wrapped = crypto.encrypt_message(xml, nonce, query["timestamp"])
    encrypted = wrapped.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    return sealed_call(encrypted, query, account)


def sealed_call(encrypted: str, query: dict[str, str], account: AccountSettings = ACCOUNT) -> tuple[dict[str, str], bytes]:
    """The same around a ciphertext of one's own."""
    signed = signature(account.token, query["timestamp"], query["nonce"], encrypted)
    body = f"<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return query | {"encrypt_type": "aes", "msg_signature": signed}, body.encode()


def raw_cipher(message: bytes, app_id: str = ACCOUNT.app_id, pad: bytes | None = None, length: int | None = None) -> str:
    """A ciphertext with faults of one's choice."""
    key = base64.b64decode(ACCOUNT.encoding_aes_key + "=")
    plain = os.urandom(16) + struct.pack(">I", len(message) if length is None else length) + message + app_id.encode()
    count = 32 - len(plain) % 32
    plain += bytes([count]) * count if pad is None else (pad * count)[:count]
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def opened_reply(body: str, account: AccountSettings = ACCOUNT) -> str:
    """The plain XML of an encrypted reply, opened and checked by wechatpy."""
    parts = {name: body.split(f"<{name}>")[1].split(f"</{name}>")[0] for name in ("MsgSignature", "TimeStamp", "Nonce")}
    plain = {name: value.removeprefix("<![CDATA[").removesuffix("]]>") for name, value in parts.items()}
    crypto = WeChatCrypto(account.token, account.encoding_aes_key, account.app_id)
    return str(crypto.decrypt_message(body, plain["MsgSignature"], plain["TimeStamp"], plain["Nonce"]))
