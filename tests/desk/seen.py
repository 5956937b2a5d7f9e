"""What a desk looks like from outside, for the tests."""

from sqlalchemy import Connection, func, select

from desk import offers, presence
from desk.model import AgentState, Offer, Viewer
from desk.tables import desk_event, desk_offer
from tests.desk.world import World


def no_witness(*_: object, **__: object) -> None:
    """Nobody asks for a trace here."""



async def live_rows(world: World) -> list[Offer]:
    return await world.db.read(offers.read_live)



async def agent_state(world: World, viewer: Viewer) -> AgentState:
    found = await world.desk.agent(viewer.agent_id)
    assert found is not None
    return found



async def event_kinds(world: World) -> list[str]:
    return list(await world.db.read(lambda connection: connection.execute(select(desk_event.c.kind).order_by(desk_event.c.seq)).scalars()))



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

