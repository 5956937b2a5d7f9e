"""A backup holds one moment of everything, also while others write, and fills a new place with exactly that."""

import hashlib
import io
import json
import sqlite3
import tarfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from cli.archive import BackupBroken
from cli.backup import backup
from cli.deployment import Deployment
from cli.locks import only_one
from cli.migrate import migrate
from cli.restore import restore
from conversations.adapters.tables import conversation, inbound
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault
from tests.cli.conftest import Make
from tests.cli.rows import fill_tables, make_row, read_tables
from tests.servers import Postgres

pytestmark = pytest.mark.slow


def _filled(deployment: Deployment, count: int = 7) -> Deployment:
    migrate(deployment)
    engine = make_engine(deployment.settings.database_url)
    fill_tables(engine, count)
    engine.dispose()
    return deployment


def _tables(deployment: Deployment) -> dict[str, list[tuple[Any, ...]]]:
    engine = make_engine(deployment.settings.database_url)
    with engine.connect() as connection:
        found = read_tables(connection)
    engine.dispose()
    return found


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"} if folder.exists() else {}


def test_every_table_comes_back_as_it_was(make_deployment: Make, tmp_path: Path) -> None:
    source = _filled(make_deployment("a"))
    (source.data / "sandbox-people.json").write_text('[{"name": "小林"}]', encoding="utf-8")
    said = backup(source, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    other = make_deployment("b")
    restore(other, tmp_path / "b.tar.gz")
    assert _tables(other) == _tables(source)
    assert said["rows"] == sum(map(len, _tables(source).values())) + 1
    assert other.keyring() == source.keyring()
    assert (other.data / "sandbox-people.json").read_text(encoding="utf-8") == '[{"name": "小林"}]'
    # the restored one is a deployment like any other
    migrate(other)


def test_from_sqlite_to_postgresql_and_back(make_deployment: Make, tmp_path: Path, postgres_server: Postgres) -> None:
    source = _filled(make_deployment("a"))
    backup(source, tmp_path / "1.tar.gz")
    server = make_deployment("b", database=postgres_server.make())
    restore(server, tmp_path / "1.tar.gz")
    assert _tables(server) == _tables(source)
    with pytest.raises(SettingsError, match="--replace"):
        restore(server, tmp_path / "1.tar.gz")
    backup(server, tmp_path / "2.tar.gz")
    back = make_deployment("c")
    restore(back, tmp_path / "2.tar.gz")
    assert _tables(back) == _tables(source)
    # what was there is kept as a backup, and that one works too
    again = restore(server, tmp_path / "2.tar.gz", replace=True)
    kept = server.data / str(again["kept_aside"][0])  # type: ignore[index]
    last = make_deployment("d")
    restore(last, kept)
    assert _tables(last) == _tables(source)


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
    source, target = _filled(make_deployment("a"), 2), _filled(make_deployment("b"), 3)
    backup(source, tmp_path / "b.tar.gz")
    before, keys = _tables(target), target.keys_file.read_bytes()
    with pytest.raises(SettingsError, match="--replace"):
        restore(target, tmp_path / "b.tar.gz")
    assert (_tables(target), target.keys_file.read_bytes()) == (before, keys)
    kept = restore(target, tmp_path / "b.tar.gz", replace=True)["kept_aside"]
    assert _tables(target) == _tables(source)
    assert isinstance(kept, list)
    (old_keys,) = (name for name in kept if name.startswith("keys.json"))
    assert (target.data / old_keys).read_bytes() == keys
    (old_rows,) = (name for name in kept if name.startswith("weiting.db."))
    with sqlite3.connect(target.data / old_rows) as connection:
        assert connection.execute("SELECT count(*) FROM conversation").fetchone() == (3,)
    connection.close()


def test_a_damaged_database_is_replaced_and_kept(make_deployment: Make, tmp_path: Path) -> None:
    source = _filled(make_deployment("a"), 2)
    backup(source, tmp_path / "b.tar.gz")
    (source.data / "weiting.db").write_bytes(b"SQLite format 3\x00" + b"half of it" * 100)
    with pytest.raises(StorageFault):
        restore(source, tmp_path / "b.tar.gz")
    with pytest.raises(StorageFault, match="damaged"):
        migrate(source)
    restore(source, tmp_path / "b.tar.gz", replace=True)
    assert len(_tables(source)["conversation"]) == 2


def test_not_while_a_deployment_runs_there(make_deployment: Make, tmp_path: Path) -> None:
    source = _filled(make_deployment("a"), 1)
    backup(source, tmp_path / "b.tar.gz")
    with only_one(source.data), pytest.raises(SettingsError, match="running"):
        restore(source, tmp_path / "b.tar.gz", replace=True)


def test_an_existing_file_is_not_overwritten(make_deployment: Make, tmp_path: Path) -> None:
    source = _filled(make_deployment("a"), 1)
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
    source, other = _filled(make_deployment("a"), 1), make_deployment("b")
    other.keyring()
    source.keys_file.write_bytes(other.keys_file.read_bytes())
    with pytest.raises(SettingsError, match="other keys"):
        backup(source, tmp_path / "b.tar.gz")
    assert not list(tmp_path.glob("*.gz"))


def _members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def _pack(file: Path, members: list[tuple[str, bytes]], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, "/etc/passwd" if kind != tarfile.REGTYPE else ""
            tar.addfile(info, io.BytesIO(content))
    return file


def _forged(good: Path, folder: Path) -> list[Path]:
    whole, members = good.read_bytes(), _members(good)
    manifest = json.loads(members["manifest.json"])
    rest = [(name, body) for name, body in members.items() if name != "manifest.json"]
    cut = []
    for share in (0, 1, 10, 100, len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        file = folder / f"cut{share}.gz"
        file.write_bytes(whole[:share])
        cut.append(file)
    flipped = folder / "flipped.gz"
    flipped.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 0xFF]) + whole[len(whole) // 2 + 1 :])
    foreign = folder / "foreign.gz"
    foreign.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))

    def told(name: str, **changes: Any) -> Path:
        return _pack(folder / name, [*rest, ("manifest.json", json.dumps(manifest | changes).encode())])

    name, body = rest[0]
    return [
        *cut,
        flipped,
        foreign,
        folder,
        folder / "nowhere.gz",
        _pack(folder / "changed.gz", [(name, body + b"[]\n"), *rest[1:], ("manifest.json", members["manifest.json"])]),
        _pack(folder / "missing.gz", [*rest[1:], ("manifest.json", members["manifest.json"])]),
        _pack(folder / "twice.gz", [*rest, rest[0], ("manifest.json", members["manifest.json"])]),
        _pack(folder / "escape.gz", [("../../escaped", b"x"), *rest, ("manifest.json", members["manifest.json"])]),
        _pack(folder / "link.gz", [("keys.json", b"")], tarfile.SYMTYPE),
        _pack(folder / "none.gz", [("manifest.json", b"{}")]),
        _pack(folder / "list.gz", [("manifest.json", b"[1]")]),
        told("newer.gz", format=99),
        told("future.gz", revision="9999"),
        told("keyless.gz", fingerprint="0" * 64),
        told("tableless.gz", tables={}),
        told("counted.gz", tables=manifest["tables"] | {"turn": manifest["tables"]["turn"] | {"rows": 99}}),
        told("columns.gz", tables=manifest["tables"] | {"turn": {"columns": [["turn_id", "text"]], "rows": 2}}),
        told("kinds.gz", tables=manifest["tables"] | {"turn": {"columns": [["turn_id", "mystery"]], "rows": 2}}),
    ]


def _refusal(target: Deployment, file: Path) -> str:
    try:
        restore(target, file)
    except BackupBroken as error:
        return str(error)
    raise AssertionError(f"{file.name} was taken")


def test_broken_cut_and_foreign_files_change_nothing(make_deployment: Make, tmp_path: Path) -> None:
    backup(_filled(make_deployment("a"), 2), tmp_path / "good.tar.gz")
    folder = tmp_path / "bad"
    folder.mkdir()
    target = make_deployment("b")
    for file in _forged(tmp_path / "good.tar.gz", folder):
        said = _refusal(target, file)
        assert "\n" not in said, file.name
        assert _files(target.data) == {}, file.name
    assert not (tmp_path.parent / "escaped").exists()


def test_a_row_the_database_refuses_leaves_all_as_it_was(make_deployment: Make, tmp_path: Path) -> None:
    """Everything fits but one row, found out last: the old rows and the old keys stay."""
    source, target = _filled(make_deployment("a"), 2), _filled(make_deployment("b"), 3)
    backup(source, tmp_path / "good.tar.gz")
    members = _members(tmp_path / "good.tar.gz")
    manifest = json.loads(members.pop("manifest.json"))
    name = "tables/staff_member/000001.jsonl"
    lines = members[name].splitlines()
    members[name] = lines[0] + b"\n" + lines[0] + b"\n"
    manifest["members"][name] = hashlib.sha256(members[name]).hexdigest()
    file = _pack(tmp_path / "bad.gz", [*members.items(), ("manifest.json", json.dumps(manifest).encode())])
    before, keys = _tables(target), target.keys_file.read_bytes()
    with pytest.raises(StorageFault, match="nothing was changed"):
        restore(target, file, replace=True)
    assert (_tables(target), target.keys_file.read_bytes()) == (before, keys)
    assert {name for name in _files(target.data) if "restoring" in name or "kept" in name} == set()


def test_a_backup_says_when_it_was_made(make_deployment: Make, tmp_path: Path) -> None:
    backup(_filled(make_deployment("a"), 1), tmp_path / "b.tar.gz")
    made = datetime.fromisoformat(json.loads(_members(tmp_path / "b.tar.gz")["manifest.json"])["made_at"])
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
