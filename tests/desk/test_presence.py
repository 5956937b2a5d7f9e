"""Agents who miss, rest, leave or vanish."""


from sqlalchemy import delete

from conversations.model import Owner, Reason
from desk.model import AgentStatus
from desk.tables import desk_offer
from tests.desk.seen import agent_state, live_rows, no_witness
from tests.desk.world import World

BOTH_DATABASES = True


async def test_three_misses_in_a_row_are_a_break(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.ask_for_person("o1")
    assert await world.router.cycle() == 1
    for misses, made, status in ((1, 1, AgentStatus.ONLINE), (2, 1, AgentStatus.ONLINE), (3, 0, AgentStatus.BREAK)):
        world.clock.advance(20)
        await world.desk.heartbeat(agent)
        assert await world.router.cycle() == made
        state = await agent_state(world, agent)
        assert (state.misses, state.status) == (misses, status)
    assert state.slots_used == 0
    await world.desk.set_status(agent, AgentStatus.ONLINE)
    assert (await agent_state(world, agent)).misses == 0
    assert await world.router.cycle() == 1



async def test_an_acceptance_makes_up_for_misses(world: World) -> None:
    agent = await world.online("a", slots=3)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert (await agent_state(world, agent)).misses == 1
    await world.desk.accept(agent, conversation, 1, no_witness)
    assert (await agent_state(world, agent)).misses == 0



async def test_a_lost_agent_gives_all_back_to_the_front(world: World) -> None:
    lost = await world.online("lost", slots=3)
    kept = await world.ask_for_person("o1")
    await world.desk.accept(lost, kept, 1, no_witness)
    offered = await world.ask_for_person("o2")
    await world.router.cycle()
    world.clock.advance(12)
    await world.ask_for_person("o3", priority=9)
    world.clock.advance(17.9)
    await world.router.cycle()
    assert (await agent_state(world, lost)).status is AgentStatus.ONLINE
    world.clock.advance(0.1)
    await world.router.cycle()
    agent = await agent_state(world, lost)
    assert (agent.status, agent.slots_used) == (AgentStatus.OFFLINE, 0)
    row = await world.row(kept)
    assert (row.owner, row.epoch, row.agent_id) == (Owner.WAITING, 3, None)
    assert await live_rows(world) == []
    queue = (await world.desk.queue(lost)).waiting
    assert {one.conversation_id: (one.reason, round(one.waiting_s)) for one in queue if one.conversation_id in (kept, offered)} == {
        kept: (Reason.AGENT_LOST, 30), offered: ("asked", 30),
    }  # fmt: skip
    other = await world.online("b", slots=1)
    world.clock.advance(5)
    await world.desk.heartbeat(other)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await live_rows(world)] == [kept]



async def test_a_wall_clock_that_jumps_loses_nobody(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(agent, conversation, 1, no_witness)
    await world.router.cycle()
    for jump in (86_400, -200_000):
        world.clock.jump(jump)
        await world.router.cycle()
    assert (await world.row(conversation)).owner == Owner.AGENT
    assert (await agent_state(world, agent)).status is AgentStatus.ONLINE



async def test_an_offer_runs_out_also_when_the_wall_clock_is_set_back(world: World) -> None:
    agent = await world.online("a", slots=1)
    await world.ask_for_person("o1")
    await world.router.cycle()
    await world.router.cycle()
    world.clock.jump(-3600)
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert (await agent_state(world, agent)).misses == 1



async def test_who_goes_offline_holds_nothing_and_who_takes_a_break_keeps_what_they_have(world: World) -> None:
    agent = await world.online("a", slots=2)
    held = await world.ask_for_person("o1")
    await world.desk.accept(agent, held, 1, no_witness)
    await world.ask_for_person("o2")
    await world.router.cycle()
    assert (await agent_state(world, agent)).slots_used == 2
    await world.desk.set_status(agent, AgentStatus.BREAK)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await live_rows(world)] == [held]
    assert (await agent_state(world, agent)).misses == 0
    await world.desk.set_status(agent, AgentStatus.OFFLINE)
    await world.router.cycle()
    assert await live_rows(world) == []
    assert (await world.row(held)).owner == Owner.WAITING
    assert (await agent_state(world, agent)).slots_used == 0



async def test_a_sign_of_life_at_the_last_moment_counts(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(agent, conversation, 1, no_witness)
    await world.router.cycle()
    world.clock.advance(30)
    late = await world.db.read(world.router._look)
    # between the router's look and its act
    await world.desk.heartbeat(agent)
    await world.router._clean(late)
    assert (await world.row(conversation)).owner == Owner.AGENT
    assert (await agent_state(world, agent)).status is AgentStatus.ONLINE


async def test_a_conversation_whose_agent_knows_nothing_of_it_waits_again(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(agent, conversation, 1, no_witness)
    await world.desk.set_status(agent, AgentStatus.BREAK)
    await world.router.cycle()
    await world.db.write(lambda connection: connection.execute(delete(desk_offer)))
    world.clock.advance(2)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    row = await world.row(conversation)
    assert (row.owner, row.epoch) == (Owner.WAITING, 3)
    queue = (await world.desk.queue(agent)).waiting
    assert [(one.conversation_id, one.reason) for one in queue] == [(conversation, Reason.AGENT_LOST)]
    await world.router.cycle()
    assert (await world.row(conversation)).epoch == 3
