"""Wake-ups."""

import asyncio
import contextlib

from runtime.bus import LocalBus, RedisBus


async def test_a_local_bus_reaches_who_listens_now() -> None:
    bus = LocalBus()
    await bus.publish("lane", {"lost": True})
    notes = bus.subscribe("lane", "desk")
    waiting = asyncio.ensure_future(anext(notes))
    await asyncio.sleep(0)
    await bus.publish("other", {"x": 1})
    await bus.publish("desk", {"x": 2})
    assert await waiting == ("desk", {"x": 2})
    await notes.aclose()


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
