"""Several routers: one leads, the next takes over, and what it says is heard once."""

import asyncio

import pytest

from desk.errors import LeaseLost
from desk.lease import read_lease
from desk.router import Router
from desk.settings import DeskSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock, SystemClock
from tests.desk.seen import event_kinds, live_rows, no_witness
from tests.desk.world import World
from tests.servers import open_database

BOTH_DATABASES = True


async def test_one_leads_and_the_next_takes_over(world: World) -> None:
    second_db = open_database(world.url)
    second = world.make_router(second_db)
    await world.online("a", slots=9)
    try:
        await world.router.cycle()
        assert await second.cycle() == 0
        assert (world.router.leads, second.leads) == (True, False)
        await world.ask_for_person("o1")
        assert await second.cycle() == 0
        assert await world.router.cycle() == 1
        await second.cycle()
        world.clock.advance(6)
        await world.ask_for_person("o2")
        assert await second.cycle() == 1
        # the first one wakes up late: its token is old
        await world.ask_for_person("o3")
        assert await world.router.cycle() == 0
        assert (world.router.leads, second.leads) == (False, True)
        await second.stop()
        await second._leading.leave()
        assert await world.router.cycle() == 1
        assert len(await live_rows(world)) == 3
    finally:
        second_db.close()



async def test_a_router_that_slept_past_its_lease_changes_nothing(world: World) -> None:
    await world.online("a", slots=9)
    await world.ask_for_person("o1")
    assert await world.router.cycle() == 1
    await world.ask_for_person("o2")
    # it fell asleep between looking and acting
    stale = await world.db.read(world.router._look)
    other = world.make_router(world.db)
    await other.cycle()
    world.clock.advance(6)
    await other.cycle()
    before = await live_rows(world)
    world.clock.advance(60)
    assert len(before) == 2
    for step in (world.router._clean, world.router._assign):
        with pytest.raises(LeaseLost):
            await step(stale)
    assert await live_rows(world) == before



async def test_a_wake_up_that_got_lost_is_noticed(world: World) -> None:
    await world.online("a", slots=1)
    await world.router.cycle()
    await world.ask_for_person("o1", priority=0)
    await world.router.cycle()
    assert "queue_changed" in await event_kinds(world)
    count = len(await event_kinds(world))
    await world.router.cycle()
    assert len(await event_kinds(world)) == count



async def test_what_the_core_says_becomes_events_once(world: World) -> None:
    await world.router.cycle()
    before = len(await event_kinds(world))
    for _ in range(3):
        world.router.note({"kind": "conversation_changed", "conversation_id": "c1", "account": "demo"})
    world.router.note({"kind": "moved"})
    world.router.note({"kind": "nonsense"})
    await world.router.cycle()
    assert (await event_kinds(world))[before:] == ["conversation_changed"]
    conversation = await world.ask_for_person("o1")
    agent = await world.online("a")
    world.router.note({"kind": "queue_changed", "conversation_id": conversation, "account": "demo"})
    await world.router.cycle()
    await world.desk.accept(agent, conversation, 1, no_witness)
    world.router.note({"kind": "moved", "conversation_id": conversation})
    await world.router.cycle()
    kinds = (await event_kinds(world))[before + 1 :]
    assert kinds == ["presence_changed", "queue_changed", "offer_made", "queue_changed", "conversation_changed"]


async def test_an_idle_leader_does_not_look_like_a_dead_one(database_url: str) -> None:
    """A lease shorter than the sweep, on the real clock: nobody says a word, and nobody takes over."""
    db = open_database(database_url)
    world = World(database_url, FakeClock(), LocalBus(), db, DeskSettings())
    routers = [
        Router(db, SystemClock(), LocalBus(), world.ownership, world.reading, DeskSettings(router_lease_s=0.5, sweep_s=sweep_s))
        for sweep_s in (5.0, 0.05)
    ]
    try:
        for router in routers:
            await router.start()
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.2)
        row = await db.read(read_lease)
        assert row is not None
        assert row.token == 1
        assert [router.leads for router in routers] == [True, False]
    finally:
        for router in routers:
            await router.stop()
        db.close()
