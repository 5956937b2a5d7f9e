"""Which waiting conversation is offered to whom, and when again."""

from sqlalchemy import update

from conversations.model import Owner
from desk.tables import desk_agent
from tests.desk.seen import agent_state, assert_sound, event_kinds, live_rows, no_witness
from tests.desk.world import World

BOTH_DATABASES = True


async def test_waiting_conversations_are_offered_in_the_order_of_the_queue(world: World) -> None:
    late = await world.ask_for_person("o1")
    world.clock.advance(1)
    urgent = await world.ask_for_person("o2", priority=5)
    await world.ask_for_person("o3", account="other")
    agent = await world.online("lin", slots=1)
    assert await world.router.cycle() == 1
    (offer,) = await live_rows(world)
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
    await world.desk.accept(agent, conversation, 1, no_witness)
    assert (await agent_state(world, agent)).slots_used == 1
    (assignment,) = await live_rows(world)
    assert (assignment.state, assignment.epoch) == ("accepted", 2)
    row = await world.row(conversation)
    assert (row.owner, row.agent_id, row.agent_name) == (Owner.AGENT, agent.agent_id, "lin")
    await world.router.cycle()
    assert len(await live_rows(world)) == 1



async def test_a_freed_slot_goes_to_the_one_who_waits_longest(world: World) -> None:
    agent = await world.online("lin", slots=1)
    conversations = []
    for number in range(3):
        conversations.append(await world.ask_for_person(f"o{number}"))
        world.clock.advance(1)
    for conversation in conversations:
        assert await world.router.cycle() == 1
        await world.desk.accept(agent, conversation, 1, no_witness)
        await world.desk.resolve(agent, conversation, 2, "", {}, no_witness)
    assert (await agent_state(world, agent)).slots_used == 0



async def test_an_offer_that_runs_out_goes_to_the_next_agent_before_all_others(world: World) -> None:
    first, second = await world.online("a", slots=5), await world.online("b", slots=6)
    missed = await world.ask_for_person("o1")
    await world.router.cycle()
    assert (await live_rows(world))[0].agent_id == first.agent_id
    urgent = [await world.ask_for_person(f"u{number}", priority=9) for number in range(2)]
    world.clock.advance(19)
    await world.desk.heartbeat(first)
    await world.desk.heartbeat(second)
    await world.router.cycle()
    assert {offer.conversation_id: offer.agent_id for offer in await live_rows(world)}[missed] == first.agent_id
    world.clock.advance(1)
    await world.router.cycle()
    live = {offer.conversation_id: offer for offer in await live_rows(world)}
    assert live[missed].agent_id == second.agent_id
    assert set(urgent) < set(live)
    assert (await agent_state(world, first)).misses == 1
    assert (await world.row(missed)).epoch == 1



async def test_a_lapsed_offer_is_served_before_higher_priorities(world: World) -> None:
    agent = await world.online("a", slots=1)
    missed = await world.ask_for_person("o1")
    await world.router.cycle()
    await world.ask_for_person("u1", priority=9)
    world.clock.advance(20)
    await world.desk.heartbeat(agent)
    await world.router.cycle()
    assert [offer.conversation_id for offer in await live_rows(world)] == [missed]



async def test_a_declined_offer_is_not_made_again_for_a_while(world: World) -> None:
    agent = await world.online("a")
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    (offer,) = await live_rows(world)
    await world.desk.decline(agent, offer.offer_id, no_witness)
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
    assert (await live_rows(world))[0].conversation_id == conversation



async def test_a_subscriber_who_leaves_the_queue_takes_the_offer_along(world: World) -> None:
    agent = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    await world.leave_queue(conversation)
    await world.router.cycle()
    assert await live_rows(world) == []
    assert (await agent_state(world, agent)).slots_used == 0
    # nobody told the router that the queue is shorter
    assert (await event_kinds(world))[-2:] == ["offer_ended", "queue_changed"]



async def test_taking_from_the_list_ends_the_offer_to_another(world: World) -> None:
    offered = await world.online("a", slots=1)
    conversation = await world.ask_for_person("o1")
    await world.router.cycle()
    quick = await world.online("b", slots=1)
    await world.desk.accept(quick, conversation, 1, no_witness)
    assert ((await agent_state(world, offered)).slots_used, (await agent_state(world, quick)).slots_used) == (0, 1)
    assert (await agent_state(world, offered)).misses == 0
    assert [(offer.agent_id, offer.state) for offer in await live_rows(world)] == [(quick.agent_id, "accepted")]



async def test_the_last_agent_gets_the_first_seconds(world: World) -> None:
    known, other = await world.online("known", slots=5), await world.online("other", slots=5)
    conversation = await world.ask_for_person("o1")
    await world.desk.accept(known, conversation, 1, no_witness)
    await world.desk.resolve(known, conversation, 2, "", {}, no_witness)
    for number in range(2):
        await world.desk.accept(known, await world.ask_for_person(f"x{number}"), 1, no_witness)
    assert await world.ask_for_person("o1") == conversation
    await world.router.cycle()
    assert [offer.agent_id for offer in await live_rows(world) if offer.conversation_id == conversation] == [known.agent_id]
    assert (await agent_state(world, other)).slots_used == 0



async def test_counted_slots_are_the_live_rows(world: World) -> None:
    for name in ("a", "b"):
        await world.online(name, slots=2)
    for number in range(6):
        await world.ask_for_person(f"o{number}")
    assert await world.router.cycle() == 4
    await assert_sound(world)
    await world.db.write(lambda connection: connection.execute(update(desk_agent).values(slots_max=1)))
    assert await world.router.cycle() == 0



async def test_offers_do_not_keep_an_agent_from_picking_another(world: World) -> None:
    agent = await world.online("lin", slots=2)
    offered = []
    for number in range(2):
        offered.append(await world.ask_for_person(f"o{number}", priority=1))
        world.clock.advance(1)
    picked = await world.ask_for_person("o9")
    assert await world.router.cycle() == 2
    await world.desk.accept(agent, picked, 1, no_witness)
    assert {(one.conversation_id, one.state) for one in await live_rows(world)} == {(picked, "accepted"), (offered[0], "offered")}
    assert (await agent_state(world, agent)).slots_used == 2
    await assert_sound(world)
