"""Signatures and the cipher of callbacks (WXBizMsgCrypt).

Source: developers.weixin.qq.com, "message push / encryption". AES-256-CBC, IV = the key's first 16 bytes, PKCS#7 over blocks of
32, plain text = 16 random bytes + length (4 bytes, big-endian) + message + app id. Checked against vectors made by others.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.wechat.errors import BadCipher

_BLOCK = 32
_HEAD = 20


def sign(*parts: str) -> str:
    """sha1 over the sorted parts, in hex: (token, timestamp, nonce) or, for a cipher, also the Encrypt element."""
    # the protocol's own choice of hash; the token in it is the secret
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def check_equal(expected: str, given: str) -> bool:
    """Compares in constant time, whatever characters a stranger sends."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class MessageCipher:
    """Reads with the current key, then with the previous one; writes with the key that is asked for."""

    app_id: str
    ciphers: Mapping[bytes, Cipher[modes.CBC]]

    @classmethod
    def make(cls, app_id: str, encoding_aes_key: str, previous: str | None = None) -> "MessageCipher":
        """Keys as WeChat's console shows them: 43 characters, base 64 without its "="."""
        keys = [base64.b64decode(key + "=") for key in (encoding_aes_key, previous) if key]
        return cls(app_id, {key: Cipher(algorithms.AES(key), modes.CBC(key[:16])) for key in keys})

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The current one, then the previous one if there is one."""
        return tuple(self.ciphers)

    def decrypt(self, encrypted: str) -> tuple[str, bytes]:
        """(message, the key that opened it). Raises BadCipher."""
        try:
            blob = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCipher("not base 64") from error
        if not blob or len(blob) % 16:
            raise BadCipher("not whole blocks")
        failure = BadCipher("no key")
        for key, cipher in self.ciphers.items():
            try:
                return self._open(cipher, blob), key
            except BadCipher as error:
                failure = error
        raise failure

    def encrypt(self, message: str, key: bytes | None = None, random16: bytes | None = None) -> str:
        """Base 64. `random16` is given only by tests with fixed vectors."""
        key = key or self.keys[0]
        body = message.encode()
        plain = (random16 or os.urandom(16)) + len(body).to_bytes(4, "big") + body + self.app_id.encode()
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self.ciphers[key].encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def _open(self, cipher: Cipher[modes.CBC], blob: bytes) -> str:
        decryptor = cipher.decryptor()
        plain = decryptor.update(blob) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or pad > len(plain) or plain[-pad:] != bytes([pad]) * pad:
            raise BadCipher("broken padding")
        plain = plain[:-pad]
        end = _HEAD + int.from_bytes(plain[16:_HEAD], "big")
        if len(plain) < _HEAD or end > len(plain):
            raise BadCipher("broken length")
        if not hmac.compare_digest(plain[end:], self.app_id.encode()):
            raise BadCipher("meant for another app id")
        try:
            return plain[_HEAD:end].decode()
        except UnicodeDecodeError as error:
            raise BadCipher("not UTF-8") from error
