"""Visitors, their lines and pictures in the database. A line is written once, whoever writes it how often; numbers have no gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connectors.webchat.errors import SessionEnded
from connectors.webchat.lines import Line, Numbered, read_line
from connectors.webchat.tables import web_line, web_picture, web_visitor
from conversations.model import Address
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring

_WHO = (web_visitor.c.account == bindparam("b_account"), web_visitor.c.openid == bindparam("b_openid"))
_WHOSE = (web_line.c.account == bindparam("b_account"), web_line.c.openid == bindparam("b_openid"))
_VISITOR = select(web_visitor.c.last_seq, web_visitor.c.ended_at).where(*_WHO)
_LOCKED = _VISITOR.with_for_update()
_COUNT = update(web_visitor).where(*_WHO).values(last_seq=bindparam("b_seq"))
_END = update(web_visitor).where(*_WHO).values(ended_at=bindparam("b_now", type_=web_visitor.c.ended_at.type))
_KNOWN = select(web_line.c.seq).where(*_WHOSE, web_line.c.source == bindparam("b_source"))
_ERASE = delete(web_line).where(*_WHOSE)
_DRAWN = (web_picture.c.account == bindparam("b_account"), web_picture.c.openid == bindparam("b_openid"))
_ERASE_PICTURES = delete(web_picture).where(*_DRAWN)
_PICTURE = (
    select(web_picture.c.content_type, web_picture.c.content_enc)
    .join(web_line, web_line.c.source == web_picture.c.source)
    .where(*_DRAWN, *_WHOSE, web_line.c.seq == bindparam("b_seq"))
)
_LINES = select(web_line).where(*_WHOSE).limit(bindparam("b_limit"))
_AFTER = _LINES.where(web_line.c.seq > bindparam("b_seq")).order_by(web_line.c.seq)
_BEFORE = _LINES.where(web_line.c.seq < bindparam("b_seq")).order_by(web_line.c.seq.desc())
_NEWEST = _LINES.order_by(web_line.c.seq.desc())
_ADD_VISITOR = {name: kind.insert(web_visitor).on_conflict_do_nothing() for name, kind in (("sqlite", sqlite), ("postgresql", postgresql))}


@dataclass(frozen=True)
class Added:
    """Where a line stands. `repeated`: it stood there before."""

    seq: int
    repeated: bool


class WebStore:
    """Every method raises StorageFault when the database does not do it; `SessionEnded` is for visitors who asked to be forgotten."""

    def __init__(self, db: Database, keyring: Keyring, clock: Clock) -> None:
        self._db = db
        self._keyring = keyring
        self._clock = clock

    async def add(self, to: Address, line: Line, picture: bytes | None = None) -> Added:
        """Puts it at the end, with the picture that it shows. Raises SessionEnded."""
        drawn = None if picture is None else self._keyring.seal(picture)
        body, now = self._keyring.encrypt(line.as_json()), self._clock.now()

        def work(connection: Connection) -> Added:
            last_seq = self._lock(connection, to)
            if last_seq is None:
                raise SessionEnded
            known = connection.execute(_KNOWN, _where(to) | {"b_source": line.source}).scalar()
            if known is not None:
                return Added(known, True)
            seq = last_seq + 1
            connection.execute(_COUNT, _where(to) | {"b_seq": seq})
            row = {"account": to.account, "openid": to.openid, "seq": seq, "source": line.source, "body_enc": body, "at": now}
            connection.execute(web_line.insert(), row)
            if drawn is not None:
                shown = {"source": line.source, "content_type": line.picture, "content_enc": drawn}
                connection.execute(web_picture.insert(), {"account": to.account, "openid": to.openid, **shown})
            return Added(seq, False)

        return await self._db.write(work)

    async def end(self, of: Address) -> None:
        """Erases the lines; the visitor's token is good for nothing from now on. Twice is once."""
        now = self._clock.now()

        def work(connection: Connection) -> None:
            if self._lock(connection, of) is not None:
                connection.execute(_END, _where(of) | {"b_now": now})
            connection.execute(_ERASE, _where(of))
            connection.execute(_ERASE_PICTURES, _where(of))

        await self._db.write(work)

    async def check(self, of: Address) -> None:
        """Raises SessionEnded."""
        await self._db.read(lambda connection: _check(connection, of))

    async def after(self, of: Address, seq: int, limit: int) -> tuple[Numbered, ...]:
        """The first lines after that number. Raises SessionEnded."""
        return await self._read(of, _AFTER, limit, seq)

    async def before(self, of: Address, seq: int, limit: int) -> tuple[Numbered, ...]:
        """The last lines before that number, oldest first. Raises SessionEnded."""
        return (await self._read(of, _BEFORE, limit, seq))[::-1]

    async def newest(self, of: Address, limit: int) -> tuple[Numbered, ...]:
        """The last lines, oldest first. Raises SessionEnded."""
        return (await self._read(of, _NEWEST, limit))[::-1]

    async def picture(self, of: Address, seq: int) -> tuple[str, bytes] | None:
        """Type and content of the picture in that line of theirs; None where there is none. Raises SessionEnded."""

        def work(connection: Connection) -> Any:
            _check(connection, of)
            return connection.execute(_PICTURE, _where(of) | {"b_seq": seq}).first()

        found = await self._db.read(work)
        return None if found is None else (found.content_type, self._keyring.unseal(found.content_enc))

    async def _read(self, of: Address, statement: Any, limit: int, seq: int | None = None) -> tuple[Numbered, ...]:
        params = _where(of) | {"b_limit": limit} | ({} if seq is None else {"b_seq": seq})

        def work(connection: Connection) -> Iterable[Row[Any]]:
            _check(connection, of)
            return connection.execute(statement, params).all()

        return tuple(self._numbered(row) for row in await self._db.read(work))

    def _numbered(self, row: Row[Any]) -> Numbered:
        return Numbered(row.seq, row.at, read_line(row.source, self._keyring.decrypt(row.body_enc)))

    def _lock(self, connection: Connection, of: Address) -> int | None:
        """The last number under a lock, the visitor made if need be; None for one who has ended."""
        found = connection.execute(_LOCKED, _where(of)).first()
        if found is None:
            row = {"account": of.account, "openid": of.openid, "last_seq": 0, "created_at": self._clock.now()}
            connection.execute(_ADD_VISITOR[connection.dialect.name], row)
            found = connection.execute(_LOCKED, _where(of)).one()
        return None if found.ended_at is not None else found.last_seq


def _where(of: Address) -> dict[str, Any]:
    return {"b_account": of.account, "b_openid": of.openid}


def _check(connection: Connection, of: Address) -> None:
    found = connection.execute(_VISITOR, _where(of)).first()
    if found is not None and found.ended_at is not None:
        raise SessionEnded
