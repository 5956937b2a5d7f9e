"""Several routers and several agents over one database, at once: never over the slots, never two for one conversation."""

import asyncio
import random
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.model import Owner
from desk import offers
from desk.desk import Desk
from desk.model import AgentStatus, Viewer
from desk.router import Router
from runtime.database import Database
from runtime.errors import Refusal
from tests.desk.conftest import fresh_world
from tests.desk.seen import assert_sound, no_witness
from tests.desk.world import World
from tests.servers import MakeDatabase, open_database

BOTH_DATABASES = True
PROCESSES = 3


@pytest.fixture(scope="module")
def quick_switches() -> Iterator[None]:
    """Threads change places more often than they would: races show."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class Crowd:
    """Processes with a router and a desk each, and agents who do what comes to mind."""

    def __init__(self, world: World, seed: int, slots: list[int]) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.databases: list[Database] = [open_database(world.url) for _ in range(PROCESSES)]
        self.routers: list[Router] = [world.make_router(db) for db in self.databases]
        self.desks: list[Desk] = [world.make_desk(db) for db in self.databases]
        self.agents = [Viewer(f"m_{number}", f"n{number}", ("demo",), (), most) for number, most in enumerate(slots)]
        self.refused: set[str] = set()

    async def play(self, waiting: int) -> None:
        """Everybody at once, until nobody waits or patience ends."""
        await asyncio.gather(*(self.desks[0].set_status(agent, AgentStatus.ONLINE) for agent in self.agents))
        conversations = [await self.world.ask_for_person(f"o{number}") for number in range(waiting)]
        for _ in range(6):
            await asyncio.gather(
                *(router.cycle() for router in self.routers),
                *(self._act(agent, conversations) for agent in self.agents for _ in range(2)),
            )
            self.world.clock.advance(self.random.choice([0.5, 3.0, 7.0, 21.0]))
            await assert_sound(self.world)
            await self._assert_one_owner(conversations)

    async def _act(self, agent: Viewer, conversations: list[str]) -> None:
        desk = self.random.choice(self.desks)
        conversation = self.random.choice(conversations)
        epoch = (await self.world.row(conversation)).epoch
        act = self.random.choice(["accept", "accept", "accept", "resolve", "release", "decline", "beat", "beat", "break", "online", "away"])
        try:
            await self._do(act, desk, agent, conversation, epoch)
        except Refusal as refusal:
            self.refused.add(refusal.code)

    async def _do(self, act: str, desk: Desk, agent: Viewer, conversation: str, epoch: int) -> None:
        match act:
            case "accept":
                await desk.accept(agent, conversation, epoch, no_witness)
            case "resolve":
                await desk.resolve(agent, conversation, epoch, "", {}, no_witness)
            case "release":
                await desk.release(agent, conversation, epoch, no_witness)
            case "decline":
                for one in (await desk.queue(agent)).offers:
                    await desk.decline(agent, one.offer_id, no_witness)
            case "beat":
                await desk.heartbeat(agent)
            case "away":
                await desk.set_status(agent, AgentStatus.OFFLINE)
            case _:
                await desk.set_status(agent, AgentStatus(act))

    async def _assert_one_owner(self, conversations: list[str]) -> None:
        live = {offer.conversation_id: offer for offer in await self.world.db.read(offers.read_live)}
        for conversation in conversations:
            row = await self.world.row(conversation)
            offer = live.get(conversation)
            if row.owner == Owner.AGENT:
                assert offer is not None
                assert (offer.state, offer.agent_id, offer.epoch) == ("accepted", row.agent_id, row.epoch)
            else:
                assert offer is None or offer.state == "offered"

    def close(self) -> None:
        """Closes every process's database."""
        for db in self.databases:
            db.close()


@pytest.mark.usefixtures("quick_switches")
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32), slots=st.lists(st.integers(1, 3), min_size=2, max_size=4), waiting=st.integers(1, 8)
)
def test_however_they_race_each_conversation_has_one_agent(
    make_database: MakeDatabase, database_kind: str, seed: int, slots: list[int], waiting: int
) -> None:
    with fresh_world(make_database(database_kind)) as world:
        crowd = Crowd(world, seed, slots)
        try:
            asyncio.run(crowd.play(waiting))
        finally:
            crowd.close()


@pytest.mark.parametrize("racers", [8])
async def test_many_processes_offer_one_conversation_once(world: World, racers: int) -> None:
    """Routers that all believe to lead: the fencing token lets one of them through, the index none twice."""
    databases = [open_database(world.url) for _ in range(racers)]
    routers = [world.make_router(db) for db in databases]
    await world.online("a", slots=9)
    conversation = await world.ask_for_person("o1")
    try:
        made = await asyncio.gather(*(router.cycle() for router in routers))
        assert sum(made) == 1
        assert sum(router.leads for router in routers) == 1
        assert [offer.conversation_id for offer in await world.db.read(offers.read_live)] == [conversation]
    finally:
        for db in databases:
            db.close()
