"""What goes wrong under a deployment: said in one sentence, nothing lost, no half state."""

import contextlib
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

from cli.migrate import MIGRATIONS, check_database, current, head, migrate, upgrade
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault
from tests.cli.conftest import Make
from tests.cli.rows import fill_tables
from tests.servers import Postgres

pytestmark = pytest.mark.slow

_BROKEN_STEP = '''
revision = "0002x"
down_revision = "{before}"

from alembic import op
import sqlalchemy as sa


def upgrade():
    op.create_table("half", sa.Column("name", sa.String(10), primary_key=True))
    op.execute("UPDATE conversation SET account = 'changed'")
    op.execute("INSERT INTO half VALUES ('x')")
    op.execute("INSERT INTO half VALUES ('x')")
'''


# half-written SQLite


def test_a_file_cut_off_anywhere_is_said_and_left_as_it_is(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    path = owner.data / "weiting.db"
    whole = path.read_bytes()
    for share in (17, 100, 4096, 5000, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:share])
        with pytest.raises(StorageFault) as said:
            migrate(owner)
        assert "weiting restore" in str(said.value), share
        assert "\n" not in str(said.value)
        assert path.read_bytes() == whole[:share]
    path.write_bytes(whole)
    migrate(owner)


def test_a_page_of_rubbish_is_said(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    path = owner.data / "weiting.db"
    whole = bytearray(path.read_bytes())
    whole[8192:12288] = b"\xff" * 4096
    path.write_bytes(bytes(whole))
    with pytest.raises(StorageFault, match="damaged"):
        migrate(owner)


def test_what_a_crash_left_in_the_log_is_kept(make_deployment: Make, tmp_path: Path) -> None:
    """A copy taken while a writer was alive is what a power cut leaves: the commit is only in the log."""
    owner = make_deployment("a")
    migrate(owner)
    connection = sqlite3.connect(owner.data / "weiting.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("INSERT INTO desk_log (name, seq) VALUES ('crash', 7)")
    crashed = make_deployment("b")
    for name in ("weiting.db", "weiting.db-wal", "keys.json"):
        shutil.copy(owner.data / name, crashed.data / name)
    # and the last of the log was only half written
    with (crashed.data / "weiting.db-wal").open("ab") as log:
        log.write(b"\x00half a frame" * 20)
    connection.close()
    migrate(crashed)
    engine = make_engine(crashed.settings.database_url)
    with engine.connect() as reading:
        assert reading.execute(text("SELECT seq FROM desk_log WHERE name = 'crash'")).scalar() == 7
    engine.dispose()


# a migration that fails midway


def _with_broken_step(folder: Path) -> Path:
    scripts = folder / "migrations"
    shutil.copytree(MIGRATIONS, scripts)
    (scripts / "versions" / "0002x_broken.py").write_text(_BROKEN_STEP.format(before=head()))
    return scripts


def _fails_and_leaves_all(engine: Engine, scripts: Path) -> None:
    upgrade(engine)
    fill_tables(engine, 3)
    with pytest.raises(Exception, match="(?i)unique|duplicate"):
        upgrade(engine, scripts=scripts)
    with engine.connect() as connection:
        assert current(connection) == head()
        assert "half" not in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT count(*) FROM conversation WHERE account = 'changed'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM conversation")).scalar() == 3
    # and the way on is open
    upgrade(engine)
    engine.dispose()


def test_a_migration_that_fails_midway_leaves_the_old_version(tmp_path: Path) -> None:
    _fails_and_leaves_all(make_engine(f"sqlite:///{tmp_path / 'a.db'}"), _with_broken_step(tmp_path))


def test_a_migration_that_fails_midway_leaves_the_old_version_on_postgresql(tmp_path: Path, postgres_server: Postgres) -> None:
    _fails_and_leaves_all(make_engine(postgres_server.make()), _with_broken_step(tmp_path))


def test_processes_that_start_together_migrate_one_after_the_other(make_deployment: Make, postgres_server: Postgres) -> None:
    """And of two deployments that come at once to an empty database one has it, and the other is told."""
    url = postgres_server.make()
    first, second = make_deployment("a", database=url), make_deployment("b", database=url)
    second.keyring()
    with ThreadPoolExecutor(6) as pool:
        under_way = [pool.submit(migrate, owner) for owner in (first, second) * 3]
        ends = [one.exception() for one in under_way]
    kinds = [type(end) for end in ends]
    assert kinds in ([type(None), SettingsError] * 3, [SettingsError, type(None)] * 3), ends


def test_a_database_of_a_newer_version_is_not_touched(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    with contextlib.closing(sqlite3.connect(owner.data / "weiting.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for step in (migrate, check_database):
        with pytest.raises(SettingsError, match="9999"):
            step(owner)


def test_a_core_does_not_start_on_tables_of_another_version(make_deployment: Make) -> None:
    with pytest.raises(SettingsError, match="weiting migrate"):
        check_database(make_deployment())
