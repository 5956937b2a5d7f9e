"""Ready means ready: the database answers and takes writes, the lanes run; a bot that is away is said and is not fatal."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from sqlalchemy import Connection, text

from cli.health import Health
from cli.listening import listen, stop_listening
from connectors.app import make_app
from conversations.ports import InboxPort
from runtime.database import Database, make_engine
from tests.e2e.driver import free_base

pytestmark = pytest.mark.slow  # real servers and processes


@dataclass
class FakeLanes:
    running: bool = True
    bot_refused: bool = False


@dataclass
class Scene:
    """A database, a bot that answers as told, and what health says of them."""

    db: Database
    bot: BaseTestServer
    session: aiohttp.ClientSession
    lanes: FakeLanes
    status: dict[str, object]
    asked: list[str]
    writes: bool = True

    def health(self, *more_bots: str) -> Health:
        bots = (*more_bots, f"http://127.0.0.1:{self.bot.port}")
        return Health(self.db, self.lanes, lambda: self.writes, bots, self.session)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    status: dict[str, object] = {"ready": True, "models": {}}
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response(status)

    app = web.Application()
    app.router.add_get("/status", answer)
    db = Database(make_engine(f"sqlite:///{tmp_path / 'a.db'}"))
    async with TestServer(app) as bot, aiohttp.ClientSession() as session:
        yield Scene(db, bot, session, FakeLanes(), status, asked)
    db.close()


async def test_all_is_well(scene: Scene) -> None:
    assert await scene.health().report() == {"ready": True, "database": "ok", "lanes": "running", "bot": "ok", "channels": "ok"}


async def test_one_bot_of_two_is_enough_and_none_is_said(scene: Scene) -> None:
    assert (await scene.health("http://127.0.0.1:1").report())["bot"] == "ok"
    scene.status["ready"] = False
    assert (await scene.health("http://127.0.0.1:1").report())["bot"] == "away"
    scene.status["ready"] = True
    scene.lanes.bot_refused = True
    assert (await scene.health().report())["bot"] == "resting"


async def test_lanes_that_stopped_and_writes_that_are_refused_are_not_ready(scene: Scene) -> None:
    scene.lanes.running = False
    assert (await scene.health().report())["ready"] is False
    scene.lanes.running, scene.writes = True, False
    found = await scene.health().report()
    assert (found["ready"], found["database"]) == (False, "refuses_writes")


async def test_a_database_that_is_closed_or_hangs_is_not_ready(scene: Scene) -> None:
    held = threading.Event()

    def hang(_connection: Connection) -> None:
        held.wait(20)

    hanging = [asyncio.create_task(scene.db.read(hang)) for _ in range(4)]
    await asyncio.sleep(0.05)
    began = asyncio.get_running_loop().time()
    found = await scene.health().report()
    assert (found["ready"], found["database"]) == (False, "slow")
    assert asyncio.get_running_loop().time() - began < 2
    held.set()
    await asyncio.gather(*hanging)
    await scene.db.read(lambda connection: connection.execute(text("SELECT 1")))
    scene.db.close()
    assert (await scene.health().report())["database"] == "away"


async def test_asking_a_thousand_times_looks_once(scene: Scene) -> None:
    health = scene.health()
    found = await asyncio.gather(*(health.report() for _ in range(1000)))
    assert all(one == found[0] for one in found)
    assert len(scene.asked) == 1


async def test_a_caller_that_hangs_up_does_not_end_the_look(scene: Scene) -> None:
    health = scene.health()
    first = asyncio.create_task(health.report())
    await asyncio.sleep(0)
    first.cancel()
    assert (await health.report())["ready"] is True


class NoInbox:
    """Nobody writes here."""


@pytest.mark.parametrize("ready", [True, False])
async def test_the_route_says_it_by_its_status(ready: bool) -> None:
    async def health() -> dict[str, object]:
        return {"ready": ready, "database": "ok" if ready else "away"}

    inbox: InboxPort = NoInbox()  # type: ignore[assignment]
    app = make_app((), inbox, health, name=f"health_{ready}")
    port = free_base(1)
    server = await listen(app, "127.0.0.1", port)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
        assert (answer.status, (await answer.json())["ready"]) == (200 if ready else 503, ready)
        assert answer.headers["Cache-Control"] == "no-store"
    await stop_listening(server)
    app.unregister_app(app)
