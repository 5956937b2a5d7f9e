"""Offers, misses, lost agents, and who leads."""

import pytest
from sqlalchemy import Connection, func, select, update

from conversations.model import Owner, Reason
from desk import offers, presence
from desk.errors import LeaseLost
from desk.model import AgentState, AgentStatus, Offer, Viewer
from desk.tables import desk_agent, desk_event, desk_offer
from tests.desk.world import World, open_database


def _witness(*_: object, **__: object) -> None:
    """Nobody asks for a trace here."""


async def _live(world: World) -> list[Offer]:
    return await world.db.read(offers.read_live)


async def _agent(world: World, viewer: Viewer) -> AgentState:
    found = await world.desk.agent(viewer.agent_id)
    assert found is not None
    return found


async def _kinds(world: World) -> list[str]:
    return list(await world.db.read(lambda connection: connection.execute(select(desk_event.c.kind).order_by(desk_event.c.seq)).scalars()))


async def test_waiting_conversations_are_offered_in_the_order_of_the_queue(world: World) -> None:
    late = await world.ask_for_person("o1")
    world.clock.advance(1)
    urgent = await world.ask_for_person("o2", priority=5)
    await world.ask_for_person("o3", account="other")
    agent = await world.online("lin", slots=1)
    assert await world.router.cycle() == 1
    (offer,) = await _live(world)
    assert (offer.conversation_id, offer.agent_id, offer.state) == (urgent, agent.agent_id, "offered")
    assert (await world.row(urgent)).owner == Owner.WAITING
    assert await world.router.cycle() == 0
    queue = await world.desk.queue(agent)
    assert [(one.conversation_id, one.offered_to_me) for one in queue.waiting] == [(urgent, True), (late, False)]
    assert [(one.conversation_id, one.expires_in_s) for one in queue.offers] == [(urgent, 20.0)]


async def test_an_accepted_offer_keeps_its_slot(world: World) -> None:
    agent = await world.online("lin", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    await world.desk.accept(agent, conversation, 1, _witness)
    assert (await _agent(world, agent)).slots_used == 1
    (assignment,) = await _live(world)
    assert (assignment.state, assignment.epoch) == ("accepted", 2)
    row = await world.row(conversation)
    assert (row.owner, row.agent_id, row.agent_name) == (Owner.AGENT, agent.agent_id, "lin")
    await world.router.cycle()
    assert len(await _live(world)) == 1


async def test_a_freed_slot_goes_to_the_one_who_waits_longest(world: World) -> None:
    agent = await world.online("lin", slots=1)
    conversations = []
    for number in range(3):
        conversations.append(await world.ask_for_person(f"o{number}"))
        world.clock.advance(1)
    for conversation in conversations:
        assert await world.router.cycle() == 1
        await world.desk.accept(agent, conversation, 1, _witness)
        await world.desk.resolve(agent, conversation, 2, "", {}, _witness)
    assert (await _agent(world, agent)).slots_used == 0


async def test_an_offer_that_runs_out_goes_to_the_next_agent_before_all_others(world: World) -> None:
    first, second = await world.online("a", slots=5), await world.online("b", slots=6)
    missed = await world.ask_for_person("o1")
    await world.router.cycle()
    assert (await _live(world))[0].agent_id == first.agent_id
    urgent = [await world.ask_for_person(f"u{number}", priority=9) for number in range(2)]
    world.clock.advance(19)
    await world.desk.heartbeat(first)
    await world.desk.heartbeat(second)
    await world.router.cycle()
    assert {offer.conversation_id: offer.agent_id for offer in await _live(world)}[missed] == first.agent_id
    world.clock.advance(1)
    await world.router.cycle()
    live = {offer.conversation_id: offer for offer in await _live(world)}
    assert live[missed].agent_id == second.agent_id
    assert set(urgent) < set(live)
    assert (await _agent(world, first)).misses == 1
    assert (await world.row(missed)).epoch == 1


async def test_a_lapsed_offer_is_served_before_higher_priorities(world: World) -> None:
    agent = await world.online("a", slots=1)
    missed = await world.ask_for_person("o1")
    await world.router.cycle()
    await world.ask_for_person("u1", priority=9)
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await _live(world)] == [missed]


async def test_three_misses_in_a_row_are_a_break(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.ask_for_person("o1")
    assert await world.router.cycle() == 1
    for misses, made, status in ((1, 1, AgentStatus.ONLINE), (2, 1, AgentStatus.ONLINE), (3, 0, AgentStatus.BREAK)):
        world.clock.advance(20)
        await world.desk.heartbeat(agent)
        assert await world.router.cycle() == made
        state = await _agent(world, agent)
        assert (state.misses, state.status) == (misses, status)
    assert state.slots_used == 0
    await world.desk.set_status(agent, AgentStatus.ONLINE)
    assert (await _agent(world, agent)).misses == 0
    assert await world.router.cycle() == 1


async def test_an_acceptance_makes_up_for_misses(world: World) -> None:
    agent = await world.online("a", slots=3)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert (await _agent(world, agent)).misses == 1
    await world.desk.accept(agent, conversation, 1, _witness)
    assert (await _agent(world, agent)).misses == 0


async def test_a_declined_offer_is_not_made_again_for_a_while(world: World) -> None:
    agent = await world.online("a")
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    (offer,) = await _live(world)
    await world.desk.decline(agent, offer.offer_id, _witness)
    assert await world.router.cycle() == 0
    world.clock.advance(25)
    await world.desk.heartbeat(agent)
    assert await world.router.cycle() == 0
    world.clock.advance(25)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    world.clock.advance(15)
    await world.desk.heartbeat(agent)
    assert await world.router.cycle() == 1
    assert (await _live(world))[0].conversation_id == conversation


async def test_a_lost_agent_gives_all_back_to_the_front(world: World) -> None:
    lost = await world.online("lost", slots=3)
    kept = await world.ask_for_person("o1")
    await world.desk.accept(lost, kept, 1, _witness)
    offered = await world.ask_for_person("o2")
    await world.router.cycle()
    world.clock.advance(12)
    await world.ask_for_person("o3", priority=9)
    world.clock.advance(17.9)
    await world.router.cycle()
    assert (await _agent(world, lost)).status is AgentStatus.ONLINE
    world.clock.advance(0.1)
    await world.router.cycle()
    agent = await _agent(world, lost)
    assert (agent.status, agent.slots_used) == (AgentStatus.OFFLINE, 0)
    row = await world.row(kept)
    assert (row.owner, row.epoch, row.agent_id) == (Owner.WAITING, 3, None)
    assert await _live(world) == []
    queue = (await world.desk.queue(lost)).waiting
    assert {one.conversation_id: (one.reason, round(one.waiting_s)) for one in queue if one.conversation_id in (kept, offered)} == {
        kept: (Reason.AGENT_LOST, 30), offered: ("asked", 30),
    }  # fmt: skip
    other = await world.online("b", slots=1)
    world.clock.advance(5)
    await world.desk.heartbeat(other)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await _live(world)] == [kept]


async def test_a_wall_clock_that_jumps_loses_nobody(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(agent, conversation, 1, _witness)
    await world.router.cycle()
    for jump in (86_400, -200_000):
        world.clock.jump(jump)
        await world.router.cycle()
    assert (await world.row(conversation)).owner == Owner.AGENT
    assert (await _agent(world, agent)).status is AgentStatus.ONLINE


async def test_an_offer_runs_out_also_when_the_wall_clock_is_set_back(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.ask_for_person("o1")
    await world.router.cycle()
    await world.router.cycle()
    world.clock.jump(-3600)
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert (await _agent(world, agent)).misses == 1


async def test_who_goes_offline_holds_nothing_and_who_takes_a_break_keeps_what_they_have(world: World) -> None:
    agent = await world.online("a", slots=2)
    held = await world.ask_for_person("o1")
    await world.desk.accept(agent, held, 1, _witness)
    await world.ask_for_person("o2")
    await world.router.cycle()
    assert (await _agent(world, agent)).slots_used == 2
    await world.desk.set_status(agent, AgentStatus.BREAK)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await _live(world)] == [held]
    assert (await _agent(world, agent)).misses == 0
    await world.desk.set_status(agent, AgentStatus.OFFLINE)
    await world.router.cycle()
    assert await _live(world) == []
    assert (await world.row(held)).owner == Owner.WAITING
    assert (await _agent(world, agent)).slots_used == 0


async def test_a_subscriber_who_leaves_the_queue_takes_the_offer_along(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    await world.leave_queue(conversation)
    await world.router.cycle()
    assert await _live(world) == []
    assert (await _agent(world, agent)).slots_used == 0
    # nobody told the router that the queue is shorter
    assert (await _kinds(world))[-2:] == ["offer_ended", "queue_changed"]


async def test_taking_from_the_list_ends_the_offer_to_another(world: World) -> None:
    offered = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    quick = await world.online("b", slots=1)
    await world.desk.accept(quick, conversation, 1, _witness)
    assert ((await _agent(world, offered)).slots_used, (await _agent(world, quick)).slots_used) == (0, 1)
    assert (await _agent(world, offered)).misses == 0
    assert [(offer.agent_id, offer.state) for offer in await _live(world)] == [(quick.agent_id, "accepted")]


async def test_the_last_agent_gets_the_first_seconds(world: World) -> None:
    known, other = await world.online("known", slots=5), await world.online("other", slots=5)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(known, conversation, 1, _witness)
    await world.desk.resolve(known, conversation, 2, "", {}, _witness)
    for number in range(2):
        await world.desk.accept(known, await world.ask_for_person(f"x{number}"), 1, _witness)
    assert await world.ask_for_person("o1") == conversation
    await world.router.cycle()
    assert [offer.agent_id for offer in await _live(world) if offer.conversation_id == conversation] == [known.agent_id]
    assert (await _agent(world, other)).slots_used == 0


async def test_one_leads_and_the_next_takes_over(world: World) -> None:
    second_db = open_database(world.path)
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
        assert len(await _live(world)) == 3
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
    before = await _live(world)
    world.clock.advance(60)
    assert len(before) == 2
    for step in (world.router._clean, world.router._assign):
        with pytest.raises(LeaseLost):
            await step(stale)
    assert await _live(world) == before


async def test_counted_slots_are_the_live_rows(world: World) -> None:
    for name in ("a", "b"):
        await world.online(name, slots=2)
    for number in range(6):
        await world.ask_for_person(f"o{number}")
    assert await world.router.cycle() == 4
    await assert_sound(world)
    await world.db.write(lambda connection: connection.execute(update(desk_agent).values(slots_max=1)))
    assert await world.router.cycle() == 0


async def test_a_wake_up_that_got_lost_is_noticed(world: World) -> None:
    await world.online("a", slots=1)
    await world.router.cycle()
    await world.ask_for_person("o1", priority=0)
    await world.router.cycle()
    assert "queue_changed" in await _kinds(world)
    count = len(await _kinds(world))
    await world.router.cycle()
    assert len(await _kinds(world)) == count


async def test_what_the_core_says_becomes_events_once(world: World) -> None:
    await world.router.cycle()
    before = len(await _kinds(world))
    for _ in range(3):
        world.router.note({"kind": "conversation_changed", "conversation_id": "c1", "account": "demo"})
    world.router.note({"kind": "moved"})
    world.router.note({"kind": "nonsense"})
    await world.router.cycle()
    assert (await _kinds(world))[before:] == ["conversation_changed"]
    conversation = await world.ask_for_person("o1")
    agent = await world.online("a")
    world.router.note({"kind": "queue_changed", "conversation_id": conversation, "account": "demo"})
    await world.router.cycle()
    await world.desk.accept(agent, conversation, 1, _witness)
    world.router.note({"kind": "moved", "conversation_id": conversation})
    await world.router.cycle()
    kinds = (await _kinds(world))[before + 1 :]
    assert kinds == ["presence_changed", "queue_changed", "offer_made", "queue_changed", "conversation_changed"]


async def assert_sound(world: World) -> None:
    """Never over the slots, never two live rows for a conversation, and the counted slots are the live rows."""

    def look(connection: Connection) -> None:
        live = select(desk_offer.c.agent_id, func.count()).where(desk_offer.c.state.in_(("offered", "accepted")))
        held = dict(map(tuple, connection.execute(live.group_by(desk_offer.c.agent_id)).all()))
        for agent in presence.read_agents(connection):
            assert agent.slots_used == held.get(agent.agent_id, 0)
            assert agent.slots_used <= agent.slots_max
        conversations = [offer.conversation_id for offer in offers.read_live(connection)]
        assert len(conversations) == len(set(conversations))

    await world.db.read(look)
