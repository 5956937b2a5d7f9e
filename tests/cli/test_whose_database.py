"""Two deployments on one database by mistake, and many cores on purpose."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cli.backup import backup
from cli.locks import only_core
from cli.migrate import check_database, migrate
from cli.ownership import CoreRecord, living_cores
from cli.restore import restore
from runtime.database import Database, make_engine
from runtime.errors import SettingsError
from runtime.tables import core_process
from tests.cli.conftest import Make
from tests.servers import Postgres

pytestmark = pytest.mark.slow


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
