"""A SQLite file looked at before it is opened for work: cut off or damaged is said at the start, not in the middle of a day."""

import contextlib
import sqlite3
from pathlib import Path

from cli.locks import sqlite_path
from runtime.errors import StorageFault

_QUICK_UP_TO = 64 * 1024 * 1024
_MEND = "restore a backup over it (weiting restore FILE --replace keeps the damaged one aside)"


def check_file(database_url: str, *, whole: bool = False) -> None:
    """Raises StorageFault for a file that is no database, is cut off or damaged. Large ones are read through only when `whole`."""
    path = sqlite_path(database_url)
    if path is None or not path.exists() or path.stat().st_size == 0:
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if whole or path.stat().st_size <= _QUICK_UP_TO else "ok"
    except sqlite3.OperationalError as error:
        raise StorageFault(f"{path} cannot be opened ({error})") from error
    except sqlite3.DatabaseError as error:
        raise StorageFault(f"{path} is damaged ({error}): {_MEND}") from error
    if found != "ok":
        raise StorageFault(f"{path} is damaged ({found}): {_MEND}")
    if not _has_log(path) and path.stat().st_size < pages * size:
        raise StorageFault(f"{path} is cut off ({path.stat().st_size} of {pages * size} bytes): {_MEND}")


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0
