"""What a command prints: a table for people, one JSON line for machines."""

import json
import sys
from collections.abc import Sequence

from runtime.menu import columns_of


def print_rows(rows: Sequence[dict[str, object]], columns: Sequence[str], *, as_json: bool, nothing: str) -> None:
    """Each row a JSON line, or all of them a table with these columns; `nothing` is said of no rows."""
    if as_json:
        sys.stdout.write("".join(_json(row) for row in rows))
        return
    if not rows:
        sys.stdout.write(nothing + "\n")
        return
    cells = [list(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
    widths = [max(columns_of(line[at]) for line in cells) for at in range(len(columns))]
    for line in cells:
        padded = [text + " " * (width - columns_of(text)) for text, width in zip(line, widths, strict=True)]
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def print_one(row: dict[str, object], *, as_json: bool) -> None:
    """One thing: a JSON line, or its fields one a line."""
    if as_json:
        sys.stdout.write(_json(row))
        return
    width = max(len(name) for name in row)
    for name, value in row.items():
        sys.stdout.write(f"{name:<{width}}  {_cell(value)}".rstrip() + "\n")


def _json(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(one) for one in value) or "-"
    # what WeChat or somebody else wrote must not move the cursor
    return "".join(one if one.isprintable() else "?" for one in str(value))
