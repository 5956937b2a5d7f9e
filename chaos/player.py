"""Plays the subscribers through the sandbox's door, at a steady rate whatever the product does."""

import asyncio
import time
from collections import Counter

import aiohttp

from chaos.planner import Act, Planner


class Player:
    """Speaks for everybody. `said` counts messages by kind of act."""

    def __init__(self, session: aiohttp.ClientSession, sandbox_url: str, planner: Planner, rate: float) -> None:
        self._session = session
        self._url = sandbox_url
        self._planner = planner
        self._rate = rate
        self.said: Counter[str] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    async def play(self, seconds: float) -> None:
        """Until so many seconds have passed and every message is out."""
        begins = time.monotonic()
        at = begins
        while at < begins + seconds:
            act = self._planner.next_act()
            at += sum(self._planner.pause_s(self._rate) for _ in act.bodies)
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            task = asyncio.create_task(self._do(act))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if self._under_way:
            await asyncio.gather(*self._under_way)

    async def _do(self, act: Act) -> None:
        if act.repeats:
            await self._post("/api/faults", {"path": "callback", "repeat": act.repeats, "openid": act.openid})
        for body in act.bodies:
            if await self._post("/api/say", dict(body)):
                self.said[act.kind] += 1

    async def _post(self, path: str, body: dict[str, object]) -> bool:
        try:
            async with self._session.post(self._url + path, json=body) as answer:
                return answer.status < 400
        except (aiohttp.ClientError, TimeoutError):
            self.said["failed"] += 1
            return False
