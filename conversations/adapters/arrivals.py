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
    Row,
    String,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from conversations.adapters import tables as t
from conversations.adapters.rowwise import CONVERSATION_NAMES, Cipher, arrival_params, conversation_of, new_conversation_params
from conversations.model import Address
from conversations.rows import Conversation, Inbound

CONVERSATION_COLUMNS = [t.conversation.c[name] for name in CONVERSATION_NAMES]

_INBOUND_COLUMNS = (
    "inbound_id conversation_id account openid dedup_key kind name body_enc received_at accepted_mono position status reply deliveries"
).split()
_ARRIVAL_COLUMNS = (
    "message_at message_used tap_at tap_used fill limited next_position deadline followed last_text_masked last_words_masked last_at "
    "last_said unread waiting_since scene"
).split()
_ID = "b_id"
_PLACE = (t.conversation.c.account, t.conversation.c.openid)


def _rows_of(name: str, kinds: dict[str, TypeEngine[Any]]) -> Any:
    """The rows that come as JSON in the parameter of that name, as a table."""
    columns = (column(key, Text() if isinstance(kind, String) else kind) for key, kind in kinds.items())
    values = func.json_to_recordset(cast(bindparam(name, type_=Text()), JSON))
    return values.table_valued(*columns).render_derived(f"new_{name}", with_types=True)


def _json(rows: Sequence[dict[str, Any]]) -> str:
    # bytes as PostgreSQL writes and reads them
    return orjson.dumps(rows, default=lambda value: f"\\x{value.hex()}").decode()


def _kinds(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in names}


_new_inbound = _rows_of("messages", _kinds(t.inbound, _INBOUND_COLUMNS))
_new_arrivals = _rows_of("changes", {_ID: Text(), **_kinds(t.conversation, _ARRIVAL_COLUMNS)})
# ordered: two processes that lock the same chats in two orders would wait for each other
_AT_ROWS = (
    select(*CONVERSATION_COLUMNS)
    .where(t.conversation.c.account == bindparam("b_account"), t.conversation.c.openid == any_(bindparam("b_openids", type_=ARRAY(Text()))))
    .order_by(t.conversation.c.conversation_id)
    .with_for_update()
)
_AT = select(*CONVERSATION_COLUMNS).where(*(one == bindparam(f"b_{one.name}") for one in _PLACE))
_added = (
    postgresql.insert(t.inbound)
    .from_select(_INBOUND_COLUMNS, select(*(_new_inbound.c[name] for name in _INBOUND_COLUMNS)))
    .on_conflict_do_nothing()
    .returning(t.inbound.c.inbound_id, t.inbound.c.conversation_id)
    .cte("added")
)
_changed = (
    update(t.conversation)
    .where(
        t.conversation.c.conversation_id == _new_arrivals.c[_ID],
        _added.c.conversation_id == _new_arrivals.c[_ID],
        # said twice, for the plan: how many rows come as JSON PostgreSQL cannot know, and reads a small table whole
        t.conversation.c.conversation_id == any_(bindparam("ids", type_=ARRAY(Text()))),
    )
    .values({name: _new_arrivals.c[name] for name in _ARRIVAL_COLUMNS})
    .cte("changed")
)
_ADD_ROWS = select(_added.c.inbound_id).add_cte(_changed)
_ADD_INBOUND = sqlite.insert(t.inbound).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_SAVE_ARRIVAL = (
    update(t.conversation)
    .where(t.conversation.c.conversation_id == bindparam(_ID))
    .values({name: bindparam(name) for name in _ARRIVAL_COLUMNS})
)
_ADD_CONVERSATIONS = {
    "postgresql": postgresql.insert(t.conversation).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(t.conversation).on_conflict_do_nothing(),
}


class Arrivals:
    """The calls of `conversations.records.Records` for several messages at once."""

    _connection: Connection
    _cipher: Cipher

    def conversations_at(self, addresses: Sequence[Address]) -> dict[Address, Conversation]:
        rows: list[Row[Any]] = []
        if self._takes_rows:
            for account in sorted({address.account for address in addresses}):
                openids = [address.openid for address in addresses if address.account == account]
                rows += self._connection.execute(_AT_ROWS, {"b_account": account, "b_openids": openids}).all()
        else:
            for address in addresses:
                rows += self._connection.execute(_AT, {"b_account": address.account, "b_openid": address.openid}).all()
        read = [conversation_of(row) for row in rows]
        return {row.address: row for row in read}

    def add_conversations(self, rows: Sequence[Conversation]) -> None:
        self._connection.execute(_ADD_CONVERSATIONS[self._connection.dialect.name], [new_conversation_params(row) for row in rows])

    def add_arrivals(self, rows: Sequence[tuple[Inbound, Conversation]]) -> set[str]:
        params = [(self._cipher.inbound_params(inbound), arrival_params(conversation)) for inbound, conversation in rows]
        if self._takes_rows:
            messages, changes = _json([one for one, _ in params]), _json([other for _, other in params])
            ids = [inbound.conversation_id for inbound, _ in rows]
            return set(self._connection.execute(_ADD_ROWS, {"messages": messages, "changes": changes, "ids": ids}).scalars())
        added: set[str] = set()
        for message, change in params:
            if self._connection.execute(_ADD_INBOUND, message).rowcount == 1:
                self._connection.execute(_SAVE_ARRIVAL, change)
                added.add(message["inbound_id"])
        return added

    @property
    def _takes_rows(self) -> bool:
        return self._connection.dialect.name == "postgresql"
