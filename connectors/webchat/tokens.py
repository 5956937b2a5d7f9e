"""Who a visitor is, without a sign-in: a random name, signed for one account until a moment.

A token is NAME.EXPIRES.MAC: the openid, Unix seconds, and HMAC-SHA256 in hex over account and both, under a key that is made of the
deployment's own and used for nothing else. Nothing of it is kept here.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from connectors.webchat.errors import NoSession, SessionExpired
from runtime.clock import Clock
from runtime.keys import Keyring

PREFIX = "web_"
_TOKEN = re.compile(r"(web_[A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Session:
    """What a token says. `expires`: Unix seconds."""

    openid: str
    expires: int


class Tokens:
    """Makes tokens and reads them."""

    def __init__(self, keyring: Keyring, clock: Clock, lifetime_s: float) -> None:
        self._key = bytes.fromhex(keyring.lookup_hash("weiting web chat: key of visitors' tokens"))
        self._clock = clock
        self._lifetime_s = lifetime_s

    def issue(self, account: str, openid: str | None = None) -> tuple[str, Session]:
        """A token for that visitor, or for a new one."""
        session = Session(openid or PREFIX + secrets.token_urlsafe(16), int(self._clock.now().timestamp() + self._lifetime_s))
        return f"{session.openid}.{session.expires}.{self._sign(account, session)}", session

    def read(self, account: str, token: str) -> Session:
        """Raises NoSession for what this deployment did not make for that account, SessionExpired for what it made long ago."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise NoSession
        session = Session(found[1], int(found[2]))
        if not hmac.compare_digest(self._sign(account, session), found[3]):
            raise NoSession
        if not self.is_fresh(session):
            raise SessionExpired
        return session

    def is_fresh(self, session: Session) -> bool:
        """Whether its time has not run out."""
        return self._clock.now().timestamp() < session.expires

    def _sign(self, account: str, session: Session) -> str:
        said = f"{account}\n{session.openid}\n{session.expires}"
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()
