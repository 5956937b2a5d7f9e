"""Deployments in a folder, and a PostgreSQL of this test run when the machine has one."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.deployment import Deployment, load_deployment
from tests.e2e.driver import ROOT

Make = Callable[..., Deployment]


@pytest.fixture
def make_deployment(tmp_path: Path) -> Make:
    """A deployment of weiting.toml on a folder of its own; `database` names another place for its tables."""

    def make(name: str = "a", database: str | None = None, ports: int | None = None) -> Deployment:
        environ = {"WEITING_DATABASE_URL": database} if database else {}
        return load_deployment(ROOT / "weiting.toml", tmp_path / name, ports, environ)

    return make


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """Makes an empty database of that name and answers its address."""
    tools = _tools()
    if tools is None:
        pytest.skip("PostgreSQL's initdb is not on this machine")
    # a socket's path may be at most 107 bytes long
    folder = Path(tempfile.mkdtemp(prefix="weiting-pg-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(*argv: str) -> None:
        subprocess.run(argv, user=user, cwd="/", check=True, capture_output=True)

    run(str(tools / "initdb"), "-D", str(folder / "data"), "-U", "weiting", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    server = [str(tools / "pg_ctl"), "-D", str(folder / "data")]
    run(*server, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:

        def make(name: str) -> str:
            run(str(tools / "createdb"), "-h", str(folder), "-U", "weiting", name)
            return f"postgresql+psycopg://weiting@/{name}?host={folder}"

        yield make
    finally:
        run(*server, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _tools() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None
