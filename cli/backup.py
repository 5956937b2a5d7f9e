"""`weiting backup`: one moment of the whole database, and the keys that open it, as one file; also while everything runs."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, cast, column, select
from sqlalchemy import table as table_of
from sqlalchemy.exc import DBAPIError

from cli.archive import FILES, KINDS, ArchiveWriter, Manifest, kinds_of
from cli.deployment import Deployment
from cli.locks import sqlite_path
from cli.migrate import current
from cli.ownership import read_fingerprint
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault
from runtime.version import VERSION

NOT_KEPT = frozenset({"alembic_version", "core_process"})
"""The version stands in the manifest; who serves the database now is nobody's past."""
_AT_A_TIME = 500


def backup(deployment: Deployment, file: Path) -> dict[str, object]:
    """Writes `file` whole or not at all, for this user only; answers what is in it. Raises SettingsError, StorageFault, OSError."""
    if file.exists():
        raise SettingsError(str(file), "exists already; name another file")
    if not deployment.keys_file.exists():
        raise SettingsError(str(deployment.keys_file), "is missing: without the keys a backup could not be read")
    path = sqlite_path(deployment.settings.database_url)
    if path is not None and not path.exists():
        raise SettingsError("database_url", f"{path} does not exist: there is nothing to back up")
    engine = make_engine(deployment.settings.database_url)
    try:
        with _whole_or_not(file) as draft:
            manifest = write_archive(engine, deployment, draft)
    except DBAPIError as error:
        raise StorageFault(f"the database could not be read ({str(error.orig).strip()}); no backup was made") from error
    finally:
        engine.dispose()
    rows = sum(shape.rows for shape in manifest.tables.values())
    return {"file": str(file), "bytes": file.stat().st_size, "revision": manifest.revision, "tables": len(manifest.tables), "rows": rows}


def write_archive(engine: Engine, deployment: Deployment, file: IO[bytes], *, check_keys: bool = True) -> Manifest:
    """The database as it is at one moment, in one read transaction that holds up no writer."""
    options: dict[str, Any] = {"stream_results": True, "yield_per": _AT_A_TIME}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        revision = current(connection)
        if revision is None:
            raise SettingsError("database_url", "the database is empty: there is nothing to back up")
        manifest = Manifest(VERSION, revision, datetime.now(UTC).isoformat(timespec="seconds"), "")
        manifest.fingerprint = _fingerprint(connection, deployment) if check_keys else read_fingerprint(connection) or ""
        archive = ArchiveWriter(file, manifest)
        found = MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name not in NOT_KEPT:
                columns = kinds_of(table)
                archive.add_table(table.name, columns, _rows(connection, table, columns))
    for name in FILES:
        path = deployment.data / name
        if path.exists():
            archive.add(name, path.read_bytes())
    archive.finish()
    return manifest


def _fingerprint(connection: Connection, deployment: Deployment) -> str:
    """Raises SettingsError when the keys in the data folder do not open this database: such a backup would be worth nothing."""
    mine, kept = deployment.keyring().fingerprint, read_fingerprint(connection)
    if kept is not None and kept != mine:
        raise SettingsError(str(deployment.keys_file), "holds other keys than the database was written with; put the right ones back first")
    return mine


def _rows(connection: Connection, table: Table, columns: list[tuple[str, str]]) -> Iterator[Sequence[Any]]:
    # bare columns: JSON comes as the text it is stored as, so that nothing is lost between two writings of it
    bare = table_of(table.name, *(column(name, KINDS[kind].type) for name, kind in columns))
    wanted = [cast(bare.c[name], Text) if kind == "json" else bare.c[name] for name, kind in columns]
    for batch in connection.execute(select(*wanted)).partitions():
        yield from batch


@contextlib.contextmanager
def _whole_or_not(file: Path) -> Iterator[IO[bytes]]:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        # link, not rename: a file that has come there meanwhile is not overwritten
        os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)
