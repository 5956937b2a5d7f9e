"""Transactions over the rows in the database: group commit for writes, a reader thread for surveys."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Float,
    Integer,
    and_,
    bindparam,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    union,
)  # fmt: skip

from conversations.adapters import tables as t
from conversations.adapters.rowwise import Cipher
from conversations.adapters.sql_records import LITERAL_LIVE, LITERAL_PENDING, LITERAL_WAITING, SqlRecords
from conversations.model import Address
from conversations.records import Records, Survey
from conversations.rows import STOPPED
from runtime.database import Database
from runtime.keys import Keyring

T = TypeVar("T")

_MONO: BindParameter[float] = bindparam("b_mono", type_=Float())
_LIMIT: BindParameter[int] = bindparam("b_limit", type_=Integer())
_BUSY = and_(t.conversation.c.lease_until > _MONO, t.conversation.c.lease_until <= _MONO + bindparam("b_longest"))


def _out_of(span: BindParameter[float]) -> ColumnElement[bool]:
    # one that came after the sweep had read its clock lies ahead of it: only further ahead than `span` is it of before a restart
    return or_(t.inbound.c.accepted_mono <= _MONO - span, t.inbound.c.accepted_mono > _MONO + span)


_WORK = union(
    select(t.inbound.c.conversation_id).where(
        t.inbound.c.status == literal("new", literal_execute=True),
        _out_of(bindparam("b_behind", type_=Float())),
    ),
    select(t.outbound.c.conversation_id).where(
        t.outbound.c.status.in_(LITERAL_PENDING),
        t.outbound.c.status != "held",
    ),
).subquery()
_BEHIND = (
    select(t.conversation.c.conversation_id)
    .join(_WORK, _WORK.c.conversation_id == t.conversation.c.conversation_id)
    .where(not_(_BUSY))
    .limit(_LIMIT)
)
_STOPPED = (
    select(t.outbound.c.conversation_id, t.conversation.c.openid)
    .join(t.conversation, t.conversation.c.conversation_id == t.outbound.c.conversation_id)
    .where(
        t.outbound.c.status.in_(LITERAL_PENDING),
        t.outbound.c.status == "held",
        t.outbound.c.reason.startswith(STOPPED, autoescape=True),
        t.outbound.c.account == bindparam("b_account"),
    )
    .group_by(t.outbound.c.conversation_id, t.conversation.c.openid)
    .order_by(func.min(t.outbound.c.created_at), t.outbound.c.conversation_id)
    .limit(_LIMIT)
)
_OPEN_SINCE = (
    select(t.inbound.c.inbound_id)
    .where(
        t.inbound.c.reply == literal("open", literal_execute=True),
        _out_of(bindparam("b_hold", type_=Float())),
    )
    .limit(_LIMIT)
)
_OWNED = t.conversation.c.owner != literal("bot", literal_execute=True)
_OVERDUE = (
    select(t.conversation.c.conversation_id)
    .where(_OWNED, t.conversation.c.deadline <= bindparam("b_now", type_=t.conversation.c.deadline.type))
    .limit(_LIMIT)
)
_LIVE = t.handoff.c.status.in_(LITERAL_LIVE)
_other = t.handoff.alias("other")
_NEXT = (
    select(t.handoff.c.conversation_id)
    .where(
        t.handoff.c.status == LITERAL_WAITING,
        t.handoff.c.told_next == false(),
        ~select(_other.c.handoff_id)
        .where(
            _other.c.account == t.handoff.c.account,
            _other.c.status == LITERAL_WAITING,
            or_(
                _other.c.priority > t.handoff.c.priority,
                and_(_other.c.priority == t.handoff.c.priority, _other.c.requested_at < t.handoff.c.requested_at),
                and_(
                    _other.c.priority == t.handoff.c.priority,
                    _other.c.requested_at == t.handoff.c.requested_at,
                    _other.c.handoff_id < t.handoff.c.handoff_id,
                ),
            ),
        )
        .exists(),
    )
    .limit(_LIMIT)
)
_STRAIGHT = or_(
    and_(t.conversation.c.owner == "waiting", t.handoff.c.status == "waiting", t.conversation.c.deadline.is_not(None)),
    and_(
        t.conversation.c.owner == "agent",
        t.handoff.c.status == "assigned",
        t.conversation.c.deadline.is_not(None),
        t.conversation.c.agent_id.is_not(None),
        t.handoff.c.desk == "own",
    ),
    and_(
        t.conversation.c.owner == "native",
        t.handoff.c.status == "assigned",
        t.conversation.c.deadline.is_not(None),
        t.handoff.c.desk == "native",
    ),
)
_CROOKED = union(
    select(t.conversation.c.conversation_id)
    .outerjoin(t.handoff, and_(t.handoff.c.conversation_id == t.conversation.c.conversation_id, _LIVE))
    .where(_OWNED, or_(t.handoff.c.handoff_id.is_(None), not_(_STRAIGHT))),
    select(t.handoff.c.conversation_id).where(
        _LIVE,
        select(t.conversation.c.conversation_id)
        .where(t.conversation.c.conversation_id == t.handoff.c.conversation_id, t.conversation.c.owner == "bot")
        .exists(),
    ),
).limit(_LIMIT)


class SqlSurvey:
    """`conversations.records.Survey` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def left_behind(self, mono: float, longest_s: float, behind_s: float, limit: int) -> list[str]:
        return self._names(_BEHIND, b_mono=mono, b_longest=longest_s + 1, b_behind=behind_s, b_limit=limit)

    def stopped(self, account: str, limit: int) -> list[tuple[str, Address]]:
        rows = self._connection.execute(_STOPPED, {"b_account": account, "b_limit": limit})
        return [(str(row.conversation_id), Address(account, row.openid)) for row in rows]

    def open_since(self, mono: float, hold_s: float, limit: int) -> list[str]:
        return self._names(_OPEN_SINCE, b_mono=mono, b_hold=hold_s, b_limit=limit)

    def overdue(self, now: datetime, limit: int) -> list[str]:
        return self._names(_OVERDUE, b_now=now, b_limit=limit)

    def next_in_line(self, limit: int) -> list[str]:
        return self._names(_NEXT, b_limit=limit)

    def crooked(self, limit: int) -> list[str]:
        return self._names(_CROOKED, b_limit=limit)

    def _names(self, statement: Any, **params: Any) -> list[str]:
        return [str(name) for name in self._connection.execute(statement, params).scalars()]


class SqlStore:
    """`conversations.records.Store` over the process's database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._cipher = Cipher(keyring)

    async def write(self, work: Callable[[Records], T]) -> T:
        return await self._database.write(lambda connection: work(SqlRecords(connection, self._cipher)))

    async def survey(self, look: Callable[[Survey], T]) -> T:
        return await self._database.read(lambda connection: look(SqlSurvey(connection)))
