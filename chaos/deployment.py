"""A `weiting up` of its own: temporary folder, free ports on loopback, stopped by its handle."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from chaos.processes import find_parts

ROOT = Path(__file__).resolve().parent.parent
_START_WITHIN_S = 240.0
_STOP_WITHIN_S = 40.0
_FIND_WITHIN_S = 10.0
LEASE_S = 10.0
"""The lanes' lease in these deployments: short, so that a pause can outlast it."""
_CONFIG = f"""
[tuning]
lease_s = {LEASE_S:.0f}

[[account]]
key = "demo"
name = "微厅演示营业厅"
industry = "carrier"
app_id = "wxchaos000000000aa"
secret = "secret-of-the-sandbox"
token = "weitingchaos"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
api_base = "sandbox"
"""


class StartFailed(Exception):
    """`weiting up` ended before it was ready; the message carries what it said."""


class Deployment:
    """Implements chaos.faults.Target. `async with` starts and stops it."""

    def __init__(self, folder: Path, *, bots: int = 1, database_url: str | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "weiting.toml"
        self.database_url = database_url or f"sqlite:///{self.data / 'weiting.db'}"
        self.ready: dict[str, Any] = {}
        self._given_url = database_url
        self._bots = bots
        self._base = free_base(5 + bots)
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._paused: dict[str, int] = {}

    async def __aenter__(self) -> "Deployment":
        self.data.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"bots = {self._bots}\n{_CONFIG}", encoding="utf-8")
        with (self.folder / "up.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv("up", "--data", str(self.data), "--ports", str(self._base)),
                cwd=ROOT, env=self._env(), stdout=asyncio.subprocess.PIPE, stderr=log, limit=1 << 20,
            )  # fmt: skip
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        try:
            assert self._process.stdout is not None  # noqa: S101
            line = await asyncio.wait_for(self._process.stdout.readline(), _START_WITHIN_S)
            if not line:
                raise StartFailed((self.folder / "up.log").read_text(errors="replace")[-2000:])
            self.ready = json.loads(line)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stop()

    @property
    def sandbox_url(self) -> str:
        return str(self.ready["sandbox"])

    @property
    def staff_url(self) -> str:
        return str(self.ready["staff"])

    @property
    def session(self) -> aiohttp.ClientSession:
        """For calls of the harness."""
        assert self._session is not None  # noqa: S101
        return self._session

    async def command(self, *argv: str) -> str:
        """Another `weiting …` on this deployment; its standard output. Raises StartFailed."""
        process = await asyncio.create_subprocess_exec(
            *self._argv(*argv, "--data", str(self.data)), cwd=ROOT, env=self._env(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        if process.returncode:
            raise StartFailed(f"weiting {argv[0]}: {err.decode(errors='replace')[-1000:]}")
        return out.decode()

    async def add_agent(self, login: str) -> str:
        """A token for the staff API."""
        return str(json.loads(await self.command("staff", "add", login, "--name", login, "--token"))["token"])

    async def load_people(self, file: Path) -> None:
        """`weiting sandbox load`."""
        await self.command("sandbox", "load", str(file), "--ports", str(self._base))

    async def signal(self, part: str, number: int) -> None:
        pid = self._paused.pop(part, None) if number == signal.SIGCONT else await self._find(part)
        if pid is None:
            raise StartFailed(f"no process plays {part}")
        if number == signal.SIGSTOP:
            self._paused[part] = pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    async def order(self, body: Mapping[str, Any]) -> None:
        async with self.session.post(f"{self.sandbox_url}/api/faults", json=dict(body)) as answer:
            answer.raise_for_status()

    async def drop_connections(self) -> None:
        if self._given_url is None:
            raise StartFailed("there is no database server to lose")
        url = self._given_url.replace("postgresql+psycopg://", "postgresql://", 1)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    async def _find(self, part: str) -> int | None:
        assert self._process is not None  # noqa: S101
        for _ in range(int(_FIND_WITHIN_S / 0.1)):
            pids = find_parts(self._process.pid).get(part)
            if pids:
                return min(pids)
            await asyncio.sleep(0.1)
        return None

    async def _stop(self) -> None:
        for pid in self._paused.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._paused.clear()
        if self._session is not None:
            await self._session.close()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _argv(self, *argv: str) -> list[str]:
        return [sys.executable, "-m", "cli.main", *argv, "--config", str(self.config)]

    def _env(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("WEITING_")} | {"PYTHONPATH": str(ROOT)}
        return env | ({"WEITING_DATABASE_URL": self._given_url} if self._given_url else {})


def free_base(count: int) -> int:
    """The first of `count` free ports in a row."""
    for _ in range(200):
        base = random.randrange(20_000, 32_000)  # noqa: S311
        with contextlib.suppress(OSError):
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
    raise StartFailed("no free ports")
