"""A backup holds one moment of everything, also while others write, and fills a new place with exactly that."""

import json
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from cli.backup import backup
from cli.deployment import Deployment
from cli.locks import only_one
from cli.migrate import migrate
from cli.restore import restore
from conversations.adapters.tables import conversation, inbound
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault
from tests.cli.conftest import Make
from tests.cli.deployments import filled, members_of, tables_of
from tests.cli.rows import make_row
from tests.servers import Postgres

pytestmark = pytest.mark.slow


def test_every_table_comes_back_as_it_was(make_deployment: Make, tmp_path: Path) -> None:
    source = filled(make_deployment("a"))
    (source.data / "sandbox-people.json").write_text('[{"name": "小林"}]', encoding="utf-8")
    said = backup(source, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    other = make_deployment("b")
    restore(other, tmp_path / "b.tar.gz")
    assert tables_of(other) == tables_of(source)
    assert said["rows"] == sum(map(len, tables_of(source).values())) + 1
    assert other.keyring() == source.keyring()
    assert (other.data / "sandbox-people.json").read_text(encoding="utf-8") == '[{"name": "小林"}]'
    # the restored one is a deployment like any other
    migrate(other)


def test_from_sqlite_to_postgresql_and_back(make_deployment: Make, tmp_path: Path, postgres_server: Postgres) -> None:
    source = filled(make_deployment("a"))
    backup(source, tmp_path / "1.tar.gz")
    server = make_deployment("b", database=postgres_server.make())
    restore(server, tmp_path / "1.tar.gz")
    assert tables_of(server) == tables_of(source)
    with pytest.raises(SettingsError, match="--replace"):
        restore(server, tmp_path / "1.tar.gz")
    backup(server, tmp_path / "2.tar.gz")
    back = make_deployment("c")
    restore(back, tmp_path / "2.tar.gz")
    assert tables_of(back) == tables_of(source)
    # what was there is kept as a backup, and that one works too
    again = restore(server, tmp_path / "2.tar.gz", replace=True)
    kept = server.data / str(again["kept_aside"][0])  # type: ignore[index]
    last = make_deployment("d")
    restore(last, kept)
    assert tables_of(last) == tables_of(source)


def _write_pairs(deployment: Deployment, stop: threading.Event, written: list[int]) -> None:
    """A conversation with its message, one transaction each, numbered without a gap."""
    engine = make_engine(deployment.settings.database_url)
    ring, number = deployment.keyring(), 0
    while not stop.is_set():
        with engine.execution_options(weiting_writes=True).begin() as connection:
            connection.execute(insert(conversation).values(make_row(conversation, number)))
            body = ring.encrypt(f"第{number}句")
            connection.execute(insert(inbound).values(make_row(inbound, number) | {"body_enc": body}))
        number += 1
        written.append(number)
    engine.dispose()


def _back_up_while_written(deployment: Deployment, file: Path) -> None:
    migrate(deployment)
    stop, written = threading.Event(), list[int]()
    writer = threading.Thread(target=_write_pairs, args=(deployment, stop, written))
    writer.start()
    try:
        while len(written) < 30:
            stop.wait(0.005)
        before = len(written)
        backup(deployment, file)
        stop.wait(0.05)
        assert len(written) > before, "the backup held up the writer"
    finally:
        stop.set()
        writer.join()


def _check_pairs(deployment: Deployment) -> None:
    engine = make_engine(deployment.settings.database_url)
    with engine.connect() as connection:
        conversations = connection.execute(select(func.count()).select_from(conversation)).scalar()
        bodies = connection.execute(select(inbound.c.conversation_id, inbound.c.body_enc)).all()
    engine.dispose()
    numbers = sorted(int(row.conversation_id.rpartition("-")[2].split()[0]) for row in bodies)
    assert numbers == list(range(conversations or 0))
    assert len(numbers) >= 30
    said = {deployment.keyring().decrypt(row.body_enc) for row in bodies}
    assert said == {f"第{number}句" for number in numbers}


def test_one_moment_while_a_writer_writes(make_deployment: Make, tmp_path: Path) -> None:
    _back_up_while_written(make_deployment("a"), tmp_path / "b.tar.gz")
    other = make_deployment("b")
    restore(other, tmp_path / "b.tar.gz")
    _check_pairs(other)


def test_one_moment_while_a_writer_writes_on_postgresql(
    make_deployment: Make, tmp_path: Path, postgres_server: Postgres
) -> None:
    _back_up_while_written(make_deployment("a", database=postgres_server.make()), tmp_path / "b.tar.gz")
    other = make_deployment("b", database=postgres_server.make())
    restore(other, tmp_path / "b.tar.gz")
    _check_pairs(other)


def test_rows_are_not_overwritten_without_a_word(make_deployment: Make, tmp_path: Path) -> None:
    source, target = filled(make_deployment("a"), 2), filled(make_deployment("b"), 3)
    backup(source, tmp_path / "b.tar.gz")
    before, keys = tables_of(target), target.keys_file.read_bytes()
    with pytest.raises(SettingsError, match="--replace"):
        restore(target, tmp_path / "b.tar.gz")
    assert (tables_of(target), target.keys_file.read_bytes()) == (before, keys)
    kept = restore(target, tmp_path / "b.tar.gz", replace=True)["kept_aside"]
    assert tables_of(target) == tables_of(source)
    assert isinstance(kept, list)
    (old_keys,) = (name for name in kept if name.startswith("keys.json"))
    assert (target.data / old_keys).read_bytes() == keys
    (old_rows,) = (name for name in kept if name.startswith("weiting.db."))
    with sqlite3.connect(target.data / old_rows) as connection:
        assert connection.execute("SELECT count(*) FROM conversation").fetchone() == (3,)
    connection.close()


def test_a_damaged_database_is_replaced_and_kept(make_deployment: Make, tmp_path: Path) -> None:
    source = filled(make_deployment("a"), 2)
    backup(source, tmp_path / "b.tar.gz")
    (source.data / "weiting.db").write_bytes(b"SQLite format 3\x00" + b"half of it" * 100)
    with pytest.raises(StorageFault):
        restore(source, tmp_path / "b.tar.gz")
    with pytest.raises(StorageFault, match="damaged"):
        migrate(source)
    restore(source, tmp_path / "b.tar.gz", replace=True)
    assert len(tables_of(source)["conversation"]) == 2


def test_not_while_a_deployment_runs_there(make_deployment: Make, tmp_path: Path) -> None:
    source = filled(make_deployment("a"), 1)
    backup(source, tmp_path / "b.tar.gz")
    with only_one(source.data), pytest.raises(SettingsError, match="running"):
        restore(source, tmp_path / "b.tar.gz", replace=True)


def test_an_existing_file_is_not_overwritten(make_deployment: Make, tmp_path: Path) -> None:
    source = filled(make_deployment("a"), 1)
    file = tmp_path / "mine.txt"
    file.write_text("mine")
    with pytest.raises(SettingsError):
        backup(source, file)
    assert file.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.txt"]


def test_a_deployment_that_never_ran_has_nothing_to_back_up(make_deployment: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        backup(make_deployment("a"), tmp_path / "b.tar.gz")
    assert not list(tmp_path.glob("*.gz"))
    assert not list((tmp_path / "a").iterdir())


def test_keys_of_another_make_no_backup(make_deployment: Make, tmp_path: Path) -> None:
    source, other = filled(make_deployment("a"), 1), make_deployment("b")
    other.keyring()
    source.keys_file.write_bytes(other.keys_file.read_bytes())
    with pytest.raises(SettingsError, match="other keys"):
        backup(source, tmp_path / "b.tar.gz")
    assert not list(tmp_path.glob("*.gz"))


def test_a_backup_says_when_it_was_made(make_deployment: Make, tmp_path: Path) -> None:
    backup(filled(make_deployment("a"), 1), tmp_path / "b.tar.gz")
    made = datetime.fromisoformat(json.loads(members_of(tmp_path / "b.tar.gz")["manifest.json"])["made_at"])
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
