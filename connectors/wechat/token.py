"""The access token, by stable_token: asked again it answers the same token, so any number of processes may hold it.

Source: developers.weixin.qq.com, "getStableAccessToken": 7200 s at most, a new one in the last 5 minutes during which both
work; force_refresh at most 20 times a day and 30 s apart.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from connectors.wechat.errors import PlatformFault, TokenRefused
from runtime.clock import Clock

_AHEAD_S = 300.0
_FORCE_APART_S = 30.0
_FAILED_APART_S = 5.0


@dataclass(frozen=True)
class TokenSettings:
    """Whose token, and where to ask."""

    api_base: str
    app_id: str
    secret: str
    timeout_s: float = 5.0


class TokenHolder:
    """One account's token in one process. At most one request is under way, however many ask."""

    def __init__(self, settings: TokenSettings, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._asking = asyncio.Lock()
        self._token = ""
        self._good_until = 0.0
        self._forced_at = -_FORCE_APART_S
        self._failed_at = -_FAILED_APART_S
        self._failure: PlatformFault | None = None

    async def current(self) -> str:
        """The token, fetched when there is none or its last five minutes have begun. Raises PlatformFault."""
        if self._fresh():
            return self._token
        async with self._asking:
            if not self._fresh():
                await self._fetch(force=False)
        return self._token

    async def replace(self, refused: str) -> str:
        """After WeChat refused `refused`: another token, forced at most every 30 s. Raises PlatformFault."""
        async with self._asking:
            if self._token != refused and self._fresh():
                return self._token
            force = self._clock.monotonic() - self._forced_at >= _FORCE_APART_S
            if not force:
                raise PlatformFault("the token was refused again within 30 s")
            self._forced_at = self._clock.monotonic()
            await self._fetch(force=True)
        return self._token

    def _fresh(self) -> bool:
        return bool(self._token) and self._clock.monotonic() < self._good_until

    async def _fetch(self, *, force: bool) -> None:
        if self._failure and not force and self._clock.monotonic() - self._failed_at < _FAILED_APART_S:
            raise self._failure
        try:
            answer = await self._ask(force)
            if "access_token" not in answer:
                raise TokenRefused(int(answer.get("errcode", -1)))
        except PlatformFault as fault:
            self._failure, self._failed_at = fault, self._clock.monotonic()
            raise
        self._failure = None
        self._token = str(answer["access_token"])
        lifetime = float(answer.get("expires_in", 7200))
        self._good_until = self._clock.monotonic() + max(lifetime - _AHEAD_S, min(lifetime / 2, 30.0))

    async def _ask(self, force: bool) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.secret,
            "force_refresh": force,
        }
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_s)
        try:
            # the secret travels in the body, never in an address that something may log
            async with self._session.post(f"{self._settings.api_base}/cgi-bin/stable_token", json=body, timeout=timeout) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PlatformFault(f"stable_token: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise PlatformFault("stable_token: not an object")
        return answer
