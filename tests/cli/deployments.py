"""Deployments with something in them, and looks at what they hold."""

import tarfile
from pathlib import Path
from typing import Any

from cli.deployment import Deployment
from cli.migrate import migrate
from runtime.database import make_engine
from tests.cli.rows import fill_tables, read_tables


def filled(deployment: Deployment, count: int = 7) -> Deployment:
    """A migrated deployment with `count` rows in every table."""
    migrate(deployment)
    engine = make_engine(deployment.settings.database_url)
    fill_tables(engine, count)
    engine.dispose()
    return deployment


def tables_of(deployment: Deployment) -> dict[str, list[tuple[Any, ...]]]:
    """All its rows."""
    engine = make_engine(deployment.settings.database_url)
    with engine.connect() as connection:
        found = read_tables(connection)
    engine.dispose()
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, locks aside."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"} if folder.exists() else {}


def members_of(file: Path) -> dict[str, bytes]:
    """What is in a backup."""
    with tarfile.open(file) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
