"""Encrypted columns and the keyed hashes that make them searchable."""

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.errors import SettingsError, StorageFault

_VERSION = b"\x01"


@dataclass(frozen=True)
class Keyring:
    """AES-256-GCM for columns, HMAC-SHA256 for look-up. A ciphertext is version (1 byte) + nonce (12) + data + tag (16)."""

    data_key: bytes
    lookup_key: bytes

    def encrypt(self, text: str) -> bytes:
        """Encrypts under a fresh nonce; lone surrogates survive."""
        nonce = os.urandom(12)
        return _VERSION + nonce + AESGCM(self.data_key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), _VERSION)

    def decrypt(self, blob: bytes) -> str:
        """Raises StorageFault when the key is not the one the column was written with."""
        if blob[:1] != _VERSION:
            raise StorageFault("an encrypted column has an unknown version")
        try:
            return AESGCM(self.data_key).decrypt(blob[1:13], blob[13:], _VERSION).decode("utf-8", "surrogatepass")
        except InvalidTag as error:
            raise StorageFault("an encrypted column was written with another key: restore keys.json") from error

    def seal(self, content: bytes) -> bytes:
        """The same for bytes, such as a file's."""
        nonce = os.urandom(12)
        return _VERSION + nonce + AESGCM(self.data_key).encrypt(nonce, content, _VERSION)

    def unseal(self, blob: bytes) -> bytes:
        """Raises StorageFault for another key's, and for a file that is not whole."""
        try:
            if blob[:1] != _VERSION:
                raise InvalidTag
            return AESGCM(self.data_key).decrypt(blob[1:13], blob[13:], _VERSION)
        except (InvalidTag, ValueError) as error:
            raise StorageFault("an encrypted file is broken, or was written with another key") from error

    def lookup_hash(self, text: str) -> str:
        """64 hex digits, the same for the same text under this key."""
        return hmac.new(self.lookup_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    @property
    def fingerprint(self) -> str:
        """64 hex digits that name these two keys and tell nothing of them: kept in the database and in backups."""
        return self.lookup_hash(f"weiting keys {hashlib.sha256(self.data_key).hexdigest()}")


def load_keyring(path: Path) -> Keyring:
    """Reads the key file, or makes it (mode 0600) on the first start. Raises SettingsError when it cannot be read."""
    if not path.exists():
        _make(path)
    try:
        kept = json.loads(path.read_text())
        ring = Keyring(b64decode(kept["data_key"], validate=True), b64decode(kept["lookup_key"], validate=True))
        if len(ring.data_key) != 32 or len(ring.lookup_key) != 32:
            raise ValueError("a key is not 32 bytes long")
        return ring
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(str(path), "is not a key file of this product; restore it from the backup") from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = json.dumps({name: b64encode(secrets.token_bytes(32)).decode() for name in ("data_key", "lookup_key")})
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    try:
        # link, not rename: of two processes that start together the first one's keys stay
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
