"""How often a day each call may be made, and the calls that look at the counts and clear them.

Limits: developers.weixin.qq.com/doc/service/Message_Management/API_Call_Limits.html; the counts are the account's and end at midnight.
clear_quota: ten times a month (48006), …/doc/service/api/apimanage/api_clearquota; quota/get: …/api_getapiquota. Which failed calls count
is not written; here every call counts that came with a good token.
"""

import hmac
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.config import Account
from sandbox.errors import PlatformRefusal, ScriptRefusal
from sandbox.platform.calls import OK, Answer, Asked, Call, text_of

CLEARS_A_MONTH = 10
_MOST = 1_000_000_000


class Quotas:
    """Counts by account and path; a script may set another limit, so that 45009 is met after a few calls."""

    def __init__(self, clock: SandboxClock, accounts: tuple[Account, ...]) -> None:
        self._clock = clock
        self._accounts = {account.app_id: account for account in accounts}
        self._limits: dict[str, int] = {}
        self._set: dict[str, int] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._day = ""
        self._clears: Counter[tuple[str, str]] = Counter()

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/clear_quota", self.clear, daily=None, verified=False),
            Call("/cgi-bin/clear_quota/v2", self.clear_by_secret, daily=None, verified=False, token=False, body="none"),
            Call("/cgi-bin/openapi/quota/get", self.get, daily=None, verified=False),
        )

    def know(self, call: Call) -> None:
        """Adds a call to those that are counted."""
        if call.daily is not None:
            self._limits[call.path] = call.daily

    def count(self, account: str, path: str) -> None:
        """Counts one call; raises PlatformRefusal 45009 when the day's number is used up."""
        if path not in self._limits:
            return
        self._turn_day()
        if self._counts[account, path] >= self.limit(path):
            raise PlatformRefusal(45009)
        self._counts[account, path] += 1

    def limit(self, path: str) -> int:
        return self._set.get(path, self._limits[path])

    def order(self, data: Mapping[str, Any]) -> None:
        """Body of POST /api/quotas: `{"path", "limit"}`, or `{"clear": true}` for WeChat's own numbers; raises ScriptRefusal."""
        if data.get("clear") is True:
            self._set.clear()
            self._counts.clear()
            return
        path, limit = data.get("path"), data.get("limit")
        found = [one for one in self._limits if isinstance(path, str) and path and one.endswith(path)]
        if len(found) != 1:
            raise ScriptRefusal("path must be the end of exactly one counted call's path, as message/custom/send.")
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= _MOST:
            raise ScriptRefusal(f"limit must be a whole number from 0 to {_MOST}.")
        self._set[found[0]] = limit

    def as_json(self, account: str) -> dict[str, Any]:
        """What was used today, and every limit that a script has set."""
        self._turn_day()
        paths = {path for key, path in self._counts if key == account} | self._set.keys()
        return {path: {"used": self._counts[account, path], "limit": self.limit(path)} for path in sorted(paths)}

    def clear(self, asked: Asked) -> Answer:
        if text_of(asked.body.get("appid"), 41002) != asked.account.app_id:
            raise PlatformRefusal(40013)
        return self._clear(asked.account.key)

    def clear_by_secret(self, asked: Asked) -> Answer:
        """clear_quota/v2: for who has used up the token calls as well."""
        account = self._accounts.get(text_of(asked.args.get("appid"), 41002))
        secret = text_of(asked.args.get("appsecret"), 41004)
        if account is None:
            raise PlatformRefusal(40013)
        if not hmac.compare_digest(secret.encode(), account.secret.encode()):
            raise PlatformRefusal(40125)
        return self._clear(account.key)

    def get(self, asked: Asked) -> Answer:
        path = text_of(asked.body.get("cgi_path"), 76003)
        if not path.startswith("/"):
            raise PlatformRefusal(76003)
        if path not in self._limits:
            raise PlatformRefusal(76021)
        self._turn_day()
        limit, used = self.limit(path), self._counts[asked.account.key, path]
        return {**OK, "quota": {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}}

    def _clear(self, account: str) -> Answer:
        month = self._clock.now().strftime("%Y-%m")
        if self._clears[account, month] >= CLEARS_A_MONTH:
            raise PlatformRefusal(48006)
        self._clears[account, month] += 1
        for key in [key for key in self._counts if key[0] == account]:
            del self._counts[key]
        return OK

    def _turn_day(self) -> None:
        day = self._clock.now().date().isoformat()
        if day != self._day:
            self._day = day
            self._counts.clear()
