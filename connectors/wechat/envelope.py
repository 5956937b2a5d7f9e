"""The gate of the callback: signature, time, mode, cipher. What passes was written by WeChat for this account."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.wechat.codec import read_fields, render_cipher
from connectors.wechat.crypto import MessageCipher, check_equal, sign
from connectors.wechat.errors import BadBody, BadSignature, Stale, WrongMode
from runtime.clock import Clock
from runtime.settings import AccountSettings


@dataclass(frozen=True)
class Opened:
    """A callback's fields and, when it was a cipher, the key its reply must use."""

    fields: dict[str, Any]
    key: bytes | None


class Envelope:
    """Opens callbacks and seals replies of one account."""

    def __init__(self, account: AccountSettings, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._cipher = MessageCipher.make(account.app_id, account.encoding_aes_key, account.previous_encoding_aes_key)

    def check_query(self, query: Mapping[str, str]) -> None:
        """The signature every call carries. Raises BadSignature or Stale."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not timestamp or not check_equal(sign(self._account.token, timestamp, nonce), query.get("signature", "")):
            raise BadSignature
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise Stale
        window = self._account.timestamp_window_s
        if window and abs(self._clock.now().timestamp() - int(timestamp)) > window:
            raise Stale

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Raises an Anomalous. In safe and compatible mode only what was encrypted is believed."""
        self.check_query(query)
        encrypted_call = query.get("encrypt_type", "raw").lower() == "aes" or "msg_signature" in query
        if encrypted_call != (self._account.mode != "plain"):
            raise WrongMode
        fields = read_fields(body)
        if self._account.mode == "plain":
            if "MsgType" not in fields:
                raise WrongMode
            return Opened(fields, None)
        encrypted = fields.get("Encrypt")
        if not isinstance(encrypted, str):
            raise WrongMode
        expected = sign(self._account.token, query.get("timestamp", ""), query.get("nonce", ""), encrypted)
        if not check_equal(expected, query.get("msg_signature", "")):
            raise BadSignature
        text, key = self._cipher.decrypt(encrypted.strip())
        inner = read_fields(text)
        if "Encrypt" in inner:
            raise BadBody("a cipher in a cipher")
        return Opened(inner, key)

    def seal(self, reply: str, key: bytes | None) -> str:
        """Encrypts a reply with the key that opened its callback; plain stays plain."""
        if key is None:
            return reply
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(8)
        encrypted = self._cipher.encrypt(reply, key)
        return render_cipher(encrypted, sign(self._account.token, timestamp, nonce, encrypted), timestamp, nonce)
