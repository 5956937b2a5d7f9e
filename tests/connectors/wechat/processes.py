"""Several processes of one deployment, over one database and one Redis, in one test."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from redis.asyncio import Redis

from connectors.wechat.way_out import WayOut
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.redis_client import open_redis
from tests.connectors.wechat.platform_double import Platform, make_way
from tests.servers import open_database

NOBODY = "redis://127.0.0.1:9/0"


@dataclass
class Deployment:
    """Processes of one deployment over one database and one Redis; their clock is moved by hand."""

    platform: Platform
    session: aiohttp.ClientSession
    url: str
    db_url: str
    clock: FakeClock = field(default_factory=FakeClock)
    counts: Counter[str] = field(default_factory=Counter)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.platform.now = self.clock.monotonic

    def process(self, redis_url: str | None = None) -> WayOut:
        """One more, with connections of its own."""
        db, redis = open_database(self.db_url), open_redis(redis_url or self.url)
        way = make_way(self.platform, self.session, self.clock, db=db, redis=redis, counts=self.counts)
        self.closing.append(lambda: _close(way, db, redis))
        return way

    def processes(self, number: int, redis_url: str | None = None) -> list[WayOut]:
        return [self.process(redis_url) for _ in range(number)]

    async def redis(self, *words: str | bytes) -> Any:
        client = open_redis(self.url)
        try:
            return await client.execute_command(*words)  # type: ignore[no-untyped-call]
        finally:
            await client.aclose()


async def _close(way: WayOut, db: Database, redis: Redis) -> None:
    await way.stop()
    await redis.aclose()
    db.close()


@asynccontextmanager
async def deploy(platform: Platform, session: aiohttp.ClientSession, redis_url: str, db_url: str) -> AsyncIterator[Deployment]:
    """An empty Redis, and no process yet; all that are made are stopped at the end."""
    made = Deployment(platform, session, redis_url, db_url)
    await made.redis("FLUSHALL")
    yield made
    for close in made.closing:
        await close()
