"""Identity's store in the database."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, bindparam, delete, func, insert, select, update

from business.identity import tables
from business.identity.records import AuditRow, Binding, Challenge, CodeTry, SendState, Verdict
from business.identity.store import Unit
from runtime.database import Database

T = TypeVar("T")


def _of(table: Table, *names: str) -> Select[Any]:
    """Rows of a table whose columns equal the parameters of the same name."""
    return select(table).where(*(table.c[name] == bindparam(f"the_{name}") for name in names))


_BINDINGS = (
    _of(tables.binding, "account", "openid")
    .where(tables.binding.c.unbound_at.is_(None))
    .order_by(tables.binding.c.bound_at, tables.binding.c.binding_id)
)
_BINDINGS_LOCKED = _BINDINGS.with_for_update()
_HAS_BINDING = _of(tables.binding, "binding_id")
_OTHERS = (
    select(func.count())
    .select_from(tables.binding)
    .where(
        tables.binding.c.account == bindparam("the_account"),
        tables.binding.c.line_id == bindparam("the_line_id"),
        tables.binding.c.openid != bindparam("the_openid"),
        tables.binding.c.unbound_at.is_(None),
    )
)
_CODE_BY_KEY = _of(tables.code, "account", "openid", "request_key").with_for_update()
_CODE_BY_ID = _of(tables.code, "challenge_id")
_NEWEST_CODE = (
    _of(tables.code, "account", "openid", "number_hmac")
    .where(tables.code.c.state.in_([SendState.STORED.value, SendState.SENT.value]))
    .order_by(tables.code.c.created_at.desc(), tables.code.c.challenge_id.desc())
    .limit(1)
    .with_for_update()
)
_CODES_BY = _of(tables.code, "account", "openid").where(tables.code.c.created_at >= bindparam("since"))
_CODES_TO = _of(tables.code, "account", "number_hmac").where(tables.code.c.created_at >= bindparam("since"))
_TRY = _of(tables.code_try, "account", "openid", "request_key")
_CONSENT = _of(tables.consent, "account", "openid")
_ADD_AUDIT = insert(tables.audit)
_DONE = _of(tables.audit, "account", "openid", "action", "turn_id").limit(1)


class SqlUnit:
    """One unit of work over a connection. `writes` says whether rows are locked."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes

    def bindings(self, account: str, openid: str) -> tuple[Binding, ...]:
        statement = _BINDINGS_LOCKED if self._writes else _BINDINGS
        return tuple(Binding(**row._mapping) for row in self._rows(statement, account=account, openid=openid))

    def other_holders(self, account: str, openid: str, line_id: str) -> int:
        return int(
            self._connection.execute(_OTHERS, {"the_account": account, "the_openid": openid, "the_line_id": line_id}).scalar_one()
        )

    def put_binding(self, binding: Binding) -> None:
        self._put(tables.binding, _HAS_BINDING, "binding_id", asdict(binding))

    def challenge_by_key(self, account: str, openid: str, request_key: str) -> Challenge | None:
        return _first(_challenges(self._rows(_CODE_BY_KEY, account=account, openid=openid, request_key=request_key)))

    def newest_challenge(self, account: str, openid: str, number_hmac: str) -> Challenge | None:
        return _first(_challenges(self._rows(_NEWEST_CODE, account=account, openid=openid, number_hmac=number_hmac)))

    def challenges_by(self, account: str, openid: str, since: datetime) -> tuple[Challenge, ...]:
        return _challenges(self._rows(_CODES_BY, {"since": since}, account=account, openid=openid))

    def challenges_to(self, account: str, number_hmac: str, since: datetime) -> tuple[Challenge, ...]:
        return _challenges(self._rows(_CODES_TO, {"since": since}, account=account, number_hmac=number_hmac))

    def put_challenge(self, challenge: Challenge) -> None:
        self._put(tables.code, _CODE_BY_ID, "challenge_id", asdict(challenge) | {"state": challenge.state.value})

    def try_by_key(self, account: str, openid: str, request_key: str) -> CodeTry | None:
        rows = self._rows(_TRY, account=account, openid=openid, request_key=request_key)
        return CodeTry(**dict(rows[0]._mapping) | {"verdict": Verdict(rows[0].verdict)}) if rows else None

    def add_try(self, code_try: CodeTry) -> None:
        self._connection.execute(insert(tables.code_try), asdict(code_try) | {"verdict": code_try.verdict.value})

    def consented_at(self, account: str, openid: str) -> datetime | None:
        rows = self._rows(_CONSENT, account=account, openid=openid)
        return rows[0].at if rows else None

    def add_consent(self, account: str, openid: str, at: datetime) -> None:
        if self.consented_at(account, openid) is None:
            self._connection.execute(insert(tables.consent), {"account": account, "openid": openid, "at": at})

    def add_audit(self, row: AuditRow) -> None:
        self._connection.execute(_ADD_AUDIT, asdict(row))

    def was_done(self, account: str, openid: str, action: str, key: str) -> bool:
        return bool(self._rows(_DONE, account=account, openid=openid, action=action, turn_id=key))

    def forget(self, account: str, openid: str, pseudonym: str) -> None:
        for table in (tables.binding, tables.code, tables.code_try, tables.consent):
            self._connection.execute(delete(table).where(table.c.account == account, table.c.openid == openid))
        mine = (tables.audit.c.account == account, tables.audit.c.openid == openid)
        self._connection.execute(update(tables.audit).where(*mine).values(openid=pseudonym))

    def _rows(self, statement: Select[Any], extra: dict[str, Any] | None = None, **equal: str) -> list[Row[Any]]:
        values = {f"the_{name}": value for name, value in equal.items()} | (extra or {})
        return list(self._connection.execute(statement, values))

    def _put(self, table: Table, by_id: Select[Any], id_name: str, values: dict[str, Any]) -> None:
        if self._rows(by_id, **{id_name: values[id_name]}):
            self._connection.execute(update(table).where(table.c[id_name] == values[id_name]).values(**values))
        else:
            self._connection.execute(insert(table), values)


class SqlStore:
    """Units of work through the one writer and the readers of the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self._db.write(lambda connection: work(SqlUnit(connection, writes=True)))

    async def read(self, work: Callable[[Unit], T]) -> T:
        return await self._db.read(lambda connection: work(SqlUnit(connection, writes=False)))


def _challenges(rows: list[Row[Any]]) -> tuple[Challenge, ...]:
    return tuple(Challenge(**dict(row._mapping) | {"state": SendState(row.state)}) for row in rows)


def _first(challenges: tuple[Challenge, ...]) -> Challenge | None:
    return challenges[0] if challenges else None
