"""Wake-ups between processes. The database is the truth: a lost message costs at most one sweep, never an answer."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

Note = dict[str, Any]

_PREFIX = "weiting:"
_AGAIN_S = 1.0
_PATIENCE_S = 0.5
_LONGEST_BACKLOG = 10_000


class Bus(Protocol):
    """Says something to whoever listens now."""

    async def publish(self, channel: str, note: Note) -> None:
        """Never raises for a Redis that is away."""

    def subscribe(self, *channels: str) -> AsyncGenerator[tuple[str, Note], None]:
        """Notes from now on, as (channel, note), for ever; a lost connection is made again."""


class LocalBus:
    """The same inside one process; the fake, and what a deployment without Redis falls back to."""

    def __init__(self) -> None:
        self._listeners: list[tuple[frozenset[str], asyncio.Queue[tuple[str, Note]]]] = []

    async def publish(self, channel: str, note: Note) -> None:
        for channels, inbox in self._listeners:
            if channel in channels:
                with contextlib.suppress(asyncio.QueueFull):
                    inbox.put_nowait((channel, note))

    async def subscribe(self, *channels: str) -> AsyncGenerator[tuple[str, Note], None]:
        inbox: asyncio.Queue[tuple[str, Note]] = asyncio.Queue(_LONGEST_BACKLOG)
        listener = (frozenset(channels), inbox)
        self._listeners.append(listener)
        try:
            while True:
                yield await inbox.get()
        finally:
            self._listeners.remove(listener)


class RedisBus:
    """Redis publish/subscribe. One connection pool speaks, impatiently; another listens, for as long as it takes."""

    def __init__(self, url: str) -> None:
        # no retries of the driver's own: a wake-up that is late by its back-off would hold up an answer
        once = Retry(NoBackoff(), 0)
        self._speaking = Redis.from_url(url, retry=once, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S)
        self._listening = Redis.from_url(url, retry=once, socket_connect_timeout=_AGAIN_S, health_check_interval=15)
        self._away_until = 0.0
        self.lost = 0
        """Notes that could not be said: each costs at most one sweep."""

    async def publish(self, channel: str, note: Note) -> None:
        if self.is_away:
            self.lost += 1
            return
        try:
            await self._speaking.publish(_PREFIX + channel, json.dumps(note))
        except (RedisError, OSError):
            self._away_until = time.monotonic() + _AGAIN_S
            self.lost += 1

    @property
    def is_away(self) -> bool:
        """Whether the last note could not be said, and Redis is left alone for a moment."""
        return time.monotonic() < self._away_until

    async def subscribe(self, *channels: str) -> AsyncGenerator[tuple[str, Note], None]:
        while True:
            try:
                async with self._listening.pubsub() as listening:
                    await listening.subscribe(*(_PREFIX + channel for channel in channels))
                    async for raw in listening.listen():
                        note = _note_of(raw["data"]) if raw["type"] == "message" else None
                        if note is None:
                            continue
                        name = raw["channel"].decode() if isinstance(raw["channel"], bytes) else raw["channel"]
                        yield name.removeprefix(_PREFIX), note
            except (RedisError, OSError):
                await asyncio.sleep(_AGAIN_S)

    async def close(self) -> None:
        """Gives back both pools."""
        await self._speaking.aclose()
        await self._listening.aclose()


def _note_of(data: bytes | str) -> Note | None:
    """None for what is no note of ours: Redis may be shared, and a listener must outlive a stranger's word."""
    try:
        note = json.loads(data)
    except ValueError:
        return None
    return note if isinstance(note, dict) else None
