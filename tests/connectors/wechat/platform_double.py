"""WeChat's API on the loopback, doing what it is told, and accounts that speak to it: as many processes as a test needs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
from aiohttp import web
from redis.asyncio import Redis

from connectors.wechat.calls import CallSettings
from connectors.wechat.way_out import Shared, WayOut
from conversations.model import Address, OutgoingText
from runtime.clock import Clock, FakeClock
from runtime.database import Database
from runtime.keys import Keyring
from tests.connectors.wechat.doubles import ACCOUNT

TO = Address("demo", "oA")
HELLO = OutgoingText("b_1", "你好")
SECRET = "SECRET-OF-THE-ACCOUNT"  # noqa: S105
KEYRING = Keyring(b"d" * 32, b"l" * 32)
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Platform:
    """stable_token, custom/send, custom/typing, media/upload; `errcodes` are answered in turn by all but the first, then `errcode`;
    a `stale` token gets its own;
    "drop" cuts the connection, "text" answers no JSON, "redirect" names another address."""

    errcodes: list[int | str] = field(default_factory=list)
    errcode: int = 0
    stale: tuple[str, int] = ("", 0)
    token_errcode: int = 0
    token_body: object = None
    expires_in: int = 7200
    tokens: int = 0
    forced: int = 0
    token_at: list[float] = field(default_factory=list)
    forced_at: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    uploads: list[tuple[str, str, bytes]] = field(default_factory=list)
    token_of_call: list[str] = field(default_factory=list)
    pause_s: float = 0.0
    token_pause_s: float = 0.0
    base: str = ""
    now: Callable[[], float] = lambda: 0.0

    async def token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert (asked["appid"], asked["secret"]) == (ACCOUNT.app_id, SECRET)
        self.tokens += 1
        self.token_at.append(self.now())
        if asked["force_refresh"]:
            self.forced += 1
            self.forced_at.append(self.now())
        if self.token_pause_s:
            await asyncio.sleep(self.token_pause_s)
        if self.token_errcode:
            return web.json_response({"errcode": self.token_errcode, "errmsg": "no"})
        if self.token_body is not None:
            return web.json_response(self.token_body)
        return web.json_response({"access_token": f"T{self.forced}", "expires_in": self.expires_in})

    async def send(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        return await self._answer(request)

    async def upload(self, request: web.Request) -> web.Response:
        part = await (await request.multipart()).next()
        assert isinstance(part, aiohttp.BodyPartReader)
        self.uploads.append((request.query["type"], part.filename or "", bytes(await part.read())))
        self.token_of_call.append(request.query["access_token"])
        return web.json_response({"type": "image", "media_id": f"MEDIA{len(self.uploads)}", "created_at": 1})

    async def _answer(self, request: web.Request) -> web.Response:
        self.token_of_call.append(request.query["access_token"])
        if self.pause_s:
            await asyncio.sleep(self.pause_s)
        if request.query["access_token"] == self.stale[0]:
            return web.json_response({"errcode": self.stale[1]})
        code = self.errcodes.pop(0) if self.errcodes else self.errcode
        if code == "drop":
            assert request.transport is not None
            request.transport.close()
        if code == "text":
            return web.Response(text="<html>busy</html>")
        if code == "redirect":
            return web.Response(status=307, headers={"Location": f"{self.base}/elsewhere"})
        return web.json_response({"errcode": code, "errmsg": "as told"})


@asynccontextmanager
async def serve_platform() -> AsyncIterator[Platform]:
    """A platform on a free port."""
    double = Platform()
    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", double.token)
    app.router.add_post("/cgi-bin/message/custom/send", double.send)
    app.router.add_post("/cgi-bin/message/custom/typing", double.send)
    app.router.add_post("/cgi-bin/media/upload", double.upload)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()


def make_way(
    platform: Platform, session: aiohttp.ClientSession, clock: Clock | None = None, *, db: Database | None = None,
    redis: Redis | None = None, base: str | None = None, counts: Counter[str] | None = None, total_s: float = 5.0, **changes: object,
) -> WayOut:  # fmt: skip
    """An account's way out, as one process has it."""
    account = replace(ACCOUNT, secret=SECRET, api_base=base or platform.base, **changes)  # type: ignore[arg-type]
    shared = Shared(db, KEYRING if db is not None else None, redis)
    settings = CallSettings(account.api_base, total_s=total_s, connect_s=total_s / 2, read_s=total_s)
    return WayOut(account, session, clock or FakeClock(), shared, counts if counts is not None else Counter(), settings)


def most_in_a_minute(moments: list[float]) -> int:
    """The most calls in any 60 seconds."""
    return max((sum(0 <= one - first < 60 for one in moments) for first in moments), default=0)
