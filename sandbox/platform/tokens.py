"""Access tokens: /cgi-bin/stable_token, and the older /cgi-bin/token, which knows nothing of the other.

stable_token: repeated calls return the same token until its last five minutes, in which the old and the new one both work; a forced
refresh ends the old one at once, 20 times a day; forced again within 30 s it refreshes nothing and returns the token there is
(developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken.html). The code for too many forced refreshes (45009) is from
memory. token: each call makes a new one, and the one before lives five minutes more
(…/doc/service/en/Basic_Information/Get_access_token.html).
"""

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.config import Account
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import Answer, Asked, Call

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
    _stable: dict[str, _Issued] = field(default_factory=dict)
    _legacy: dict[str, _Issued] = field(default_factory=dict)
    _forced: dict[str, _Forced] = field(default_factory=dict)

    def issue(self, account: str, now: datetime, *, force: bool) -> tuple[str, int]:
        """The stable token and the seconds it still lives.

        Raises:
            PlatformRefusal: 45009 for too many forced refreshes.
        """
        current = self._stable.get(account)
        forced = force and self._may_force(account, now)
        if current and not current.revoked:
            if forced:
                current.revoked = True
            elif current.expires - now.timestamp() > LAST_S:
                return current.value, int(current.expires - now.timestamp())
        return self._make(self._stable, account, now)

    def issue_legacy(self, account: str, now: datetime) -> tuple[str, int]:
        """A new token of /cgi-bin/token; the one before lives five minutes more at most."""
        before = self._legacy.get(account)
        if before:
            before.expires = min(before.expires, now.timestamp() + LAST_S)
        return self._make(self._legacy, account, now)

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

    def revoke(self, account: str) -> int:
        """Makes every token of the account invalid (40001), as when its secret is changed; how many there were."""
        live = [one for one in self._by_value.values() if one.account == account and not one.revoked]
        for one in live:
            one.revoked = True
        return len(live)

    def _make(self, kind: dict[str, _Issued], account: str, now: datetime) -> tuple[str, int]:
        fresh = kind[account] = _Issued(account, secrets.token_urlsafe(96), now.timestamp() + LIFE_S)
        self._by_value[fresh.value] = fresh
        while len(self._by_value) > _KEPT:
            self._by_value.popitem(last=False)
        return fresh.value, LIFE_S

    def _may_force(self, account: str, now: datetime) -> bool:
        forced = self._forced.setdefault(account, _Forced())
        day = now.date().isoformat()
        if forced.day != day:
            forced.day, forced.count = day, 0
        if now.timestamp() - forced.at < FORCED_APART_S:
            return False
        if forced.count >= FORCED_A_DAY:
            raise PlatformRefusal(45009)
        forced.count += 1
        forced.at = now.timestamp()
        return True


class TokenCalls:
    """The two calls that give tokens. Both check the account's list of allowed addresses, if it has one."""

    def __init__(self, desk: TokenDesk, clock: SandboxClock, accounts: tuple[Account, ...]) -> None:
        self._desk = desk
        self._clock = clock
        self._accounts = {account.app_id: account for account in accounts}

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/stable_token", self.stable, daily=500_000, token=False, verified=False),
            Call("/cgi-bin/token", self.legacy, "ANY", daily=2000, body="none", token=False, verified=False),
        )

    def account_of(self, given: Mapping[str, Any]) -> Account | None:
        """The account that an appid names, for counts and the journal."""
        app_id = given.get("appid")
        return self._accounts.get(app_id) if isinstance(app_id, str) else None

    def stable(self, asked: Asked) -> Answer:
        account = self._signed_in(asked.body, asked.ip)
        force = asked.body.get("force_refresh") is True
        return _as_answer(self._desk.issue(account.key, self._clock.now(), force=force))

    def legacy(self, asked: Asked) -> Answer:
        account = self._signed_in(asked.args, asked.ip)
        return _as_answer(self._desk.issue_legacy(account.key, self._clock.now()))

    def _signed_in(self, given: Mapping[str, Any], ip: str) -> Account:
        """Raises PlatformRefusal 40002, 41002, 41004, 40013, 40125, 40164."""
        if given.get("grant_type") != "client_credential":
            raise PlatformRefusal(40002)
        app_id, secret = given.get("appid"), given.get("secret")
        if not app_id or not secret:
            raise PlatformRefusal(41004 if app_id else 41002)
        account = self.account_of(given)
        if account is None:
            raise PlatformRefusal(40013)
        if not hmac.compare_digest(str(secret).encode(), account.secret.encode()):
            raise PlatformRefusal(40125)
        if account.ip_whitelist and ip not in account.ip_whitelist:
            raise PlatformRefusal(40164, refused_ip(ip))
        return account


def refused_ip(ip: str) -> str:
    """WeChat's words for an address outside the list; operators read the address from them."""
    return f"invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist"


def _as_answer(issued: tuple[str, int]) -> Answer:
    return {"access_token": issued[0], "expires_in": issued[1]}
