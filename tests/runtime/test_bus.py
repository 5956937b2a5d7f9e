"""Wake-ups: one contract for the bus inside a process and for Redis, embedded or a server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from runtime.bus import Bus, LocalBus, Note, RedisBus

REDIS = [pytest.param("embedded", marks=pytest.mark.slow), pytest.param("server", marks=pytest.mark.slow)]
_FIXTURES = {"embedded": "embedded_redis_url", "server": "redis_url"}


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(_FIXTURES[request.param]))


@pytest.fixture(params=["local", *REDIS])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "local":
        yield LocalBus()
        return
    made = RedisBus(request.getfixturevalue(_FIXTURES[request.param]))
    yield made
    await made.close()


class Listener:
    """Someone who listens, and has been heard to."""

    def __init__(self, bus: Bus, *channels: str) -> None:
        self._bus = bus
        self._channels = channels
        self._notes: asyncio.Queue[tuple[str, Note]] = asyncio.Queue()

    async def __aenter__(self) -> "Listener":
        self._task = asyncio.create_task(self._listen())
        await self.hear_again()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _listen(self) -> None:
        async with contextlib.aclosing(self._bus.subscribe(*self._channels)) as notes:
            async for one in notes:
                self._notes.put_nowait(one)

    async def hear_again(self) -> None:
        """Speaks until it is heard: who has just begun to listen may have missed a word."""
        for number in range(100):
            await self._bus.publish(self._channels[0], {"probe": id(self), "number": number})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    while True:
                        _, note = await self._notes.get()
                        if note.get("probe") == id(self) and note["number"] == number:
                            return
        raise AssertionError("nothing is heard")

    async def next(self) -> tuple[str, Note]:
        async with asyncio.timeout(5):
            while True:
                channel, note = await self._notes.get()
                if "probe" not in note:
                    return channel, note


async def test_a_note_reaches_all_who_listen_now_and_nobody_else(bus: Bus) -> None:
    await bus.publish("lane", {"lost": True})
    async with Listener(bus, "lane", "desk") as first, Listener(bus, "desk") as second:
        await bus.publish("other", {"n": 1})
        await bus.publish("lane", {"n": 2})
        await bus.publish("desk", {"n": 3, "words": "微厅"})
        assert await first.next() == ("lane", {"n": 2})
        assert await first.next() == ("desk", {"n": 3, "words": "微厅"})
        assert await second.next() == ("desk", {"n": 3, "words": "微厅"})


async def test_notes_come_in_the_order_they_were_said(bus: Bus) -> None:
    async with Listener(bus, "lane") as listener:
        for number in range(200):
            await bus.publish("lane", {"n": number})
        assert [(await listener.next())[1]["n"] for _ in range(200)] == list(range(200))


@pytest.mark.parametrize("url", REDIS, indirect=True)
async def test_a_connection_that_was_cut_is_made_again(url: str) -> None:
    bus, other = RedisBus(url), Redis.from_url(url)
    try:
        async with Listener(bus, "lane") as listener:
            for kind in ("pubsub", "normal"):
                await other.client_kill_filter(_type=kind, skipme=True)
            await listener.hear_again()
            # a Redis that was emptied has forgotten nothing that matters
            await other.flushall()
            await bus.publish("lane", {"n": 1})
            assert await listener.next() == ("lane", {"n": 1})
    finally:
        await other.aclose()
        await bus.close()


@pytest.mark.parametrize("url", REDIS, indirect=True)
async def test_what_strangers_say_on_our_channels_is_passed_over(url: str) -> None:
    bus, other = RedisBus(url), Redis.from_url(url)
    try:
        async with Listener(bus, "lane") as listener:
            for raw in ("", "no json", "[1]", "null", b"\xff"):
                await other.publish("weiting:lane", raw)
            await bus.publish("lane", {"n": 1})
            assert await listener.next() == ("lane", {"n": 1})
    finally:
        await other.aclose()
        await bus.close()


async def test_a_redis_that_is_away_raises_nothing() -> None:
    bus = RedisBus("redis://127.0.0.1:9")
    await bus.publish("lane", {})
    waiting = asyncio.ensure_future(anext(bus.subscribe("lane")))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    await bus.close()
