"""What a backup looks like: a .tar.gz of JSON lines that any database can be filled from, and a manifest that proves it whole.

    tables/NAME/000001.jsonl …   a row a line, its values in the manifest's order of columns
    keys.json, sandbox-people.json
    manifest.json                last: a file that was cut off has none

Values: moments as ISO 8601 in UTC, bytes as base64, JSON columns as the text the database holds; all else as JSON has it.
"""

import base64
import binascii
import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric, String, Table, Text
from sqlalchemy.types import TypeEngine

from runtime.errors import Fault, Refusal

FORMAT = 1
MANIFEST = "manifest.json"
FILES = ("keys.json", "sandbox-people.json")
_PART_BYTES = 4 * 1024 * 1024
_LARGEST_FILE = 64 * 1024 * 1024
_TABLE_PART = re.compile(r"tables/([a-z_0-9]{1,63})/\d{6}\.jsonl")
_BROKEN = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, KeyError, TypeError)


class BackupBroken(Refusal):
    """The file is no backup, or not a whole one. Nothing was changed."""

    code = "backup_broken"


class NotArchivable(Fault):
    """A column of a kind that the format has no place for."""


@dataclass(frozen=True)
class Kind:
    """One kind of column: its name in the manifest, how it is read and bound, and its two-way writing."""

    name: str
    type: TypeEngine[Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _write_moment(value: datetime) -> str:
    # SQLite keeps UTC without saying so
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _read_moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _same(value: Any) -> Any:
    return value


KINDS = {
    kind.name: kind
    for kind in (
        Kind("bool", Boolean(), bool, bool),
        Kind("moment", DateTime(timezone=True), _write_moment, _read_moment),
        Kind("date", Date(), date.isoformat, date.fromisoformat),
        Kind("json", Text(), _same, _same),
        Kind("bytes", LargeBinary(), lambda value: base64.b64encode(value).decode(), lambda text: base64.b64decode(text, validate=True)),
        Kind("int", BigInteger(), _same, _same),
        Kind("float", Float(), _same, _same),
        Kind("decimal", Numeric(), str, Decimal),
        Kind("text", Text(), _same, _same),
    )
}
_BY_TYPE: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "bool"),
    (DateTime, "moment"),
    (Date, "date"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (Integer, "int"),
    (Float, "float"),
    (Numeric, "decimal"),
    (String, "text"),
)


def kinds_of(table: Table) -> list[tuple[str, str]]:
    """(column, kind) of a reflected table. Raises NotArchivable."""
    found = []
    for column in table.columns:
        name = next((name for kind, name in _BY_TYPE if isinstance(column.type, kind)), None)
        if name is None:
            raise NotArchivable(f"{table.name}.{column.name} is of a kind ({column.type}) that a backup cannot hold")
        found.append((column.name, name))
    return found


@dataclass
class TableShape:
    """A table's columns with their kinds, and how many rows it has."""

    columns: list[tuple[str, str]]
    rows: int = 0


@dataclass
class Manifest:
    """What a backup says of itself."""

    product: str
    revision: str
    made_at: str
    fingerprint: str
    tables: dict[str, TableShape] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class ArchiveWriter:
    """Adds members to an open file; never holds more than one part in memory."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w:gz", compresslevel=3)  # noqa: SIM115 closed by finish
        self.manifest = manifest

    def add_table(self, name: str, columns: list[tuple[str, str]], rows: Iterator[Sequence[Any]]) -> None:
        """Rows as the database gives them, in the order of `columns`."""
        writers = [KINDS[kind].write for _, kind in columns]
        shape = self.manifest.tables[name] = TableShape(columns)
        buffer, part = bytearray(), 0
        for row in rows:
            values = [None if value is None else write(value) for write, value in zip(writers, row, strict=True)]
            buffer += json.dumps(values, separators=(",", ":")).encode() + b"\n"
            shape.rows += 1
            if len(buffer) >= _PART_BYTES:
                part += 1
                self.add(f"tables/{name}/{part:06d}.jsonl", bytes(buffer))
                buffer.clear()
        if buffer:
            self.add(f"tables/{name}/{part + 1:06d}.jsonl", bytes(buffer))

    def add(self, name: str, content: bytes) -> None:
        """One member and its sum."""
        self.manifest.members[name] = hashlib.sha256(content).hexdigest()
        self._put(name, content)

    def finish(self) -> None:
        """The manifest, last."""
        self._put(MANIFEST, json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode())
        self._tar.close()

    def _put(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, io.BytesIO(content))


class ArchiveReader:
    """A backup that was found whole: every member is there, is the one that was written, and nothing else is."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Reads all of it once. Raises BackupBroken."""
        self._file, self._name = file, name
        sums: dict[str, str] = {}
        content = b""
        for member, body in self._walk():
            if member in sums:
                raise BackupBroken(f"{name} is no whole backup of weiting: {member} stands in it twice")
            sums[member] = hashlib.sha256(body).hexdigest()
            content = body if member == MANIFEST else content
        if sums.pop(MANIFEST, None) is None:
            raise BackupBroken(f"{name} is no whole backup of weiting: it ends before its manifest")
        self.manifest = _read_manifest(content, name)
        if sums != self.manifest.members:
            odd = sorted(one for one in sums.keys() | self.manifest.members.keys() if sums.get(one) != self.manifest.members.get(one))
            raise BackupBroken(f"{name} was changed after it was made: {odd[0]} is not what its manifest says")

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """(table, JSON lines), and (file, content) for what is none. Raises BackupBroken."""
        for member, body in self._walk():
            if member == MANIFEST:
                continue
            if hashlib.sha256(body).hexdigest() != self.manifest.members.get(member):
                raise BackupBroken(f"{self._name} was changed while it was read: {member}")
            found = _TABLE_PART.fullmatch(member)
            yield (found[1] if found else member), body

    def file(self, name: str) -> bytes | None:
        """One of FILES, or None when the backup has none."""
        return next((body for member, body in self._walk() if member == name), None) if name in self.manifest.members else None

    def rows(self, table: str, body: bytes) -> list[dict[str, Any]]:
        """The rows of one part, ready to be bound. Raises BackupBroken."""
        columns = self.manifest.tables[table].columns
        readers = [(f"v_{name}", KINDS[kind].read) for name, kind in columns]
        try:
            return [
                {name: None if value is None else read(value) for (name, read), value in zip(readers, json.loads(line), strict=True)}
                for line in body.splitlines()
            ]
        except (ValueError, TypeError, ArithmeticError, binascii.Error) as error:
            raise BackupBroken(f"{self._name} has a row of {table} that cannot be read") from error

    def _walk(self) -> Iterator[tuple[str, bytes]]:
        self._file.seek(0)
        try:
            with gzip.GzipFile(fileobj=self._file) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
                for info in tar:
                    known = info.name in (MANIFEST, *FILES) or _TABLE_PART.fullmatch(info.name)
                    if not info.isreg() or not known or info.size > _LARGEST_FILE:
                        raise BackupBroken(f"{self._name} is no backup of weiting: {info.name[:80]!r} has no place in one")
                    member = tar.extractfile(info)
                    yield info.name, member.read() if member else b""
                # to the end: the packing's own sum stands there
                while plain.read(_PART_BYTES):
                    pass
        except BackupBroken:
            raise
        except _BROKEN as error:
            raise BackupBroken(f"{self._name} is no whole backup of weiting: it is cut off, damaged or another kind of file") from error


def open_archive(path: Path) -> IO[bytes]:
    """Raises BackupBroken for what cannot be opened."""
    try:
        return path.open("rb")
    except OSError as error:
        raise BackupBroken(f"{path} cannot be read ({error.strerror})") from error


def _read_manifest(content: bytes, name: str) -> Manifest:
    try:
        table = json.loads(content)
        if table["format"] != FORMAT:
            raise BackupBroken(f"{name} was made by a newer weiting ({table['product']}); restore it with that one")
        shapes = {
            str(one): TableShape([(str(column), str(kind)) for column, kind in shape["columns"]], int(shape["rows"]))
            for one, shape in table["tables"].items()
        }
        members = {str(member): str(digest) for member, digest in table["members"].items()}
        if unknown := {kind for shape in shapes.values() for _, kind in shape.columns} - KINDS.keys():
            raise ValueError(f"unknown kinds: {unknown}")
        if {found[1] for member in members if (found := _TABLE_PART.fullmatch(member))} - shapes.keys():
            raise ValueError("rows of no table")
        product, revision, made_at, fingerprint = (str(table[key]) for key in ("product", "revision", "made_at", "fingerprint"))
        return Manifest(product, revision, made_at, fingerprint, shapes, members)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupBroken(f"{name} has a manifest that cannot be read") from error
