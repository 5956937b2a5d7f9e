"""The database's tables, brought to this version's."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from cli.deployment import ROOT, Deployment
from runtime.database import make_engine
from runtime.errors import StorageFault


def migrate(deployment: Deployment) -> None:
    """Forward to the newest version, all or nothing. Raises StorageFault."""
    engine = make_engine(deployment.settings.database_url)
    try:
        upgrade(engine)
    except DBAPIError as error:
        raise StorageFault(f"the database could not be brought to this version: {error.orig}") from error
    finally:
        engine.dispose()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """One transaction for all steps."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Back, for those who test a release."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        command.downgrade(_config(connection), revision)


def write_migration(engine: Engine, message: str) -> None:
    """For developers: what the tables have become since the newest version, as a file in migrations/versions."""
    with engine.execution_options(weiting_writes=True).begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{_count() + 1:04d}")


def _count() -> int:
    return len(list((ROOT / "migrations" / "versions").glob("*.py")))


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config
