"""The numbered log of what pages must look at again.

Numbers are taken from one locked row, so that they become visible in order: a reader that has seen N never misses a smaller one,
also when several processes write. An event tells that something changed, never what it is now: the page asks.
"""

import contextlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from desk.model import DeskEvent
from desk.tables import desk_event, desk_log

QUEUE_CHANGED = "queue_changed"
CONVERSATION_CHANGED = "conversation_changed"
OFFER_MADE = "offer_made"
OFFER_ENDED = "offer_ended"
PRESENCE_CHANGED = "presence_changed"
RESYNC = "resync"

CHANNEL = "desk_event"

_LOG = "desk"
_NEXT = update(desk_log).where(desk_log.c.name == _LOG).values(seq=desk_log.c.seq + 1).returning(desk_log.c.seq)
_NEWEST = select(desk_log.c.seq).where(desk_log.c.name == _LOG)
_OLDEST = select(func.min(desk_event.c.seq))
_INSERT = insert(desk_event)
_AFTER = (
    select(desk_event)
    .where(
        desk_event.c.seq > bindparam("after"),
        desk_event.c.account.in_(bindparam("accounts", expanding=True)),
        or_(desk_event.c.agent_id.is_(None), desk_event.c.agent_id == bindparam("agent")),
    )
    .order_by(desk_event.c.seq)
    .limit(bindparam("most"))
)
_PRUNE = delete(desk_event).where(desk_event.c.seq <= bindparam("upto"))

_MOST = 500


def append_event(
    connection: Connection,
    kind: str,
    account: str,
    at: datetime,
    *,
    conversation_id: str | None = None,
    agent_id: str | None = None,
) -> int:
    """Writes one event in the caller's transaction and returns its number."""
    seq = connection.execute(_NEXT).scalar()
    if seq is None:
        # the very first one; another process may be writing it at this moment
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(desk_log), {"name": _LOG, "seq": 0})
        seq = connection.execute(_NEXT).scalar_one()
    connection.execute(
        _INSERT,
        {"seq": seq, "account": account, "kind": kind, "conversation_id": conversation_id, "agent_id": agent_id, "at": at},
    )
    return int(seq)


def newest_event(connection: Connection) -> int:
    """The number of the last event, 0 when there has been none."""
    return int(connection.execute(_NEWEST).scalar() or 0)


def read_events(connection: Connection, after: int, accounts: Iterable[str], agent_id: str) -> list[DeskEvent]:
    """What this viewer has not seen, oldest first; one `resync` with the newest number when the log does not reach back to `after`."""
    newest = newest_event(connection)
    oldest = connection.execute(_OLDEST).scalar()
    reaches = newest + 1 if oldest is None else int(oldest)
    if after > newest or after < reaches - 1:
        return [DeskEvent(newest, RESYNC, "")]
    rows = connection.execute(_AFTER, {"after": after, "accounts": list(accounts), "agent": agent_id, "most": _MOST})
    return [DeskEvent(row.seq, row.kind, row.account, row.conversation_id, row.agent_id) for row in rows]


def prune_events(connection: Connection, keep: int) -> None:
    """Forgets all but the newest `keep` events."""
    upto = newest_event(connection) - keep
    if upto > 0:
        connection.execute(_PRUNE, {"upto": upto})
