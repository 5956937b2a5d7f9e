"""Who leads the router: one row, a fencing token that only grows, and a beat.

A follower takes over when, by its own monotonic clock, the row has not changed for the length of the lease. No two machines need
the same clock, and a leader that wakes up late finds another token and changes nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from desk.errors import LeaseLost
from desk.tables import desk_router_lease

_NAME = "router"
_T = desk_router_lease.c
_READ = select(_T.holder, _T.token, _T.beat).where(_T.name == _NAME)
# shared lock: of a take-over and a step under the old token, one waits for the other
_TOKEN = select(_T.token).where(_T.name == _NAME).with_for_update(read=True)
_RENEW = (
    update(desk_router_lease).where(_T.name == _NAME, _T.token == bindparam("mine")).values(beat=_T.beat + 1)
)
_TAKE = (
    update(desk_router_lease)
    .where(_T.name == _NAME, _T.token == bindparam("seen_token"), _T.beat == bindparam("seen_beat"))
    .values(holder=bindparam("who"), token=_T.token + 1, beat=0)
)
_LEAVE = update(desk_router_lease).where(_T.name == _NAME, _T.token == bindparam("mine")).values(holder="", beat=_T.beat + 1)


@dataclass(frozen=True)
class LeaseRow:
    """The lease as it stands; holder "" means that whoever led has left it."""

    holder: str
    token: int
    beat: int


def read_lease(connection: Connection) -> LeaseRow | None:
    """None before anyone has led."""
    row = connection.execute(_READ).first()
    return None if row is None else LeaseRow(row.holder, row.token, row.beat)


def take_lease(connection: Connection, who: str, seen: LeaseRow | None) -> int | None:
    """Leads from now on, if the row still is as seen; answers the new token, or None when another was faster."""
    if seen is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(desk_router_lease), {"name": _NAME, "holder": who, "token": 1, "beat": 0})
        except IntegrityError:
            return None
        return 1
    taken = connection.execute(_TAKE, {"who": who, "seen_token": seen.token, "seen_beat": seen.beat})
    return seen.token + 1 if taken.rowcount == 1 else None


def renew_lease(connection: Connection, token: int) -> bool:
    """Shows that the leader lives; False when another leads."""
    return connection.execute(_RENEW, {"mine": token}).rowcount == 1


def leave_lease(connection: Connection, token: int) -> None:
    """Lets the next one lead at once."""
    connection.execute(_LEAVE, {"mine": token})


def check_leads(connection: Connection, token: int) -> None:
    """Raises LeaseLost when another router has taken over."""
    if connection.execute(_TOKEN).scalar() != token:
        raise LeaseLost
