"""What goes wrong under a deployment: said in one sentence, nothing lost, no half state."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from cli.backup import backup
from cli.locks import only_core
from cli.migrate import MIGRATIONS, check_database, current, head, migrate, upgrade
from cli.ownership import CoreRecord, living_cores
from cli.restore import restore
from conversations.adapters.tables import conversation
from runtime.database import Database, make_engine
from runtime.errors import SettingsError, StorageFault
from runtime.tables import core_process
from tests.cli.conftest import Make
from tests.cli.rows import fill_tables, make_row
from tests.servers import Postgres

_BROKEN_STEP = '''
revision = "0002x"
down_revision = "{before}"

from alembic import op
import sqlalchemy as sa

pytestmark = pytest.mark.slow


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


# two deployments on one database


def test_other_keys_are_refused_before_anything_is_written(make_deployment: Make) -> None:
    first = make_deployment("a")
    migrate(first)
    second = make_deployment("b", database=first.settings.database_url)
    second.keyring()
    for step in (migrate, check_database):
        with pytest.raises(SettingsError, match="other keys"):
            step(second)
    migrate(first)


def test_lost_keys_are_not_made_anew(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    kept = owner.keys_file.read_bytes()
    owner.keys_file.unlink()
    with pytest.raises(SettingsError, match="missing"):
        migrate(owner)
    assert not owner.keys_file.exists()
    owner.keys_file.write_bytes(kept)
    migrate(owner)


def test_one_core_a_sqlite_file_and_many_a_server(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with only_core(url):
        with pytest.raises(SettingsError, match="another core"), only_core(url):
            pass
        with only_core(f"sqlite:///{tmp_path / 'y.db'}"), only_core("postgresql://h/x"), only_core("postgresql://h/x"):
            pass
    with only_core(url):
        pass


async def test_cores_say_that_they_live_and_the_dead_are_cleared(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    engine = make_engine(owner.settings.database_url)
    db, second = Database(engine), Database(make_engine(owner.settings.database_url))
    dead = CoreRecord(second, owner, beat_s=3600)
    alive = CoreRecord(db, owner, beat_s=3600, gone_s=0.0)
    await dead.start()
    await alive.start()
    assert living_cores(engine, watch_s=0) == []
    assert await db.read(_cores) == 2
    await alive.beat()
    await alive.beat()
    assert await db.read(_cores) == 1
    # one that was only asleep is back with its next beat
    await dead.beat()
    assert await db.read(_cores) == 2
    await dead.stop()
    await alive.stop()
    assert await db.read(_cores) == 0
    db.close()
    second.close()


def _cores(connection: object) -> int:
    return connection.execute(select(func.count()).select_from(core_process)).scalar()  # type: ignore[attr-defined, no-any-return]


async def test_no_restore_under_a_core_that_serves_the_server(make_deployment: Make, tmp_path: Path, postgres_server: Postgres) -> None:
    url = postgres_server.make()
    owner = make_deployment("a", database=url)
    migrate(owner)
    backup(owner, tmp_path / "b.tar.gz")
    db = Database(make_engine(url))
    record = CoreRecord(db, owner, beat_s=0.5)
    await record.start()
    other = make_deployment("b", database=url)
    try:
        with pytest.raises(SettingsError, match="serving"):
            await asyncio.to_thread(restore, other, tmp_path / "b.tar.gz", replace=True)
        assert not other.keys_file.exists()
    finally:
        await record.stop()
        db.close()
    restore(other, tmp_path / "b.tar.gz", replace=True)


# a full disk

_NOTE = text("INSERT INTO note VALUES (:body)")


async def _write_until_refused(db: Database, size: int) -> int:
    """How many were taken before the database refused one."""
    for taken in range(5000):
        try:
            await db.write(lambda connection: connection.execute(_NOTE, {"body": "x" * size}))
        except (StorageFault, DBAPIError):
            return taken
    raise AssertionError("it took everything")


async def _count_notes(db: Database) -> int:
    return await db.read(lambda connection: connection.execute(text("SELECT count(*) FROM note")).scalar() or 0)


async def test_a_full_database_refuses_and_takes_again(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    db = Database(engine)
    await db.write(lambda connection: connection.execute(text("CREATE TABLE note (body TEXT)")))
    pages = await db.read(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar())
    await db.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {int(pages or 0) + 2}"))
    taken = await _write_until_refused(db, 1500)
    assert taken >= 1
    assert await _count_notes(db) == taken
    await db.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    await db.write(lambda connection: connection.execute(_NOTE, {"body": "y" * 5000}))
    assert await _count_notes(db) == taken + 1
    db.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """4 MB of memory as a disk."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("left out: a small disk (mount is not allowed here)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_no_half_backup_and_no_half_restore(make_deployment: Make, tmp_path: Path, small_disk: Path) -> None:
    owner = make_deployment("a")
    migrate(owner)
    engine = make_engine(owner.settings.database_url)
    with engine.execution_options(weiting_writes=True).begin() as connection:
        rows = [make_row(conversation, number) | {"state_enc": os.urandom(8000)} for number in range(400)]
        connection.execute(insert(conversation), rows)
    engine.dispose()
    backup(owner, tmp_path / "b.tar.gz")
    rest = shutil.disk_usage(small_disk).free - 20_000
    (small_disk / "ballast").write_bytes(b"x" * rest)
    with pytest.raises(OSError, match="No space"):
        backup(owner, small_disk / "b.tar.gz")
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]
    (small_disk / "ballast").write_bytes(b"x" * (rest - 1_000_000))
    target = make_deployment("small/d")
    with pytest.raises((StorageFault, OSError)):
        restore(target, tmp_path / "b.tar.gz")
    left = {path.name for path in target.data.iterdir()}
    assert left <= {"weiting.lock", "weiting.db.lock"}
    (small_disk / "ballast").unlink()


async def test_a_full_disk_loses_nothing_that_was_committed(small_disk: Path) -> None:
    db = Database(make_engine(f"sqlite:///{small_disk / 'a.db'}"))
    await db.write(lambda connection: connection.execute(text("CREATE TABLE note (body TEXT)")))
    taken = await _write_until_refused(db, 9000)
    assert taken > 20
    assert await _count_notes(db) == taken
    # room again, no restart: the next write is taken
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    await db.write(lambda connection: connection.execute(_NOTE, {"body": "after"}))
    assert await _count_notes(db) == taken + 1
    db.close()
