"""Which agents are here, and how many conversations each holds.

A lease is judged by whoever leads the router: it remembers when, by its own monotonic clock, it last saw `beat` go up. So a wall
clock that is set, a machine that restarts or a second machine with another uptime change nothing.
"""

import contextlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from desk.events import PRESENCE_CHANGED, append_event
from desk.model import AgentState, AgentStatus, Viewer
from desk.tables import desk_agent

_T = desk_agent.c
_READ = select(desk_agent).where(_T.agent_id == bindparam("agent"))
_READ_LOCKED = _READ.with_for_update()
_READ_ALL = select(desk_agent).order_by(_T.agent_id)
_TAKE = (
    update(desk_agent)
    .where(_T.agent_id == bindparam("agent"), _T.slots_used < _T.slots_max)
    .values(slots_used=_T.slots_used + 1)
)
_TAKE_ONLINE = _TAKE.where(_T.status == AgentStatus.ONLINE.value)
_FREE = update(desk_agent).where(_T.agent_id == bindparam("agent"), _T.slots_used > 0).values(slots_used=_T.slots_used - 1)
_SET = update(desk_agent).where(_T.agent_id == bindparam("agent"))


def set_status(connection: Connection, viewer: Viewer, status: AgentStatus, at: datetime) -> AgentState:
    """Puts an agent at the desk with their present rights, skills and slots; coming online clears their misses."""
    values = {**_rights(viewer), "status": status.value, "last_seen": at}
    with contextlib.suppress(IntegrityError), connection.begin_nested():
        # the first time; an agent with two pages may come twice at the same moment
        if read_agent(connection, viewer.agent_id) is None:
            connection.execute(insert(desk_agent), {"agent_id": viewer.agent_id, **values, "status": AgentStatus.OFFLINE.value})
    before = connection.execute(_READ_LOCKED, {"agent": viewer.agent_id}).one().status
    if status is AgentStatus.ONLINE:
        values["misses"] = 0
    connection.execute(_SET.values(beat=_T.beat + 1, **values), {"agent": viewer.agent_id})
    if before != status.value:
        _tell(connection, viewer.accounts, at)
    found = read_agent(connection, viewer.agent_id)
    assert found is not None  # noqa: S101 written above, in this transaction
    return found


def heartbeat(connection: Connection, viewer: Viewer, at: datetime) -> None:
    """A sign of life, with the rights of now. One who is not at the desk stays away: only set_status brings back."""
    connection.execute(_SET.values(beat=_T.beat + 1, last_seen=at, **_rights(viewer)), {"agent": viewer.agent_id})


def stand_down(connection: Connection, agent_id: str, at: datetime) -> None:
    """Marks an agent offline; the router gives back what they hold."""
    change_status(connection, agent_id, AgentStatus.OFFLINE, at)


def change_status(connection: Connection, agent_id: str, status: AgentStatus, at: datetime) -> None:
    """Sets the status of an agent who is already known; nothing for one who is not."""
    found = read_agent(connection, agent_id)
    if found is None or found.status is status:
        return
    connection.execute(_SET.values(status=status.value), {"agent": agent_id})
    _tell(connection, found.accounts, at)


def count_miss(connection: Connection, agent_id: str, most: int, at: datetime) -> None:
    """An offer ran out: after `most` in a row the agent is set to break."""
    found = read_agent(connection, agent_id)
    if found is None:
        return
    misses = found.misses + 1
    connection.execute(_SET.values(misses=misses), {"agent": agent_id})
    if misses >= most and found.status is AgentStatus.ONLINE:
        change_status(connection, agent_id, AgentStatus.BREAK, at)


def clear_misses(connection: Connection, agent_id: str) -> None:
    """An accepted conversation makes up for offers that ran out."""
    connection.execute(_SET.values(misses=0), {"agent": agent_id})


def take_slot(connection: Connection, agent_id: str, *, only_online: bool) -> bool:
    """Takes one free slot; False when there is none (or, with only_online, when the agent takes no offers)."""
    return connection.execute(_TAKE_ONLINE if only_online else _TAKE, {"agent": agent_id}).rowcount == 1


def free_slot(connection: Connection, agent_id: str) -> None:
    """Gives one slot back."""
    connection.execute(_FREE, {"agent": agent_id})


def read_agent(connection: Connection, agent_id: str) -> AgentState | None:
    """An agent who has been at the desk, or None."""
    row = connection.execute(_READ, {"agent": agent_id}).first()
    return None if row is None else _state(row)


def read_agents(connection: Connection) -> list[AgentState]:
    """All agents who have ever been at the desk."""
    return [_state(row) for row in connection.execute(_READ_ALL)]


def _rights(viewer: Viewer) -> dict[str, Any]:
    return {"accounts": list(viewer.accounts), "skills": list(viewer.skills), "slots_max": viewer.slots_max}


def _tell(connection: Connection, accounts: tuple[str, ...], at: datetime) -> None:
    for account in accounts:
        append_event(connection, PRESENCE_CHANGED, account, at)


def _state(row: Any) -> AgentState:
    return AgentState(
        row.agent_id,
        tuple(row.accounts),
        tuple(row.skills),
        AgentStatus(row.status),
        row.beat,
        row.slots_used,
        row.slots_max,
        row.misses,
    )
