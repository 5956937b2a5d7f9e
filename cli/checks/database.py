"""The database: there, whole, of this version, this deployment's, and agreeing about the time."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from cli.checks.finding import Finding, bad, ok, warn
from cli.deployment import Deployment
from cli.locks import sqlite_path
from cli.migrate import current, head, is_known
from cli.ownership import read_fingerprint
from cli.sqlite_file import check_file
from runtime.database import make_engine
from runtime.errors import StorageFault
from runtime.tables import core_process, deployment

_OFF_S = 5.0
_FAR_OFF_S = 60.0


async def check_database(owner: Deployment) -> Iterable[Finding]:
    """Every look that the database allows; stops at the first that makes the others idle."""
    return await asyncio.to_thread(lambda: list(_database(owner)))


def _database(owner: Deployment) -> Iterator[Finding]:
    path = sqlite_path(owner.settings.database_url)
    if path is not None and not path.exists():
        yield ok("database", f"{path} is not there yet; the first start makes it")
        return
    try:
        check_file(owner.settings.database_url, whole=True)
    except StorageFault as fault:
        yield bad("database", str(fault), "stop the deployment and restore a backup")
        return
    engine = make_engine(owner.settings.database_url)
    try:
        yield from _look(engine, owner)
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        yield bad("database", f"it does not answer ({reason})", "see that it runs and that database_url is right")
    finally:
        engine.dispose()


def _look(engine: Engine, owner: Deployment) -> Iterator[Finding]:
    with engine.connect() as connection:
        where = "SQLite, whole" if engine.dialect.name == "sqlite" else f"PostgreSQL {connection.dialect.server_version_info}"
        yield ok("database", f"answers ({where})")
        yield _revision(connection)
        if inspect(connection).has_table(deployment.name):
            yield _whose(connection, owner)
            yield from _cores(connection, owner)
        if engine.dialect.name != "sqlite":
            yield _time(connection)


def _revision(connection: Connection) -> Finding:
    found = current(connection)
    if found == head():
        return ok("database version", f"{found}, as this weiting needs it")
    if found is None:
        return warn("database version", "no tables yet", "`weiting up` makes them; before `weiting serve core` run `weiting migrate`")
    if is_known(found):
        mend = "take a backup, then run `weiting migrate` (`up` does it itself)"
        return warn("database version", f"{found}; this weiting needs {head()}", mend)
    return bad("database version", f"{found}, newer than this weiting ({head()})", "run that one, or restore a backup")


def _whose(connection: Connection, owner: Deployment) -> Finding:
    kept = read_fingerprint(connection)
    if kept is None:
        return ok("whose database", "nobody's yet")
    if not owner.keys_file.exists():
        return bad("whose database", "it was written with keys that are not in the data folder", "put keys.json back from a backup")
    if owner.keyring().fingerprint != kept:
        return bad("whose database", "it was written with other keys than those in the data folder",
                   "put the right keys.json back, or name another database_url if this is another deployment's")
    return ok("whose database", "written with the keys in the data folder")


def _cores(connection: Connection, owner: Deployment) -> Iterator[Finding]:
    mine = sorted(one.key for one in owner.settings.accounts)
    for row in connection.execute(select(core_process)):
        if sorted(row.accounts) != mine:
            yield warn("cores", f"{row.host}:{row.data_dir} serves other accounts", "give all cores the same weiting.toml")


def _time(connection: Connection) -> Finding:
    moment = connection.execute(select(func.clock_timestamp())).scalar()
    off = abs((datetime.now(UTC) - moment).total_seconds()) if isinstance(moment, datetime) else 0.0
    said = f"this machine and the database are {off:.1f} s apart"
    if off > _FAR_OFF_S:
        return bad("clock", said, "let both keep time by NTP")
    return warn("clock", said, "let both keep time by NTP") if off > _OFF_S else ok("clock", said)
