"""Who may work on a deployment now: one supervisor a data folder, one core a SQLite file. Locks end with their process."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from runtime.errors import SettingsError


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """The data folder is this process's. Raises SettingsError when another has it."""
    mend = f"another weiting is running on {data}; stop it or name another folder with --data"
    with _locked(data / "weiting.lock", SettingsError("data_dir", mend)):
        yield


@contextlib.contextmanager
def only_core(database_url: str) -> Iterator[None]:
    """A SQLite file has one core; on PostgreSQL any number serve. Raises SettingsError."""
    path = sqlite_path(database_url)
    if path is None:
        yield
        return
    mend = f"another core is serving {path}; stop it, name another database, or use PostgreSQL, which takes several"
    with _locked(path.with_name(path.name + ".lock"), SettingsError("database_url", mend)):
        yield


def is_running(data: Path) -> bool:
    """Whether a supervisor has that folder now."""
    try:
        with only_one(data):
            return False
    except SettingsError:
        return True


def sqlite_path(database_url: str) -> Path | None:
    """The file of a SQLite database; None for a server."""
    url = make_url(database_url)
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


@contextlib.contextmanager
def _locked(path: Path, taken: SettingsError) -> Iterator[None]:
    try:
        file = path.open("a")
    except OSError as error:
        raise SettingsError(str(path), f"cannot be written ({error.strerror}); mend the folder's rights or name another") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise taken from error
        yield
