"""The database's tables, brought to this version's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cli.deployment import ROOT, Deployment
from cli.ownership import claim_database
from cli.sqlite_file import check_file
from runtime.database import make_engine
from runtime.errors import SettingsError, StorageFault

MIGRATIONS = ROOT / "migrations"
_ONE_AT_A_TIME = 7_365_209_441
"""The name of PostgreSQL's advisory lock: two processes that start together migrate one after the other."""


def migrate(deployment: Deployment) -> None:
    """Forward to the newest version, all or nothing. Raises StorageFault; SettingsError when the database is another deployment's."""
    check_file(deployment.settings.database_url)
    engine = make_engine(deployment.settings.database_url)
    try:
        upgrade(engine)
        claim_database(engine, deployment)
    except DBAPIError as error:
        raise StorageFault(f"the database could not be brought to this version; it is as it was ({_why(error)})") from error
    finally:
        engine.dispose()


def check_database(deployment: Deployment) -> None:
    """For a process that migrates nothing itself. Raises SettingsError, StorageFault."""
    engine = make_engine(deployment.settings.database_url)
    try:
        with engine.connect() as connection:
            found = current(connection)
        if found != head():
            raise SettingsError("database_url", f"the database is at version {found or 'none'}, not {head()}; run `weiting migrate` first")
        claim_database(engine, deployment)
    except DBAPIError as error:
        raise StorageFault(f"the database does not answer ({_why(error)})") from error
    finally:
        engine.dispose()


def upgrade(engine: Engine, revision: str = "head", scripts: Path = MIGRATIONS) -> None:
    """One transaction for all steps."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        upgrade_within(connection, revision, scripts)


def upgrade_within(connection: Connection, revision: str = "head", scripts: Path = MIGRATIONS) -> None:
    """The same in a transaction of the caller's. Raises SettingsError for a database of a newer version."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _ONE_AT_A_TIME})
    found = current(connection)
    if found is not None and not is_known(found, scripts):
        raise SettingsError("database_url", f"the database is of a newer weiting ({found}); run that one, or restore a backup of this one")
    command.upgrade(_config(connection, scripts), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Back, for those who test a release."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        downgrade_within(connection, revision)


def downgrade_within(connection: Connection, revision: str = "base") -> None:
    """The same in a transaction of the caller's."""
    command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """The version a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The version this product makes."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def is_known(revision: str, scripts: Path = MIGRATIONS) -> bool:
    """Whether this product has the steps to and from that version."""
    try:
        return ScriptDirectory(str(scripts)).get_revision(revision) is not None
    except CommandError:
        return False


def write_migration(engine: Engine, message: str) -> None:
    """For developers: what the tables have become since the newest version, as a file in migrations/versions."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{_count() + 1:04d}")


def _why(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _count() -> int:
    return len(list((MIGRATIONS / "versions").glob("*.py")))


def _config(connection: object, scripts: Path = MIGRATIONS) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    return config
