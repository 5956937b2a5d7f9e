"""The migrations make the tables the code declares, forward and back."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect

from cli.migrate import _config, downgrade, upgrade
from cli.tables import METADATA
from runtime.database import make_engine
from tests.servers import ON_SERVER, Postgres

Bare = Callable[[str], str]


@pytest.fixture
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bare]:
    """A database of that kind without tables; its address."""
    with contextlib.ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path / 'a.db'}"
            server: Postgres = request.getfixturevalue("postgres_server")
            url = server.make()
            stack.callback(server.drop, url)
            return url

        yield make


@pytest.mark.parametrize("kind", ["sqlite", ON_SERVER])
def test_forward_makes_the_declared_tables_and_back_leaves_nothing(bare_database: Bare, kind: str) -> None:
    engine = make_engine(bare_database(kind))
    upgrade(engine)
    with engine.begin() as connection:
        # raises when a table, column or index of the code is in no migration
        command.check(_config(connection))
    assert set(METADATA.tables) <= set(inspect(engine).get_table_names())
    upgrade(engine)
    downgrade(engine)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", ON_SERVER])
def test_processes_that_migrate_at_once_do_it_one_after_the_other(bare_database: Bare, kind: str) -> None:
    url = bare_database(kind)
    engines = [make_engine(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(upgrade, engine) for engine in engines]:
            done.result()
    with engines[0].begin() as connection:
        command.check(_config(connection))
    for engine in engines:
        engine.dispose()


def test_every_table_carries_the_account_or_is_named_here() -> None:
    """One deployment serves many accounts: a row without its account is a row everybody sees."""
    of_the_desk = {"staff_member", "staff_session", "staff_token", "desk_router_lease", "desk_log", "desk_agent"}
    without = {name for name, table in METADATA.tables.items() if "account" not in table.columns}
    assert without <= of_the_desk | {"deployment", "core_process"}


def test_private_values_are_encrypted_columns() -> None:
    """A phone number, a name or a raw text never has a plain column."""
    for name, table in METADATA.tables.items():
        for column in table.columns:
            if column.name in {"phone", "msisdn", "cert_no", "raw", "raw_text"}:
                raise AssertionError(f"{name}.{column.name} is plain")
            if column.name.endswith("_enc"):
                assert column.type.python_type is bytes, f"{name}.{column.name}"
