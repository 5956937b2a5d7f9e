"""One account's low-rate calls: wechatpy in a thread, our token, and an end to asking again."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from connectors.wechat.account.client import AccountClient
from connectors.wechat.account.wire import WireSettings
from connectors.wechat.errors import CallRefused
from runtime.settings import AccountSettings

T = TypeVar("T")
_TOKEN_CODES = frozenset({40001, 40014, 42001})
_BUSY = -1
_BACK_OFF_S = (0.3, 1.0)


class AccessToken(Protocol):
    """What a TokenHolder does."""

    async def current(self) -> str:
        """The token."""

    async def replace(self, refused: str, errcode: int) -> str:
        """Another one, after WeChat refused that one with `errcode`."""


class FixedToken:
    """A token that is looked with and never renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def replace(self, refused: str, errcode: int) -> str:
        """The same: what refuses it refuses it again."""
        return self._token


class AccountApi:
    """Calls of one account. Nothing here blocks the loop; a call that is cancelled ends in its thread by its time-out."""

    def __init__(
        self, account: AccountSettings, token: AccessToken, wire: WireSettings | None = None, count: Callable[[str], None] | None = None
    ) -> None:
        """`count` is told the name of each call that is made."""
        self.account = account
        self._token = token
        self._wire = wire or WireSettings()
        self._count = count or (lambda name: None)

    async def call(self, work: Callable[[Any], T]) -> T:
        """`work` is given wechatpy's client and makes one call on it. Raises PlatformFault.

        A refused token is replaced once and the call repeated once. A platform that says it is busy (-1: nothing was done) is asked
        three times in all. A call that ended without an answer is not repeated: it may have been carried out.
        """
        token = await self._token.current()
        try:
            return await self._patiently(token, work)
        except CallRefused as refused:
            renewed = await self._token.replace(token, refused.errcode) if refused.errcode in _TOKEN_CODES else token
            if renewed == token:
                raise
        return await self._patiently(renewed, work)

    async def _patiently(self, token: str, work: Callable[[Any], T]) -> T:
        for pause in _BACK_OFF_S:
            try:
                return await self._once(token, work)
            except CallRefused as refused:
                if refused.errcode != _BUSY:
                    raise
            await asyncio.sleep(pause)
        return await self._once(token, work)

    async def _once(self, token: str, work: Callable[[Any], T]) -> T:
        client = AccountClient(self.account.app_id, self.account.api_base, token, self._wire)
        try:
            return await asyncio.to_thread(_and_close, client, work)
        finally:
            for name in client.asked:
                self._count(name.replace("/", "_"))


def _and_close(client: AccountClient, work: Callable[[Any], T]) -> T:
    try:
        return work(client)
    finally:
        client.close()
