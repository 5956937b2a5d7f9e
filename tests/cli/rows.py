"""Rows for any table: values nobody planned, each row different from the others, parents before children."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON as JSON_TYPE
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, Float, Integer, LargeBinary, Table, insert, select
from sqlalchemy.engine import Connection, Engine

from cli.tables import METADATA
from runtime.database import Instant

AWKWARD = ("张小林 👩‍💻", "a\tb\r\nc", '"quoted" \\ back', "\u2028\u200b", "x" * 3000, "", "NULL", "{\"a\": 1}")
_SKIPPED = frozenset({"deployment", "core_process"})


def fill_tables(engine: Engine, count: int = 7) -> None:
    """`count` rows in every table."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        for table in METADATA.sorted_tables:
            if table.name not in _SKIPPED:
                connection.execute(insert(table), [make_row(table, number) for number in range(count)])


def make_row(table: Table, number: int) -> dict[str, Any]:
    """Row `number`; its foreign keys point at row `number` of the parent."""
    return {column.name: _value(column, number) for column in table.columns}


def read_tables(connection: Connection, without: Sequence[str] = tuple(_SKIPPED)) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every declared table, in an order of their own."""
    return {
        name: sorted((tuple(row) for row in connection.execute(select(table))), key=lambda row: json.dumps(row, default=str))
        for name, table in METADATA.tables.items()
        if name not in without
    }


def _value(column: "Column[Any]", number: int) -> Any:
    key = next(iter(column.foreign_keys), None)
    if key is not None:
        return _value(key.column, number)
    if column.nullable and number % 3 == 2:
        return None
    kind = column.type
    if isinstance(kind, Instant | DateTime):
        return datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC) + timedelta(hours=number * 5, microseconds=number)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, BigInteger):
        return 2**53 + number
    if isinstance(kind, Integer):
        return number + 1
    if isinstance(kind, Float):
        return 0.1 + number * 1e-7
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) + bytes([number % 256])
    if isinstance(kind, JSON_TYPE):
        return [None, {"键": [1, 2.5, "", None, True]}, [], "text", {}][number % 5]
    return _text(column, number)


def _choices(column: "Column[Any]") -> list[str]:
    """What a CHECK (column IN …) allows."""
    for check in column.table.constraints:
        if isinstance(check, CheckConstraint) and (found := re.match(rf"{column.name} IN \((.*)\)", str(check.sqltext))):
            return re.findall(r"'(\w+)'", found[1])
    return []


def _text(column: "Column[Any]", number: int) -> str:
    choices = _choices(column)
    if choices:
        return choices[number % len(choices)]
    length = getattr(column.type, "length", None) or 5000
    plain = f"{column.name}-{number}"
    return plain[-length:] if length < 40 else f"{plain} {AWKWARD[number % len(AWKWARD)]}"[:length]
