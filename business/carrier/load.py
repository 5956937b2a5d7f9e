"""Loads a file of subscribers into a carrier's tables: `weiting sandbox load FILE.yml`.

All or nothing, and the same again when loaded twice. What the file names is made as the file says; what it does not name stays.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Table, delete, insert, tuple_, update

from business.carrier import tables
from business.carrier.checks import find_problems
from business.carrier.errors import LoadRefused
from business.carrier.rows import RowMaker, line_id_of
from business.carrier.schema import CarrierFile
from business.carrier.yamlfile import Place, YamlFile, read_yaml
from business.identity.sql import SqlUnit
from business.identity.steps import tie
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from runtime.keys import Keyring

_MOST_PROBLEMS = 20

# (table, columns of its key) in the order in which rows may refer to one another
_KEPT: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (tables.customer, ("account", "customer_id")),
    (tables.billing_account, ("account", "billing_account_id")),
    (tables.plan, ("account", "plan_id")),
    (tables.line, ("account", "line_id")),
    (tables.points_account, ("account", "customer_id")),
    (tables.bill, ("account", "bill_id")),
    (tables.store, ("account", "store_id")),
)
# (table, the kept table whose rows it belongs to): made anew with them
_REPLACED: tuple[tuple[Table, Table], ...] = (
    (tables.plan_allowance, tables.plan),
    (tables.subscription, tables.line),
    (tables.usage_bucket, tables.line),
    (tables.balance, tables.billing_account),
    (tables.bill_item, tables.bill),
    (tables.points_ledger, tables.points_account),
)


@dataclass(frozen=True)
class Counts:
    """How many of each the file holds."""

    customers: int
    accounts: int
    lines: int
    plans: int
    bills: int
    buckets: int
    points_lots: int
    bindings: int
    stores: int


@dataclass(frozen=True)
class LoadedPerson:
    """Someone for the sandbox's phone page."""

    openid: str
    name: str
    phone: str = field(repr=False)


@dataclass(frozen=True)
class Loaded:
    """What came of a file."""

    counts: Counts
    people: tuple[LoadedPerson, ...]


async def load_file(db: Database, keyring: Keyring, account: str, path: Path, clock: Clock | None = None) -> Loaded:
    """Loads it for one WeChat account, in one transaction. Raises LoadRefused with up to 20 mistakes; then nothing is loaded."""
    now = (clock or SystemClock()).now()
    file = parse_file(path, clock)
    rows = RowMaker(keyring, account, now).make(file)

    def work(connection: Connection) -> None:
        for table, key in _KEPT:
            for row in rows.get(table, ()):
                _keep(connection, table, key, row)
        for table, owner in _REPLACED:
            _replace(connection, table, owner, rows)
        unit = SqlUnit(connection, writes=True)
        customers = {
            line_id_of(keyring, line.number): customer.id
            for customer in file.customers
            for one in customer.accounts
            for line in one.lines
        }
        for binding in file.bindings:
            line_id = line_id_of(keyring, binding.number)
            tie(unit, account, binding.openid, line_id, customers[line_id], binding.since or now, is_default=binding.default)

    await db.write(work)
    people = tuple(LoadedPerson(one.openid, one.name, one.phone) for one in file.people)
    return Loaded(_count(file), people)


def parse_file(path: Path, clock: Clock | None = None) -> CarrierFile:
    """Reads and checks a file without loading it. Raises LoadRefused."""
    read = read_yaml(path)
    if read.data is None:
        raise LoadRefused((f"{path.name} is empty",))
    try:
        file = CarrierFile.model_validate(read.data, context={"now": (clock or SystemClock()).now()})
    except ValidationError as error:
        found = [(one["loc"], _mend(one["type"], one["msg"])) for one in error.errors(include_url=False, include_input=False)]
        raise _refused(read, found) from None
    problems = find_problems(file)
    if problems:
        raise _refused(read, list(problems))
    return file


def _mend(kind: str, message: str) -> str:
    known = {
        "missing": "is missing",
        "extra_forbidden": "is no key of this mapping",
        "model_type": "must be a mapping",
        "tuple_type": "must be a list",
    }
    return known.get(kind) or message.removeprefix("Value error, ")


def _refused(read: YamlFile, found: list[tuple[Place, str]]) -> LoadRefused:
    sentences = [f"line {read.line_of(place)}: {_name(place)} {message}" for place, message in found[:_MOST_PROBLEMS]]
    if len(found) > _MOST_PROBLEMS:
        sentences.append(f"and {len(found) - _MOST_PROBLEMS} more")
    return LoadRefused(tuple(sentences))


def _name(place: Place) -> str:
    name = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place)
    return name.removeprefix(".") or "the file"


def _keep(connection: Connection, table: Table, key: tuple[str, ...], row: dict[str, Any]) -> None:
    mine = [table.c[name] == row[name] for name in key]
    if connection.execute(update(table).where(*mine).values(**row)).rowcount == 0:
        connection.execute(insert(table), row)


def _replace(connection: Connection, table: Table, owner: Table, rows: dict[Table, list[dict[str, Any]]]) -> None:
    name = next(key[1] for kept, key in _KEPT if kept is owner)
    owners = [(row["account"], row[name]) for row in rows.get(owner, ())]
    # in portions: a statement takes a limited number of values
    for start in range(0, len(owners), 200):
        connection.execute(delete(table).where(tuple_(table.c.account, table.c[name]).in_(owners[start : start + 200])))
    if rows.get(table):
        connection.execute(insert(table), rows[table])


def _count(file: CarrierFile) -> Counts:
    accounts = [account for customer in file.customers for account in customer.accounts]
    lines = [line for account in accounts for line in account.lines]
    return Counts(
        customers=len(file.customers),
        accounts=len(accounts),
        lines=len(lines),
        plans=len(file.plans),
        bills=sum(len(account.bills) for account in accounts),
        buckets=sum(len(line.usage) for line in lines),
        points_lots=sum(len(customer.points.lots) for customer in file.customers if customer.points),
        bindings=len(file.bindings),
        stores=len(file.stores),
    )
