"""Scripted agents over the staff API: they take what is offered, answer with texts of which no two are equal, resolve; some vanish."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_LOOK_EVERY_S = 1.0
_PATIENCE_S = 8.0
_MOST_REPLIES = 3


@dataclass(frozen=True)
class Habits:
    """`vanish_every_s`: how often an agent is gone without a word for `vanish_s`, longer than their lease; 0: never."""

    vanish_every_s: float = 0.0
    vanish_s: float = 40.0


@dataclass
class _Case:
    """One conversation in an agent's hands."""

    wanted: int
    said: int = 0
    number: int = 0
    body: dict[str, Any] | None = None
    """A reply whose answer never came: said again under the same client_id."""


@dataclass
class Agent:
    """One agent. `counts` is shared by all."""

    login: str
    token: str
    session: aiohttp.ClientSession
    url: str
    counts: Counter[str]
    habits: Habits
    seed: int
    closing: bool = False
    """No more vanishing: the run comes to rest."""
    _random: random.Random = field(init=False)
    _cases: dict[str, _Case] = field(default_factory=dict)
    _spoken: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311

    async def work(self) -> None:
        """Until cancelled."""
        gone_at = time.monotonic() + self._random.uniform(0.3, 1.3) * self.habits.vanish_every_s
        beat_at = 0.0
        await self._call("PUT", "/presence", {"status": "online"})
        while True:
            if self.habits.vanish_every_s and time.monotonic() > gone_at and not self.closing:
                self.counts["vanished"] += 1
                await self._be_gone()
                gone_at = time.monotonic() + self.habits.vanish_every_s
                beat_at = 0.0
            if time.monotonic() > beat_at:
                await self._beat()
                beat_at = time.monotonic() + 5.0
            await self._look()
            await asyncio.sleep(_LOOK_EVERY_S * self._random.uniform(0.7, 1.3))

    async def _be_gone(self) -> None:
        ends = time.monotonic() + self.habits.vanish_s
        while time.monotonic() < ends and not self.closing:
            await asyncio.sleep(0.5)

    async def _beat(self) -> None:
        status, agent = await self._call("POST", "/presence/heartbeat")
        if status == 200 and agent["status"] != "online":
            self.counts[f"was_{agent['status']}"] += 1
            await self._call("PUT", "/presence", {"status": "online"})

    async def _look(self) -> None:
        status, queue = await self._call("GET", "/queue")
        if status == 200:
            for offer in queue["offers"]:
                await self._accept(offer["waiting"])
        status, mine = await self._call("GET", "/conversations?state=mine")
        if status != 200:
            return
        for one in mine["conversations"]:
            await self._serve(one["conversation_id"])
        held = {one["conversation_id"] for one in mine["conversations"]}
        self._cases = {name: case for name, case in self._cases.items() if name in held}

    async def _accept(self, waiting: dict[str, Any]) -> None:
        status, _ = await self._call("POST", f"/conversations/{waiting['conversation_id']}/accept", {"epoch": waiting["epoch"]})
        self.counts["accepted" if status == 200 else f"accept_{status}"] += 1

    async def _serve(self, name: str) -> None:
        case = self._cases.setdefault(name, _Case(self._random.randint(1, _MOST_REPLIES)))
        path = f"/conversations/{name}"
        status, detail = await self._call("GET", path)
        if status != 200 or detail["owner"] != "agent":
            return
        if case.body is None and case.said >= case.wanted:
            body = {"epoch": detail["epoch"], "note": "已办", "learned": {}}
            status, _ = await self._call("POST", f"{path}/resolve", body)
            self.counts["resolved" if status == 200 else f"resolve_{status}"] += 1
            return
        if case.body is None:
            case.number = self._spoken = self._spoken + 1
        text = f"您好，{self.login} 第{case.number}条：您的问题已经在处理，编号 {name[-8:]}。"
        seen = max((line["position"] for line in detail["transcript"]), default=0)
        case.body = {"epoch": detail["epoch"], "text": text, "client_id": f"{self.login}-{case.number}", "seen_position": seen}
        status, _ = await self._call("POST", f"{path}/reply", case.body)
        if status == 200:
            case.said += 1
            self.counts["replied"] += 1
        else:
            self.counts[f"reply_{status}"] += 1
        if status not in (0, 500, 503):
            case.body = None

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """(status, answer); 0 when no answer came."""
        headers, limit = {"Authorization": f"Bearer {self.token}"}, aiohttp.ClientTimeout(total=_PATIENCE_S)
        try:
            async with self.session.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=limit) as answer:
                if answer.status >= 500:
                    self.counts[f"status_{answer.status}"] += 1
                found = await answer.json() if answer.status == 200 else None
                return answer.status, found
        except (aiohttp.ClientError, TimeoutError, ValueError):
            self.counts["no_answer"] += 1
            return 0, None
