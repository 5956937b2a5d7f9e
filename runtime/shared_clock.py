"""A clock for leases that several machines read alike: the database's, carried on between looks by the machine's monotonic one.

Monotonic clocks of two machines have nothing in common, and drift apart. All processes follow the database's clock at the next look;
if that one is set, leases end early or are taken for those of an earlier start, which the lanes' tokens make harmless.
"""

import asyncio
import contextlib
from datetime import datetime

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import Fault

_LOOK = text("SELECT extract(epoch FROM clock_timestamp())::float8")
_EVERY_S = 10.0
_SLOWEST_LOOK_S = 0.5
_LOOKS = 5


class SharedClock:
    """`now` is the inner clock's; `monotonic` is the same on all machines of a PostgreSQL, to a few milliseconds."""

    def __init__(self, inner: Clock, db: Database, every_s: float = _EVERY_S) -> None:
        self._inner = inner
        self._db = db
        self._every_s = every_s
        self._offset = 0.0
        self._looking: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return self._inner.now()

    def monotonic(self) -> float:
        return self._inner.monotonic() + self._offset

    async def start(self) -> None:
        """Looks once before it returns, and then again and again. Raises what the database raises."""
        for _ in range(_LOOKS):
            if await self.look():
                break
        self._looking = asyncio.create_task(self._look_on())

    async def stop(self) -> None:
        """Looks no more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def look(self) -> bool:
        """Once. False when the answer took so long that it says little: the old difference stays."""
        before = self._inner.monotonic()
        seconds = await self._db.read(_ask)
        after = self._inner.monotonic()
        exact = after - before <= _SLOWEST_LOOK_S
        if exact or not self._offset:
            self._offset = seconds - (before + after) / 2
        return exact

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.look()
            except (DBAPIError, Fault):
                # the difference as it was last seen goes on
                structlog.get_logger(__name__).warning("shared_clock_not_seen")


def _ask(connection: Connection) -> float:
    return float(connection.execute(_LOOK).scalar_one())
