"""What the sandbox remembers, fetched while it still does: its logs are rings, so they are read on and on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_EVERY_S = 1.0
_SIDE_BY_SIDE = 8


@dataclass
class Logbook:
    """Calls of the product, deliveries to it, and what stands on the phones. `holes`: lines that were gone before they were read."""

    session: aiohttp.ClientSession
    url: str
    account: str = "demo"
    calls: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    purses: dict[str, dict[str, Any]] = field(default_factory=dict)
    holes: int = 0

    async def follow(self) -> None:
        """Reads on until cancelled."""
        while True:
            await self.read_on()
            await asyncio.sleep(_EVERY_S)

    async def read_on(self) -> None:
        """What is new."""
        for path, name, kept in (("api-calls", "calls", self.calls), ("deliveries", "deliveries", self.deliveries)):
            last = kept[-1]["n"] if kept else 0
            news = (await self._get(f"/api/{path}?after={last}"))[name]
            if news and news[0]["n"] != last + 1:
                self.holes += news[0]["n"] - last - 1
            kept.extend(news)

    async def read_chats(self, openids: Sequence[str]) -> None:
        """Every phone, whole; those who never said anything are left out."""
        turns = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def read(openid: str) -> None:
            async with turns:
                body = await self._get(f"/api/chat/{openid}?account={self.account}", missing_ok=True)
            if body:
                self.chats[openid] = body["messages"]
                self.purses[openid] = body["purse"]

        await asyncio.gather(*(read(openid) for openid in openids))

    async def _get(self, path: str, *, missing_ok: bool = False) -> dict[str, Any]:
        async with self.session.get(self.url + path) as answer:
            if answer.status == 404 and missing_ok:
                return {}
            answer.raise_for_status()
            body: dict[str, Any] = await answer.json()
            return body
