"""The router as it runs: woken by the bus, sure without it, and gone cleanly."""

import asyncio

from desk import events, lease, offers
from desk.model import AgentStatus
from desk.watch import Watch
from tests.desk.seen import no_witness
from tests.desk.world import World


async def _soon(world: World, count: int) -> bool:
    """Whether so many live rows are there within two seconds."""
    for _ in range(200):
        if len(await world.db.read(offers.read_live)) == count:
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_word_on_the_bus_is_enough(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.router.start()
    try:
        for _ in range(100):
            if world.router.leads:
                break
            await asyncio.sleep(0.01)
        first = await world.ask_for_person("o1")
        await world.bus.publish("desk", {"kind": "queue_changed", "conversation_id": first, "account": "demo"})
        assert await _soon(world, 1)
        second = await world.ask_for_person("o2")
        await world.desk.accept(agent, first, 1, no_witness)
        # the slot that becomes free is given away at once
        await world.desk.resolve(agent, first, 2, "", {}, no_witness)
        assert await _soon(world, 1)
        assert (await world.db.read(offers.read_live))[0].conversation_id == second
        heard = [event.kind for event in await world.desk.events(agent, 1)]
        assert {events.OFFER_MADE, events.QUEUE_CHANGED, events.CONVERSATION_CHANGED} <= set(heard)
    finally:
        await world.router.stop()
    row = await world.db.read(lease.read_lease)
    assert row is not None
    assert row.holder == ""
    assert await world.make_router(world.db).cycle() == 0


async def test_new_lines_that_nobody_spoke_of_are_noticed(world: World) -> None:
    agent = await world.online("a", slots=2)
    conversation, other = await world.ask_for_person("o1"), await world.ask_for_person("o2")
    for one in (conversation, other):
        await world.desk.accept(agent, one, 1, no_witness)
    await world.router.cycle()
    before = await world.desk.newest_event()
    await world.router.cycle()
    assert await world.desk.newest_event() == before
    await world.say(conversation, "在吗")
    await world.say(other, "在吗")
    world.router.note({"kind": events.CONVERSATION_CHANGED, "conversation_id": other, "account": "demo"})
    await world.router.cycle()
    heard = [(event.kind, event.conversation_id) for event in await world.desk.events(agent, before)]
    assert heard == [(events.CONVERSATION_CHANGED, other), (events.CONVERSATION_CHANGED, conversation)]


async def test_a_full_desk_does_not_read_the_queue_at_every_word(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.desk.accept(agent, await world.ask_for_person("o1"), 1, no_witness)
    await world.router.cycle()
    await world.ask_for_person("o2")
    assert (await world.db.read(world.router._look)).waiting is None
    world.clock.advance(2)
    seen = (await world.db.read(world.router._look)).waiting
    assert seen is not None
    assert len(seen) == 1
    await world.desk.set_status(agent, AgentStatus.BREAK)
    assert (await world.db.read(world.router._look)).waiting is None


def test_the_first_look_is_no_news() -> None:
    watch = Watch()
    assert watch.queue([], frozenset()) == []
    assert watch.conversations({}, frozenset()) == []
