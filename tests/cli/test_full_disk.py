"""A disk that is full: said, nothing half written, and work goes on when there is room again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from cli.backup import backup
from cli.migrate import migrate
from cli.restore import restore
from conversations.adapters.tables import conversation
from runtime.database import Database, make_engine
from runtime.errors import StorageFault
from tests.cli.conftest import Make
from tests.cli.rows import make_row

pytestmark = pytest.mark.slow

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
