"""The real staff app on a free port, and people who call it."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from argon2 import PasswordHasher

from desk.model import AgentStatus
from staff import accounts
from staff.app import make_app
from staff.passwords import Passwords
from staff.settings import StaffSettings
from tests.desk.world import KEYS, World

# the real thing with the smallest cost Argon2 allows
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "correct horse 1"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        """The refusal's code, "" for none."""
        return str(self.body["error"]["code"]) if isinstance(self.body, dict) and "error" in self.body else ""


class Caller:
    """One member of staff with a token, or nobody."""

    def __init__(self, http: aiohttp.ClientSession, base: str, headers: dict[str, str] | None = None) -> None:
        self.http = http
        self.base = base
        self.headers = headers or {}

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """JSON in, JSON out; `data=` sends raw bytes."""
        if body is not None:
            more["json"] = body
        headers = {**self.headers, **more.pop("headers", {})}
        path = path if path.startswith("/") else f"/api/v1/{path}"
        async with self.http.request(method, self.base + path, headers=headers, **more) as response:
            raw = await response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Answer(response.status, json.loads(raw) if raw and is_json else raw, response.headers)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, {} if body is None and "data" not in more else body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PUT", path, body, **more)


@dataclass
class Served:
    """A world with its staff app listening."""

    world: World
    base: str
    http: aiohttp.ClientSession

    @property
    def nobody(self) -> Caller:
        """Without session or token; the session's cookies are not kept between calls."""
        return Caller(self.http, self.base)

    async def member(
        self, login: str, role: str = "agent", accounts_: tuple[str, ...] = ("demo",), *, online: bool = False, slots: int = 2
    ) -> Caller:
        """A new member of staff who calls with a token."""
        await accounts.add_member(
            self.world.db, login, login.title(), role, accounts_, PASSWORD,
            slots_max=slots, clock=self.world.clock, passwords=QUICK,
        )  # fmt: skip
        token = await accounts.issue_token(self.world.db, login, clock=self.world.clock)
        caller = Caller(self.http, self.base, {"Authorization": f"Bearer {token}"})
        if online:
            answer = await caller.put("presence", {"status": str(AgentStatus.ONLINE)})
            assert answer.status == 200
        return caller


@asynccontextmanager
async def serve(world: World, web_dist: Path | None = None, settings: StaffSettings | None = None) -> AsyncIterator[Served]:
    """Listens on a free port of the loopback until left."""
    app = make_app(world.db, KEYS, world.clock, world.bus, world.desk, web_dist, settings=settings, passwords=QUICK)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    running: Any = server
    await running.startup()
    await running.start_serving()
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield Served(world, base, http)
    finally:
        await running.before_stop()
        await running.close()
        for connection in list(server.connections):
            connection.abort()
        await running.after_stop()
        app.unregister_app(app)
        listening.close()
