"""The migrations make the tables the code declares, forward and back."""

from collections.abc import Callable, Iterator

import pytest
from alembic import command
from sqlalchemy import inspect

from cli.migrate import _config, downgrade, upgrade
from cli.tables import METADATA
from runtime.database import make_engine
from tests.servers import ON_SERVER, Postgres



@pytest.mark.parametrize("kind", ["sqlite", ON_SERVER])
def test_forward_makes_the_declared_tables_and_back_leaves_nothing(bare_database: Callable[[str], str], kind: str) -> None:
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
