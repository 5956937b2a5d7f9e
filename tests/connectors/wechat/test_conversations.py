"""Conversations of two processes over one database, speaking to WeChat: the purse is exact, what is held follows, nothing goes twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import aiohttp
import pytest

from conversations.fake_channels import FakeChannels
from conversations.fakes import FakeBrain
from conversations.model import Address, BotAnswer, InboundMessage
from conversations.service import Conversations
from runtime.bus import RedisBus
from runtime.clock import FakeClock
from runtime.database import Database
from tests.connectors.wechat.platform_double import KEYRING, Platform, make_way
from tests.conversations.world import ASKED, SETTINGS, TEXTS
from tests.servers import open_database

BOTH_DATABASES = True

pytestmark = pytest.mark.slow  # real servers and processes

XIAO = Address("demo", "oA")


@dataclass
class Process:
    db: Database
    bus: RedisBus
    conversations: Conversations

    async def agent_says(self, name: str, words: str, clock: FakeClock) -> None:
        await self.db.write(
            lambda conn: self.conversations.ownership.write_agent_message(
                conn, name, expected_epoch=2, agent_id="u_1", agent_name="小林", text=words, client_id=words, now=clock.now()
            )
        )
        await self.rest(name)

    async def rest(self, name: str) -> None:
        self.conversations.workers.wake(name)
        while self.conversations.workers.busy:
            await asyncio.sleep(0.005)


@dataclass
class Scene:
    platform: Platform
    clock: FakeClock
    processes: list[Process]
    name: str = ""
    numbers: "count[int]" = count(1)

    async def say(self, words: str) -> None:
        inbox = self.processes[0].conversations.inbox
        accepted = await inbox.accept(InboundMessage(XIAO, f"m{next(self.numbers)}", "text", words, self.clock.now()))
        await inbox.outcome(accepted.inbound_id, 5)

    def texts(self) -> list[str]:
        return [json.loads(body)["text"]["content"] for body in self.platform.bodies]

    async def sweep(self) -> None:
        for one in self.processes:
            await one.conversations.sweeper.sweep()
            await one.rest(self.name)


@pytest.fixture
async def scene(
    platform: Platform, session: aiohttp.ClientSession, database_url: str, embedded_redis_url: str
) -> AsyncIterator[Scene]:
    made, ways = Scene(platform, FakeClock(), []), []
    for _ in range(2):
        db, bus = open_database(database_url), RedisBus(embedded_redis_url)
        way = make_way(platform, session, made.clock, db=db, counts=Counter())
        brain = FakeBrain(script={"人工": BotAnswer(("好的。",), {"intent": "request_human"}, "handoff", {}, ASKED)})
        channels, industries = FakeChannels({"demo": way.sender}), {"demo": "carrier"}
        one = Conversations(db, KEYRING, made.clock, bus, brain, channels, industries, None, TEXTS, SETTINGS)
        await one.start()
        made.processes.append(Process(db, bus, one))
        ways.append(way)
    await made.say("人工")
    first = made.processes[0]
    [waiting] = await first.db.read(lambda conn: first.conversations.reading.read_waiting(conn, ["demo"], made.clock.now()))
    made.name = waiting.conversation_id
    await first.db.write(
        lambda conn: first.conversations.ownership.assign(
            conn, made.name, expected_epoch=1, agent_id="u_1", agent_name="小林", now=made.clock.now()
        )
    )
    yield made
    for process, way in zip(made.processes, ways, strict=True):
        await process.conversations.stop()
        await way.stop()
        await process.bus.close()
        process.db.close()


async def test_the_purse_of_two_processes_is_one_whatever_becomes_of_redis(scene: Scene) -> None:
    for number in range(8):
        await scene.processes[0].bus._speaking.flushall()
        await scene.processes[number % 2].agent_says(scene.name, f"第 {number} 句", scene.clock)
    await asyncio.gather(*(one.rest(scene.name) for one in scene.processes))
    assert scene.texts() == [f"第 {number} 句" for number in range(5)]


async def test_two_processes_that_send_at_once_send_each_message_once(scene: Scene) -> None:
    scene.platform.pause_s = 0.02
    await asyncio.gather(
        *(scene.processes[number % 2].agent_says(scene.name, f"第 {number} 句", scene.clock) for number in range(8))
    )
    await asyncio.gather(*(one.rest(scene.name) for one in scene.processes))
    assert len(scene.texts()) == 5
    assert len(set(scene.texts())) == 5


async def test_after_45009_both_wait_for_midnight_and_all_follows_in_order(scene: Scene) -> None:
    scene.platform.errcode = 45009
    for number in range(4):
        await scene.processes[number % 2].agent_says(scene.name, f"第 {number} 句", scene.clock)
        scene.clock.advance(2)
        await scene.sweep()
    assert scene.texts() == ["第 0 句"]
    scene.platform.errcode = 0
    scene.clock.advance(3600)
    await scene.sweep()
    assert scene.texts() == ["第 0 句"]
    scene.clock.advance(3 * 3600 + 6)
    for _ in range(3):
        await scene.sweep()
        scene.clock.advance(2)
    # after two idle hours the assistant is back, which is said last
    assert scene.texts()[:-1] == ["第 0 句", *(f"第 {number} 句" for number in range(4))]
