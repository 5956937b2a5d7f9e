"""Storing many messages at once: each step is one statement for all of them. A part of SqlRecords.

PostgreSQL gets the rows as one JSON parameter: an INSERT of 32 messages costs 30 us of our time a message, against 75 with an array for
each column, 120 as a list of parameter sets and 270 one by one (measured). SQLite has no round trips: there the statement runs over a list.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from conversations.adapters import tables as t
from conversations.adapters.rowwise import Cipher, arrival_params, conversation_of, new_conversation_params
from conversations.model import Address
from conversations.rows import Conversation, Inbound

CONVERSATION_COLUMNS = [column for column in t.conversation.c if column.name not in ("state_enc", "state_version")]

_INBOUND_COLUMNS = (
    "inbound_id conversation_id account openid dedup_key kind name body_enc received_at accepted_mono position status reply deliveries"
).split()
_ARRIVAL_COLUMNS = (
    "message_at message_used tap_at tap_used fill limited next_position deadline followed last_text_masked last_words_masked last_at "
    "last_said unread waiting_since scene"
).split()
_ID = "b_id"
_ADDRESS = ("account", "openid")
_PLACE = (t.conversation.c.account, t.conversation.c.openid)


def _rows_of(kinds: dict[str, TypeEngine[Any]]) -> Any:
    """The rows that come as JSON in the parameter `rows`, as a table."""
    columns = (column(name, Text() if isinstance(kind, String) else kind) for name, kind in kinds.items())
    return func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON)).table_valued(*columns).render_derived("new", with_types=True)


def _json(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    # bytes as PostgreSQL writes and reads them
    return {"rows": orjson.dumps(rows, default=lambda value: f"\\x{value.hex()}").decode()}


def _kinds(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in names}


_new_addresses = _rows_of(_kinds(t.conversation, _ADDRESS))
_new_inbound = _rows_of(_kinds(t.inbound, _INBOUND_COLUMNS))
_new_arrivals = _rows_of({_ID: Text(), **_kinds(t.conversation, _ARRIVAL_COLUMNS)})
# ordered: two processes that lock the same chats in two orders would wait for each other
_AT_ROWS = (
    select(*CONVERSATION_COLUMNS)
    .where(tuple_(*_PLACE).in_(select(_new_addresses.c.account, _new_addresses.c.openid)))
    .order_by(t.conversation.c.conversation_id)
    .with_for_update(of=t.conversation)
)
_AT = select(*CONVERSATION_COLUMNS).where(*(one == bindparam(f"b_{one.name}") for one in _PLACE))
_ADD_INBOUND_ROWS = (
    postgresql.insert(t.inbound)
    .from_select(_INBOUND_COLUMNS, select(*(_new_inbound.c[name] for name in _INBOUND_COLUMNS)))
    .on_conflict_do_nothing()
    .returning(t.inbound.c.inbound_id)
)
_ADD_INBOUND = sqlite.insert(t.inbound).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_ADD_CONVERSATIONS = {
    "postgresql": postgresql.insert(t.conversation).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(t.conversation).on_conflict_do_nothing(),
}
_SAVE_ARRIVALS_ROWS = (
    update(t.conversation)
    .where(t.conversation.c.conversation_id == _new_arrivals.c[_ID])
    .values({name: _new_arrivals.c[name] for name in _ARRIVAL_COLUMNS})
)
_SAVE_ARRIVALS = (
    update(t.conversation)
    .where(t.conversation.c.conversation_id == bindparam(_ID))
    .values({name: bindparam(name) for name in _ARRIVAL_COLUMNS})
)


class Arrivals:
    """The calls of `conversations.records.Records` for several messages at once."""

    _connection: Connection
    _cipher: Cipher

    def conversations_at(self, addresses: Sequence[Address]) -> dict[Address, Conversation]:
        if self._takes_rows:
            places = [{"account": one.account, "openid": one.openid} for one in addresses]
            rows = self._connection.execute(_AT_ROWS, _json(places)).all()
        else:
            found = (self._connection.execute(_AT, {"b_account": one.account, "b_openid": one.openid}).first() for one in addresses)
            rows = [row for row in found if row is not None]
        read = [conversation_of(row) for row in rows]
        return {row.address: row for row in read}

    def add_conversations(self, rows: Sequence[Conversation]) -> None:
        self._connection.execute(_ADD_CONVERSATIONS[self._connection.dialect.name], [new_conversation_params(row) for row in rows])

    def save_arrivals(self, rows: Sequence[Conversation]) -> None:
        changes = [arrival_params(row) for row in rows]
        if self._takes_rows:
            self._connection.execute(_SAVE_ARRIVALS_ROWS, _json(changes))
        else:
            self._connection.execute(_SAVE_ARRIVALS, changes)

    def add_inbound(self, rows: Sequence[Inbound]) -> set[str]:
        params = [self._cipher.inbound_params(row) for row in rows]
        if self._takes_rows:
            return set(self._connection.execute(_ADD_INBOUND_ROWS, _json(params)).scalars())
        return {str(one["inbound_id"]) for one in params if self._connection.execute(_ADD_INBOUND, one).rowcount == 1}

    @property
    def _takes_rows(self) -> bool:
        return self._connection.dialect.name == "postgresql"
