"""The access token, by stable_token: asked again it answers the same token, so any number of processes may hold it.

Source: developers.weixin.qq.com, "getStableAccessToken": 7200 s at most, a new one in the last 5 minutes during which both
work; force_refresh at most 20 times a day and 30 s apart.

Of all processes one fetches at a time (shelf.py), no more than twice a minute (pace.py), whatever WeChat answers.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from connectors.wechat.calls import Calls, errcode_of
from connectors.wechat.cells import Cell
from connectors.wechat.codes import OK, Do, code_of
from connectors.wechat.errors import PlatformFault, TokenFault, TokenPaced, TokenRefused, TokenUnusable
from connectors.wechat.pace import take
from connectors.wechat.quota import FORCED, TOKEN
from connectors.wechat.shelf import LONGEST_LIFE_S, Shelf, Token
from runtime.clock import Clock
from runtime.errors import StorageFault

_log = structlog.get_logger(__name__)

AHEAD_S = 300.0
"""In its last five minutes stable_token gives another, and both work."""
_SURELY_S = 10.0
_FAILED_APART_S = 30.0
_BUSY_APART_S = 5.0
_RENEWALS_APART_S = 60.0
_LOOK_EVERY_S = 0.05
_NONE = Token("", 0.0)
_Good = Callable[[Token | None], bool]


@dataclass(frozen=True)
class TokenSettings:
    """Whose token."""

    account: str
    app_id: str
    secret: str = field(repr=False)
    patience_s: float = 8.0
    """How long one waits for another process that fetches: longer than a fetch may take."""


class TokenHolder:
    """One account's token in one process. At most one request is under way, however many ask."""

    def __init__(
        self, settings: TokenSettings, calls: Calls, shelf: Shelf, pace: Cell, clock: Clock, counts: Counter[str] | None = None
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._shelf = shelf
        self._pace = pace
        self._clock = clock
        self._counts = counts if counts is not None else Counter()
        self._obtaining = asyncio.Lock()
        self._token = _NONE
        self._failed_at = -_FAILED_APART_S
        self._failure: TokenFault | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._renewed_at = -_RENEWALS_APART_S

    async def current(self) -> str:
        """The token. In its last five minutes another is fetched behind the caller's back. Raises TokenFault."""
        left = self._left_s(self._token)
        if left <= _SURELY_S:
            return (await self._obtain(refused=None)).value
        if left <= AHEAD_S:
            self._renew_soon()
        return self._token.value

    async def replace(self, refused: str, errcode: int) -> str:
        """After WeChat refused `refused` with `errcode`: the one another process has by now, else a forced refresh. Raises TokenFault:
        TokenUnusable when none may be forced now."""
        return (await self._obtain(refused=refused, errcode=errcode)).value

    def tend(self) -> None:
        """Called now and then: a token that is in use does not come to its end for want of somebody who asks."""
        if 0 < self._left_s(self._token) <= AHEAD_S:
            self._renew_soon()

    async def close(self) -> None:
        """Ends a renewal that is under way."""
        if self._renewing is not None:
            self._renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._renewing

    def _left_s(self, token: Token) -> float:
        return token.left_s(self._clock.now().timestamp())

    def _renew_soon(self) -> None:
        under_way = self._renewing is not None and not self._renewing.done()
        if not under_way and self._clock.monotonic() - self._renewed_at >= _RENEWALS_APART_S:
            self._renewed_at = self._clock.monotonic()
            self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        # the old one still works for minutes: what fails here is tried again
        with contextlib.suppress(TokenFault):
            await self._obtain(refused=None, least_s=AHEAD_S)

    async def _obtain(self, *, refused: str | None, errcode: int = OK, least_s: float = _SURELY_S) -> Token:
        """One that lives longer than `least_s` and is not the refused one."""

        def good(token: Token | None) -> bool:
            return token is not None and token.value != refused and self._left_s(token) > least_s

        async with self._obtaining:
            if good(self._token):
                return self._token
            try:
                if await self._adopt(good):
                    return self._token
                self._check_failure(forced=refused is not None)
                mark = await self._wait_for_turn(good)
                if mark is not None:
                    await self._fetch_under(mark, good, refused, errcode)
            except StorageFault as error:
                fault = TokenFault(f"nobody can tell who may ask for a token ({type(error).__name__})", "storage")
                raise self._failed(fault) from None
            except TokenFault as fault:
                raise self._failed(fault) from None
            return self._token

    def _check_failure(self, *, forced: bool) -> None:
        """Raises what this process was told a moment ago: nobody has mended it since, and asking takes the turn of those who may."""
        failure, ago_s = self._failure, self._clock.monotonic() - self._failed_at
        if failure is None or (forced and not isinstance(failure, TokenUnusable)):
            return
        if ago_s < _apart_s(failure):
            raise failure.with_traceback(None)

    async def _wait_for_turn(self, good: _Good) -> str | None:
        """The lock's mark; None when another process has put a good token there, which is then ours."""
        waited = 0.0
        while True:
            if await self._adopt(good):
                return None
            mark = await self._shelf.lock()
            if mark is not None:
                return mark
            if waited >= self._settings.patience_s:
                raise TokenPaced(_FAILED_APART_S)
            await asyncio.sleep(_LOOK_EVERY_S)
            waited += _LOOK_EVERY_S

    async def _fetch_under(self, mark: str, good: _Good, refused: str | None, errcode: int) -> None:
        try:
            # between the look and the lock another may have fetched
            if not await self._adopt(good):
                await self._fetch(mark, refused, errcode)
        finally:
            # a lock that cannot be released ends by itself
            with contextlib.suppress(StorageFault):
                await self._shelf.unlock(mark)

    async def _adopt(self, good: _Good) -> bool:
        found = await self._shelf.read()
        if found is None or not good(found):
            return False
        self._token, self._failure = found, None
        return True

    async def _fetch(self, mark: str, refused: str | None, errcode: int) -> None:
        forced = refused is not None
        now = self._clock.now()
        wait_s = await self._pace.change(lambda state: take(state, now, forced=forced))
        if wait_s:
            raise TokenUnusable(errcode, wait_s) if forced else TokenPaced(wait_s)
        self._counts["token_forced" if forced else "token_fetched"] += 1
        self._token, self._failure = await self._ask(forced=forced), None
        # what cannot be put there for the others is still good here
        with contextlib.suppress(StorageFault):
            await self._shelf.keep(self._token, mark)

    async def _ask(self, *, forced: bool) -> Token:
        asked_at = self._clock.now().timestamp()
        # the secret travels in the body, never in an address that something may log
        body = {
            "grant_type": "client_credential", "appid": self._settings.app_id, "secret": self._settings.secret, "force_refresh": forced,
        }  # fmt: skip
        fault: TokenFault
        try:
            answer = await self._calls.post(FORCED if forced else TOKEN, "/cgi-bin/stable_token", body)
        except PlatformFault as error:
            fault = TokenFault(str(error), "token_unreachable")
        else:
            value, errcode = answer.get("access_token"), errcode_of(answer)
            if isinstance(value, str) and value and errcode in (None, OK):
                return Token(value, asked_at + _lifetime_s(answer.get("expires_in")))
            fault = TokenFault("the answer is no token", "token_unreachable") if errcode in (None, OK) else TokenRefused(errcode)
        raise fault

    def _failed(self, fault: TokenFault) -> TokenFault:
        if fault is self._failure:
            return fault
        self._failure, self._failed_at = fault, self._clock.monotonic()
        self._counts[f"token_failed.{fault.code}"] += 1
        _log.error("no_token", account=self._settings.account, reason=fault.code, said=str(fault))
        return fault


def _lifetime_s(given: object) -> float:
    """What WeChat says, within what it ever says; a token without an end is asked about again soon, not believed for ever."""
    if isinstance(given, bool) or not isinstance(given, int | float) or given <= 0:
        return AHEAD_S
    return min(float(given), LONGEST_LIFE_S)


def _apart_s(failure: TokenFault) -> float:
    """How long a failure holds good."""
    if isinstance(failure, TokenUnusable | TokenPaced):
        return failure.wait_s
    # a busy platform mends itself; the pace still bounds how often it is asked
    busy = isinstance(failure, TokenRefused) and code_of(failure.errcode).do == Do.BACK_OFF
    return _BUSY_APART_S if busy else _FAILED_APART_S
