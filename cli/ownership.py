"""Whose database it is: the keys it was written with, and the cores that serve it now."""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, bindparam, delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from cli.deployment import Deployment
from runtime.database import Database
from runtime.errors import Fault, SettingsError
from runtime.ids import new_id
from runtime.tables import core_process, deployment
from runtime.version import VERSION

_log = structlog.get_logger(__name__)
_THIS = "this"
_BEAT_S = 4.0
_GONE_S = 60.0

_READ = select(deployment.c.fingerprint).where(deployment.c.name == _THIS)
_BEATS = select(core_process.c.core_id, core_process.c.beat, core_process.c.host, core_process.c.data_dir, core_process.c.accounts)
_BEAT = update(core_process).where(core_process.c.core_id == bindparam("wanted")).values(beat=core_process.c.beat + 1)
_LEAVE = delete(core_process).where(core_process.c.core_id == bindparam("wanted"))


def claim_database(engine: Engine, owner: Deployment) -> None:
    """The first deployment to open a database puts its keys' fingerprint there; one with other keys is refused.

    Raises SettingsError, before anything is written, and before keys are made for a database that has lost its own.
    """
    with engine.connect() as connection:
        kept = read_fingerprint(connection)
    if kept is None:
        mine = owner.keyring().fingerprint
        row = {"name": _THIS, "fingerprint": mine, "made_at": owner.clock().now()}
        try:
            with engine.execution_options(weiting_writes=True).begin() as connection:
                connection.execute(insert(deployment).values(row))
            return
        except IntegrityError:
            # another process was first
            with engine.connect() as connection:
                kept = read_fingerprint(connection)
    if not owner.keys_file.exists():
        raise SettingsError(str(owner.keys_file), "is missing, and the database was written with it; put it back from a backup")
    if owner.keyring().fingerprint != kept:
        raise SettingsError(
            str(owner.keys_file),
            "holds other keys than the database was written with; put the right ones back, or name another database_url "
            "if this is another deployment's",
        )


def read_fingerprint(connection: Connection) -> str | None:
    """Of the keys the database was written with; None when nobody has claimed it."""
    found: str | None = connection.execute(_READ).scalar()
    return found


def living_cores(engine: Engine, watch_s: float = 2.5 * _BEAT_S) -> list[str]:
    """The machines and folders of cores that serve the database now: those whose beat moves while one watches."""
    before = _beats(engine)
    if not before:
        return []
    time.sleep(watch_s)
    after = _beats(engine)
    return sorted(place for core_id, (beat, place) in after.items() if before.get(core_id, (None, ""))[0] != beat)


def _beats(engine: Engine) -> dict[str, tuple[int, str]]:
    with engine.connect() as connection:
        if not inspect(connection).has_table(core_process.name):
            return {}
        return {row.core_id: (row.beat, f"{row.host}:{row.data_dir}") for row in connection.execute(_BEATS)}


class CoreRecord:
    """This process among those that serve the database. Rows of processes that died are cleared by the others."""

    def __init__(self, db: Database, owner: Deployment, beat_s: float = _BEAT_S, gone_s: float = _GONE_S) -> None:
        self._db = db
        self._core_id = new_id("p")
        self._beat_s = beat_s
        self._gone_s = gone_s
        self._row = {
            "core_id": self._core_id,
            "host": socket.gethostname()[:255],
            "data_dir": str(owner.data)[:1024],
            "pid": os.getpid(),
            "version": VERSION,
            "accounts": sorted(one.key for one in owner.settings.accounts),
            "started_at": owner.clock().now(),
            "beat": 0,
        }
        self._seen: dict[str, tuple[int, float]] = {}
        self._beating: asyncio.Task[None] | None = None
        self._wrote_at = time.monotonic()

    async def start(self) -> None:
        """Writes the row, and beats from then on."""
        others = await self._db.write(self._enter)
        for other in others:
            if sorted(other.accounts) != self._row["accounts"]:
                _log.warning("other_core_serves_other_accounts", host=other.host, data_dir=other.data_dir)
        self._beating = asyncio.create_task(self._beat_on())

    async def stop(self) -> None:
        """Takes the row out."""
        if self._beating is not None:
            self._beating.cancel()
        try:
            await self._db.write(lambda connection: connection.execute(_LEAVE, {"wanted": self._core_id}))
        except (Fault, DBAPIError):
            _log.warning("core_record_left_behind")

    async def beat(self) -> None:
        """Once: its own row moves, and rows that have not moved for a minute go."""
        await self._db.write(self._beat)
        self._wrote_at = time.monotonic()

    def takes_writes(self) -> bool:
        """Whether the database has taken one of the last beats: a full disk still reads."""
        return time.monotonic() - self._wrote_at < 3 * self._beat_s

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                await self.beat()
            except (Fault, DBAPIError):
                _log.warning("core_beat_failed")

    def _enter(self, connection: Connection) -> Sequence[Any]:
        others = connection.execute(_BEATS).all()
        connection.execute(insert(core_process).values(self._row))
        return others

    def _beat(self, connection: Connection) -> None:
        if not connection.execute(_BEAT, {"wanted": self._core_id}).rowcount:
            connection.execute(insert(core_process).values(self._row))
        now = time.monotonic()
        beats = {row.core_id: row.beat for row in connection.execute(_BEATS) if row.core_id != self._core_id}
        self._seen = {
            core_id: self._seen[core_id] if core_id in self._seen and self._seen[core_id][0] == beat else (beat, now)
            for core_id, beat in beats.items()
        }
        for core_id, (_, since) in self._seen.items():
            if now - since > self._gone_s:
                connection.execute(_LEAVE, {"wanted": core_id})
