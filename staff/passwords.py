"""Passwords: Argon2id hashes (RFC 9106, its low-memory choice), made and checked away from the event loop."""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST = 8
LONGEST = 256
# without l, I, O, 0, 1: a password is read aloud and typed from a screen
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Passwords:
    """Makes and checks password hashes, two at a time: each takes 64 MiB and tens of milliseconds."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._slots = asyncio.Semaphore(2)
        self._decoy: str | None = None

    def make_hash(self, password: str) -> str:
        """Blocks for as long as a hash takes."""
        return self._hasher.hash(password)

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether they belong together. Without a hash (an unknown login) it takes as long and says no."""
        async with self._slots:
            return await asyncio.to_thread(self._fits, password_hash, password)

    def _fits(self, password_hash: str | None, password: str) -> bool:
        if password_hash is None and self._decoy is None:
            self._decoy = self._hasher.hash(secrets.token_hex(16))
        try:
            return self._hasher.verify(password_hash or self._decoy or "", password) and password_hash is not None
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def make_password() -> str:
    """Twelve letters and digits, about 69 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def make_key() -> str:
    """A session key or API token: 256 random bits, safe in a header."""
    return secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """How API tokens are kept. They carry 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
