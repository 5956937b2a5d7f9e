"""Broken, cut and foreign files, and rows a database refuses: one sentence, nothing changed."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cli.archive import BackupBroken
from cli.backup import backup
from cli.deployment import Deployment
from cli.restore import restore
from runtime.errors import StorageFault
from tests.cli.conftest import Make
from tests.cli.deployments import files_of, filled, members_of, tables_of

pytestmark = pytest.mark.slow


def _pack(file: Path, members: list[tuple[str, bytes]], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, "/etc/passwd" if kind != tarfile.REGTYPE else ""
            tar.addfile(info, io.BytesIO(content))
    return file


def _forged(good: Path, folder: Path) -> list[Path]:
    whole, members = good.read_bytes(), members_of(good)
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
    backup(filled(make_deployment("a"), 2), tmp_path / "good.tar.gz")
    folder = tmp_path / "bad"
    folder.mkdir()
    target = make_deployment("b")
    for file in _forged(tmp_path / "good.tar.gz", folder):
        said = _refusal(target, file)
        assert "\n" not in said, file.name
        assert files_of(target.data) == {}, file.name
    assert not (tmp_path.parent / "escaped").exists()


def test_a_row_the_database_refuses_leaves_all_as_it_was(make_deployment: Make, tmp_path: Path) -> None:
    """Everything fits but one row, found out last: the old rows and the old keys stay."""
    source, target = filled(make_deployment("a"), 2), filled(make_deployment("b"), 3)
    backup(source, tmp_path / "good.tar.gz")
    members = members_of(tmp_path / "good.tar.gz")
    manifest = json.loads(members.pop("manifest.json"))
    name = "tables/staff_member/000001.jsonl"
    lines = members[name].splitlines()
    members[name] = lines[0] + b"\n" + lines[0] + b"\n"
    manifest["members"][name] = hashlib.sha256(members[name]).hexdigest()
    file = _pack(tmp_path / "bad.gz", [*members.items(), ("manifest.json", json.dumps(manifest).encode())])
    before, keys = tables_of(target), target.keys_file.read_bytes()
    with pytest.raises(StorageFault, match="nothing was changed"):
        restore(target, file, replace=True)
    assert (tables_of(target), target.keys_file.read_bytes()) == (before, keys)
    assert {name for name in files_of(target.data) if "restoring" in name or "kept" in name} == set()
