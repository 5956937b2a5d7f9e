"""Whether this core is ready, said to whoever asks /healthz: cheap, remembered for a second, and it tells nothing else."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import aiohttp
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from runtime.database import Database
from runtime.errors import Fault

_WITHIN_S = 1.0
_REMEMBERED_S = 1.0
_BOT_WITHIN_S = 0.8


class Lanes(Protocol):
    """What health asks of conversations."""

    @property
    def running(self) -> bool:
        """Whether lanes, listener and sweep are alive."""

    @property
    def bot_refused(self) -> bool:
        """Whether the circuit breaker is open."""


class Health:
    """Ready: the database answers within a second and takes writes, and the lanes run.

    A bot that is away does not make the core unready: messages are stored, short codes answered, the rest queues; the body says so.
    Nor does a channel that sends nothing (`alarms`: account → why): passive replies still go, the rest is held.
    """

    def __init__(
        self, db: Database, lanes: Lanes, writes: Callable[[], bool], bots: Sequence[str], session: aiohttp.ClientSession,
        alarms: Callable[[], Mapping[str, str]] = dict,
    ) -> None:  # fmt: skip
        self._db = db
        self._lanes = lanes
        self._writes = writes
        self._bots = tuple(bots)
        self._session = session
        self._alarms = alarms
        self._asking: asyncio.Task[dict[str, object]] | None = None
        self._asked_at = -_REMEMBERED_S

    async def report(self) -> dict[str, object]:
        """`{"ready", "database": ok|slow|away|refuses_writes, "lanes": running|stopped, "bot": ok|away|resting,
        "channels": ok|stopped}`."""
        if self._asking is None or (self._asking.done() and time.monotonic() - self._asked_at >= _REMEMBERED_S):
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._look())
        # one look answers all who ask meanwhile; one of them that goes away does not end it
        return await asyncio.shield(self._asking)

    async def _look(self) -> dict[str, object]:
        database, bot = await asyncio.gather(self._database(), self._bot())
        lanes = "running" if self._lanes.running else "stopped"
        channels = "stopped" if self._alarms() else "ok"
        ready = database == "ok" and lanes == "running"
        return {"ready": ready, "database": database, "lanes": lanes, "bot": bot, "channels": channels}

    async def _database(self) -> str:
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._db.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        except TimeoutError:
            return "slow"
        except (SQLAlchemyError, Fault, RuntimeError, OSError):
            return "away"
        return "ok" if self._writes() else "refuses_writes"

    async def _bot(self) -> str:
        found = await asyncio.gather(*(self._asks(url) for url in self._bots))
        if not any(found):
            return "away"
        return "resting" if self._lanes.bot_refused else "ok"

    async def _asks(self, url: str) -> bool:
        try:
            async with self._session.get(f"{url}/status", timeout=aiohttp.ClientTimeout(total=_BOT_WITHIN_S)) as response:
                body = await response.json(content_type=None)
                return response.status == 200 and isinstance(body, dict) and body.get("ready") is True
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
