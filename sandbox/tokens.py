"""Access tokens as /cgi-bin/stable_token gives them.

Repeated calls return the same token until its last five minutes, in which the old and the new one both work; a forced refresh
ends the old one at once, at most 20 times a day and 30 s apart
(developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken.html). The error codes for too many forced refreshes
(45009 a day, 45011 too fast) are from memory.
"""

import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.errors import PlatformRefusal

LIFE_S = 7200
LAST_S = 300
FORCED_A_DAY = 20
FORCED_APART_S = 30.0
_KEPT = 1000
_SHAPE = re.compile(r"[A-Za-z0-9_-]{20,512}")


@dataclass
class _Issued:
    account: str
    value: str
    expires: float
    revoked: bool = False


@dataclass
class _Forced:
    day: str = ""
    count: int = 0
    at: float = float("-inf")


@dataclass
class TokenDesk:
    """All tokens of all accounts, the oldest forgotten."""

    _by_value: OrderedDict[str, _Issued] = field(default_factory=OrderedDict)
    _current: dict[str, _Issued] = field(default_factory=dict)
    _forced: dict[str, _Forced] = field(default_factory=dict)

    def issue(self, account: str, now: datetime, *, force: bool) -> tuple[str, int]:
        """The token and the seconds it still lives.

        Raises:
            PlatformRefusal: 45011 or 45009 for too many forced refreshes.
        """
        current = self._current.get(account)
        if force:
            self._check_forced(account, now)
            if current:
                current.revoked = True
        elif current and current.expires - now.timestamp() > LAST_S:
            return current.value, int(current.expires - now.timestamp())
        fresh = _Issued(account, secrets.token_urlsafe(96), now.timestamp() + LIFE_S)
        self._current[account] = fresh
        self._by_value[fresh.value] = fresh
        while len(self._by_value) > _KEPT:
            self._by_value.popitem(last=False)
        return fresh.value, LIFE_S

    def check(self, value: str, now: datetime) -> str:
        """The key of the account the token speaks for.

        Raises:
            PlatformRefusal: 41001 missing, 40014 not shaped like a token, 40001 unknown or replaced, 42001 expired.
        """
        if not value:
            raise PlatformRefusal(41001)
        if not _SHAPE.fullmatch(value):
            raise PlatformRefusal(40014)
        issued = self._by_value.get(value)
        if issued is None or issued.revoked:
            raise PlatformRefusal(40001)
        if now.timestamp() >= issued.expires:
            raise PlatformRefusal(42001)
        return issued.account

    def _check_forced(self, account: str, now: datetime) -> None:
        forced = self._forced.setdefault(account, _Forced())
        day = now.date().isoformat()
        if forced.day != day:
            forced.day, forced.count = day, 0
        if forced.count >= FORCED_A_DAY:
            raise PlatformRefusal(45009)
        if now.timestamp() - forced.at < FORCED_APART_S:
            raise PlatformRefusal(45011)
        forced.count += 1
        forced.at = now.timestamp()
