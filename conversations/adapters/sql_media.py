"""The files' rows in the database: claimed by lease, so that several core processes share the work and none does it twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Float, Integer, and_, bindparam, delete, literal, or_, select, update

from conversations.adapters.media_rows import media_of
from conversations.adapters.media_tables import media as m
from conversations.media import Media
from runtime.database import Database
from runtime.keys import Keyring

_LONGEST_PAUSE = timedelta(hours=2)
_IN_ONE_LOOK = 500

_now: Any = bindparam("b_now", type_=m.c.retry_at.type)
_far: Any = bindparam("b_far", type_=m.c.retry_at.type)
_mono: Any = bindparam("b_mono", type_=Float())
# literally: only then do both databases see that the partial index will do
_TO_DO = m.c.state.in_([literal(one, literal_execute=True) for one in ("wanted", "erasing")])
# a pause or a lease that is longer than any was set by a clock that has been put back since
_DUE = or_(m.c.retry_at.is_(None), m.c.retry_at <= _now, m.c.retry_at > _far)
_FREE = or_(m.c.lease_until <= _mono, m.c.lease_until > _mono + bindparam("b_lease", type_=Float()) + 1)
_CLAIMABLE = select(m).where(and_(_TO_DO, _DUE, _FREE)).limit(bindparam("b_limit", type_=Integer()))
_CLAIM = _CLAIMABLE.with_for_update(skip_locked=True)
_LEASE = (
    update(m)
    .where(m.c.media_id == bindparam("b_id"))
    .values(lease_until=bindparam("b_until", type_=Float()), lease_token=m.c.lease_token + 1)
)
_FINISH = (
    update(m)
    .where(m.c.media_id == bindparam("b_id"), m.c.lease_token == bindparam("b_token"), m.c.state == "wanted")
    .values(
        {name: bindparam(name) for name in ("state", "content_type", "size", "sha256", "attempts", "retry_at", "reason")}
        | {"lease_until": 0.0}
    )
)
_FORGET = delete(m).where(m.c.media_id == bindparam("b_id"), m.c.state == "erasing")
_OLD = (
    select(m.c.media_id)
    .where(m.c.created_at < bindparam("b_before", type_=m.c.created_at.type), m.c.state.in_(("fetched", "failed", "expired")))
    .limit(bindparam("b_limit", type_=Integer()))
)
_AGE = (
    update(m)
    .where(m.c.media_id.in_(_OLD))
    .values(state="erasing", reference_enc=bindparam("b_blank"), retry_at=None, lease_until=0.0)
)
_KNOWN = select(m.c.media_id).where(m.c.media_id.in_(bindparam("b_ids", expanding=True)))
_ONE = select(m).where(m.c.media_id == bindparam("b_id"))
_OF_CONVERSATION = (
    select(m.c.position, m.c.media_id, m.c.state, m.c.content_type, m.c.size)
    .where(m.c.conversation_id == bindparam("b_id"), m.c.position > bindparam("b_after"), m.c.state != "erasing")
    .order_by(m.c.position.desc())
    .limit(_IN_ONE_LOOK)
)


class SqlMedia:
    """`conversations.ports.MediaRows` over the process's database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def claim(self, now: datetime, mono: float, lease_s: float, limit: int) -> list[Media]:
        look = {"b_now": now, "b_far": now + _LONGEST_PAUSE, "b_mono": mono, "b_lease": lease_s, "b_limit": limit}

        def work(connection: Connection) -> list[Media]:
            rows = [media_of(row, self._keyring) for row in connection.execute(_CLAIM, look).all()]
            if rows:
                connection.execute(_LEASE, [{"b_id": row.media_id, "b_until": mono + lease_s} for row in rows])
            return [_leased(row, mono + lease_s) for row in rows]

        # a look first: the writer is not troubled when there is nothing to do
        if not await self._database.read(lambda connection: connection.execute(_CLAIMABLE, look).first()):
            return []
        return await self._database.write(work)

    async def finish(self, row: Media) -> bool:
        values = {
            "b_id": row.media_id, "b_token": row.lease_token, "state": str(row.state), "content_type": row.content_type,
            "size": row.size, "sha256": row.sha256, "attempts": row.attempts, "retry_at": row.retry_at, "reason": row.reason[:60],
        }  # fmt: skip
        return await self._database.write(lambda connection: connection.execute(_FINISH, values).rowcount == 1)

    async def forget(self, media_id: str) -> None:
        await self._database.write(lambda connection: connection.execute(_FORGET, {"b_id": media_id}))

    async def age(self, before: datetime, limit: int) -> int:
        values = {"b_before": before, "b_limit": limit, "b_blank": self._keyring.encrypt("")}
        return await self._database.write(lambda connection: int(connection.execute(_AGE, values).rowcount))

    async def unknown(self, names: Sequence[str]) -> list[str]:
        def work(connection: Connection) -> set[str]:
            parts = (list(names[start : start + _IN_ONE_LOOK]) for start in range(0, len(names), _IN_ONE_LOOK))
            return {str(name) for part in parts for name in connection.execute(_KNOWN, {"b_ids": part}).scalars()}

        known = await self._database.read(work)
        return [name for name in names if name not in known]


def read_media(connection: Connection, media_id: str, keyring: Keyring) -> Media | None:
    """One file's row."""
    row = connection.execute(_ONE, {"b_id": media_id}).first()
    return None if row is None else media_of(row, keyring)


def media_of_conversation(connection: Connection, conversation_id: str, after: int) -> dict[int, Any]:
    """The rows of the last files after a position, by position."""
    return {row.position: row for row in connection.execute(_OF_CONVERSATION, {"b_id": conversation_id, "b_after": after})}


def _leased(row: Media, until: float) -> Media:
    return replace(row, lease_until=until, lease_token=row.lease_token + 1)
