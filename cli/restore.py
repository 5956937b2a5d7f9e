"""`weiting restore`: a backup put back, into the same kind of database or another, whole or not at all.

The file is checked from end to end before anything is touched. A SQLite database is built beside the old one and takes its place at
the end; on PostgreSQL one transaction does everything. What was there before is kept aside: keys, SQLite file, or a backup of it.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Insert, MetaData, bindparam, cast, column, func, insert, inspect, select, text
from sqlalchemy import table as table_of
from sqlalchemy.exc import DBAPIError

from cli.archive import KINDS, ArchiveReader, BackupBroken, open_archive
from cli.backup import NOT_KEPT
from cli.deployment import Deployment
from cli.locks import only_core, only_one, sqlite_path
from cli.migrate import current, downgrade_within, head, is_known, upgrade_within
from cli.ownership import living_cores
from cli.restored_files import RestoredFiles
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault

_OF_NO_WEIGHT = NOT_KEPT | {"deployment", "desk_router_lease", "desk_log", "desk_event"}
"""Tables that a deployment nobody has used yet may have rows in."""


def restore(deployment: Deployment, file: Path, *, replace: bool = False) -> dict[str, object]:
    """Answers what was put back. Raises BackupBroken, SettingsError, StorageFault; then everything is as it was."""
    url = deployment.settings.database_url
    with open_archive(file) as opened, only_one(deployment.data), only_core(url):
        backup = ArchiveReader(opened, file.name)
        if not is_known(backup.manifest.revision):
            made = f"made by weiting {backup.manifest.product} (version {backup.manifest.revision} of the tables)"
            raise BackupBroken(f"{file.name} was {made}; this one knows up to {head()}: restore it with that weiting")
        try:
            with RestoredFiles(deployment, backup) as files:
                (_into_sqlite if sqlite_path(url) else _into_server)(deployment, backup, files, replace)
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise StorageFault(f"the database did not take the backup ({reason}); nothing was changed") from error
        rows = {name: shape.rows for name, shape in backup.manifest.tables.items()}
    return {
        "file": str(file),
        "made_at": backup.manifest.made_at,
        "revision": head(),
        "tables": len(rows),
        "rows": sum(rows.values()),
        "kept_aside": files.kept,
    }


def fill(connection: Connection, backup: ArchiveReader) -> None:
    """Makes the tables of the backup's version in an empty database, puts the rows in, and brings all to this version."""
    upgrade_within(connection, backup.manifest.revision)
    found = MetaData()
    found.reflect(connection)
    for name, shape in backup.manifest.tables.items():
        have = set(found.tables[name].columns.keys()) if name in found.tables else set()
        if have != {one for one, _ in shape.columns}:
            raise BackupBroken(f"the backup's table {name} is not the one of version {backup.manifest.revision}: made by another product?")
    for table in reversed(found.sorted_tables):
        if table.name not in NOT_KEPT:
            connection.execute(table.delete())
    counted = dict.fromkeys(backup.manifest.tables, 0)
    statements = {name: _insert(connection, name, shape.columns) for name, shape in backup.manifest.tables.items()}
    for name, body in backup.parts():
        if name in statements and (rows := backup.rows(name, body)):
            connection.execute(statements[name], [_storable(connection, row) for row in rows])
            counted[name] += len(rows)
    for name, shape in backup.manifest.tables.items():
        if counted[name] != shape.rows:
            raise BackupBroken(f"the backup has {counted[name]} rows of {name}, and its manifest says {shape.rows}")
    _set_sequences(connection, backup)
    upgrade_within(connection)


def _insert(connection: Connection, name: str, columns: list[tuple[str, str]]) -> Insert:
    bare = table_of(name, *(column(one, KINDS[kind].type) for one, kind in columns))
    values: dict[str, Any] = {}
    for one, kind in columns:
        value = bindparam(f"v_{one}", type_=KINDS[kind].type)
        values[one] = cast(value, JSON) if kind == "json" and connection.dialect.name == "postgresql" else value
    return insert(bare).values(values)


def _storable(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    # PostgreSQL has no place for the character NUL, SQLite has
    if connection.dialect.name != "postgresql" or not any(isinstance(value, str) and "\x00" in value for value in row.values()):
        return row
    return {name: value.replace("\x00", "\ufffd") if isinstance(value, str) else value for name, value in row.items()}


def _set_sequences(connection: Connection, backup: ArchiveReader) -> None:
    if connection.dialect.name != "postgresql":
        return
    for name, shape in backup.manifest.tables.items():
        for one, kind in shape.columns:
            sequence = kind == "int" and connection.execute(select(text("pg_get_serial_sequence(:t, :c)")), {"t": name, "c": one}).scalar()
            if sequence:
                bare = table_of(name, column(one))
                top = connection.execute(select(func.max(bare.c[one]))).scalar() or 0
                connection.execute(text("SELECT setval(:s, :v, false)"), {"s": sequence, "v": top + 1})


def _into_sqlite(deployment: Deployment, backup: ArchiveReader, files: RestoredFiles, replace: bool) -> None:
    path = sqlite_path(deployment.settings.database_url)
    assert path is not None  # noqa: S101 asked by the caller
    if not replace and path.exists() and path.stat().st_size:
        _refuse_rows(make_engine(deployment.settings.database_url))
    new = path.with_name(path.name + ".restoring")
    _unlink(new)
    try:
        engine = make_engine(f"sqlite:///{new}")
        try:
            with engine.execution_options(weiting_writes=True).begin() as connection:
                fill(connection, backup)
            with engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            engine.dispose()
        files.put()
        _take_place(new, path, files)
    finally:
        _unlink(new)


def _take_place(new: Path, path: Path, files: RestoredFiles) -> None:
    """The old file and its log go aside first: a log that lay beside the new file would be played into it."""
    for ending in ("-wal", "-shm", ""):
        old = path.with_name(path.name + ending)
        if old.exists():
            files.keep(old)
    new.replace(path)


def _into_server(deployment: Deployment, backup: ArchiveReader, files: RestoredFiles, replace: bool) -> None:
    engine = make_engine(deployment.settings.database_url)
    try:
        if cores := living_cores(engine):
            raise SettingsError("database_url", f"a core is serving this database ({cores[0]}); stop it first")
        if not replace:
            _refuse_rows(engine)
        elif _has_rows(engine):
            files.keep_copy(engine)
        with engine.begin() as connection:
            found = current(connection)
            if found is not None and not is_known(found):
                raise SettingsError("database_url", f"is of a newer weiting ({found}); empty it first, or restore with that one")
            if found is not None:
                downgrade_within(connection)
            fill(connection, backup)
            # the last step before the commit, taken back if that fails
            files.put()
    finally:
        engine.dispose()


def _refuse_rows(engine: Engine) -> None:
    try:
        if _has_rows(engine):
            raise SettingsError("--replace", "the database has rows already; give --replace to put the backup in their place")
    finally:
        engine.dispose()


def _has_rows(engine: Engine) -> bool:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - _OF_NO_WEIGHT
        return any(connection.execute(select(1).select_from(table_of(name)).limit(1)).first() for name in sorted(names))


def _unlink(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
