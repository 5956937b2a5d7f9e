"""`weiting serve core`: the public side, the staff side, lanes, router and action server in one process."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import uvloop
from redis.asyncio import Redis
from sanic import Sanic

from actions.app import make_app as make_actions_app
from cli.deployment import ROOT, Deployment
from cli.health import Health
from cli.industries import DirectByAccount, compose_industries
from cli.listening import listen, stop_listening
from cli.locks import only_core
from cli.migrate import check_database
from cli.ownership import CoreRecord
from cli.scrape import Scrape, Sources
from connectors.app import make_app as make_public_app
from connectors.registry import Connector, Connectors, Means, make_connectors
from conversations.adapters.brain import HttpBrain
from conversations.adapters.media_files import FolderFiles
from conversations.media_worker import MediaTimes
from conversations.notices import load_texts
from conversations.service import Conversations, MediaParts
from conversations.settings import ConversationSettings
from desk.desk import Desk
from desk.router import Router
from desk.settings import DeskSettings
from runtime.bus import Bus, LocalBus, RedisBus
from runtime.clock_watch import ClockWatch
from runtime.database import Database, make_engine
from runtime.ground import Ground
from runtime.logs import configure_logging
from runtime.redis_client import open_redis
from runtime.shared_clock import SharedClock
from staff.app import make_app as make_staff_app

_POOL = 200
_SWITCH_S = 0.001


def run_core(deployment: Deployment) -> int:
    """Serves until SIGTERM. Raises SettingsError for a taken port, an industry that is not there, another deployment's database."""
    configure_logging()
    with only_core(deployment.settings.database_url):
        check_database(deployment)
        # two threads share the interpreter, the loop and the store's writer: at the default of 5 ms each answer of the database waits
        # so long for a busy loop, and the loop then for nothing
        sys.setswitchinterval(_SWITCH_S)
        uvloop.run(_serve(deployment))
    return 0


async def _serve(deployment: Deployment) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await Core(deployment, stack).start()
        await stop.wait()


class Core:
    """The composition. What is opened last is closed first."""

    def __init__(self, deployment: Deployment, stack: AsyncExitStack) -> None:
        self._deployment = deployment
        self._stack = stack
        self._settings = deployment.settings
        self._clock = deployment.clock()
        self._keyring = deployment.keyring()

    async def start(self) -> None:
        """Everything is listening when this returns."""
        db = Database(make_engine(self._settings.database_url))
        self._stack.callback(db.close)
        record = CoreRecord(db, self._deployment)
        await _started(self._stack, record.start, record.stop)
        bus = await self._bus()
        session = await self._stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_POOL)))
        ground = Ground(db, self._keyring, self._clock, bus, self._settings.sms)
        industries = compose_industries(self._deployment, ground)
        for one in industries.values():
            if one.close:
                self._stack.push_async_callback(one.close)
        actions = make_actions_app({name: one.actions for name, one in industries.items()}, self._settings.shared_secret)
        await self._listen(actions, self._deployment.ports.actions)

        by_account = {one.key: one.industry for one in self._settings.accounts}
        connectors = make_connectors(Means(self._settings, ground, session, self._redis()))
        for connector in connectors.made:
            await _started(self._stack, connector.start, connector.stop)
        conversations = await self._conversations(db, bus, connectors, by_account, DirectByAccount(industries, by_account))
        watch = ClockWatch(self._clock, conversations.counts)
        await _started(self._stack, watch.start, watch.stop)
        desk = await self._desk(db, bus, conversations)
        counts = (conversations.counts, *(one.counts for one in connectors.made))
        sources = Sources(
            db, self._clock, bus, conversations, desk, counts, tuple(by_account), self._deployment.restarts_file,
            lambda: [family for one in connectors.made for family in one.families()],
        )  # fmt: skip
        await self._listen(self._staff_app(db, bus, desk, Scrape(sources)), self._deployment.ports.staff)
        health = Health(db, conversations, record.takes_writes, self._deployment.bot_urls, session, lambda: _alarms(connectors.made))
        await self._listen(make_public_app(connectors.made, conversations.inbox, health.report), self._deployment.ports.public)

    async def _bus(self) -> Bus:
        if self._settings.redis_url is None:
            return LocalBus()
        bus = RedisBus(self._settings.redis_url)
        self._stack.push_async_callback(bus.close)
        return bus

    def _redis(self) -> Redis | None:
        if self._settings.redis_url is None:
            return None
        redis = open_redis(self._settings.redis_url)
        self._stack.push_async_callback(redis.aclose)
        return redis

    async def _conversations(
        self, db: Database, bus: Bus, connectors: Connectors, by_account: dict[str, str], direct: DirectByAccount
    ) -> Conversations:
        tuning = self._settings.tuning
        # a SQLite store has one core process: whoever starts finds only what a dead one left
        alone = db.engine.dialect.name == "sqlite"
        settings = ConversationSettings(lease_s=tuning.lease_s, sweep_s=tuning.sweep_s, alone=alone)
        where = self._deployment
        brain = HttpBrain(where.bot_urls, self._settings.shared_secret, settings.bot_timeout_s, where.actions_url)
        self._stack.push_async_callback(brain.close)
        shared = None if alone else SharedClock(self._clock, db)
        if shared is not None:
            await _started(self._stack, shared.start, shared.stop)
        conversations = Conversations(
            db, self._keyring, self._clock, bus, brain, connectors, by_account, direct, load_texts(), settings, shared,
            self._media(connectors),
        )  # fmt: skip
        await _started(self._stack, conversations.start, conversations.stop)
        return conversations

    def _media(self, connectors: Connectors) -> MediaParts:
        kept = self._settings.kept_media
        sources = {key: source for one in connectors.made for key, source in one.media().items()}
        return MediaParts(FolderFiles(kept.folder, self._keyring), sources, MediaTimes(keep_days=kept.days))

    async def _desk(self, db: Database, bus: Bus, conversations: Conversations) -> Desk:
        settings = DeskSettings(router_lease_s=self._settings.tuning.router_lease_s)
        desk = Desk(
            db, self._clock, bus, conversations.ownership, conversations.reading, conversations.typing, settings,
            conversations.media_shelf,
        )  # fmt: skip
        router = Router(db, self._clock, bus, conversations.ownership, conversations.reading, settings)
        await _started(self._stack, router.start, router.stop)
        return desk

    def _staff_app(self, db: Database, bus: Bus, desk: Desk, scrape: Scrape) -> Sanic[Any, Any]:
        return make_staff_app(db, self._keyring, self._clock, bus, desk, ROOT / "web" / "dist", metrics=scrape.page)

    async def _listen(self, app: Sanic[Any, Any], port: int) -> None:
        inner = port == self._deployment.ports.actions
        server = await listen(app, self._settings.inner_host if inner else self._settings.host, port)
        self._stack.push_async_callback(stop_listening, server)


def _alarms(connectors: Iterable[Connector]) -> dict[str, str]:
    return {account: code for one in connectors for account, code in one.alarms().items()}


async def _started(stack: AsyncExitStack, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
    await start()
    stack.push_async_callback(stop)
