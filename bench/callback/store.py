"""The database that ours stores into, with all tables."""

from contextlib import ExitStack
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bench.callback.process import parent_of
from cli.migrate import upgrade
from runtime.database import make_engine
from tests.servers import run_postgres


def opened(which: str, folder: Path, stack: ExitStack) -> tuple[str, int]:
    """(address, PostgreSQL's first process or 0): `postgresql` is a new server with fsync as it comes, `sqlite` a new file, anything
    else the address of a database that is there. Raises CannotStart."""
    pid = 0
    if which == "sqlite":
        url = f"sqlite:///{folder / 'weiting.db'}"
    elif which == "postgresql":
        url = stack.enter_context(run_postgres(durable=True))
        pid = _server_of(url)
    else:
        url = which
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url, pid


def _server_of(url: str) -> int:
    """The parent of the process that serves a connection; it is on this machine."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        return parent_of(connection.info.backend_pid)
