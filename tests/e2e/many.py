"""Two cores and two bots on one PostgreSQL and one Redis, and what stands before them: a balancer that gives each core its turn."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import requests

from chaos.checks.registry import MUST_BE_NONE
from chaos.evidence import Evidence, Finding
from chaos.logbook import Logbook
from chaos.people import write_people
from chaos.tables import count_unrest, read_evidence
from tests.e2e.driver import ROOT, WEITING, Running, free_base

AGENTS = "oAGENTS"
CROSSING = timedelta(milliseconds=150)
LEASE_S, ROUTER_LEASE_S, SWEEP_S = 4.0, 4.0, 0.5
_CONFIG = """
database_url = "{database}"
redis_url = "{redis}"
bot_urls = [{bots}]
shared_secret = "a secret of the test"
[tuning]
lease_s = {lease}
router_lease_s = {router}
sweep_s = {sweep}
[sms]
url = "{sandbox}/sms/send"
token = "sms-token"
[[account]]
key = "demo"
industry = "carrier"
app_id = "wxmany00000000000a"
secret = "secret-of-the-sandbox"
token = "weitingmany"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ghid = "gh_many"
api_base = "{sandbox}"
"""


class Balancer:
    """Takes callbacks and hands them to the cores in turn; a core that cannot be reached is passed over, as nginx does."""

    def __init__(self, backends: Sequence[str]) -> None:
        self.taken: dict[str, int] = dict.fromkeys(backends, 0)
        self._turn = itertools.count()
        balancer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                balancer.pass_on(self)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers["Content-Length"]))
        backends = list(self.taken)
        start = next(self._turn) % len(backends)
        for backend in (*backends[start:], *backends[:start]):
            try:
                answer = requests.post(backend + asked.path, data=body, timeout=(0.5, 30))
            except requests.exceptions.ConnectionError as error:
                if "refused" in str(error):
                    continue
                # it died with the message in its hands: whether it was stored nobody knows, WeChat asks again
                asked.close_connection = True
                return
            self.taken[backend] += 1
            # who asked may have given up meanwhile
            with contextlib.suppress(ConnectionError):
                asked.send_response(answer.status_code)
                asked.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
                asked.send_header("Content-Length", str(len(answer.content)))
                asked.end_headers()
                asked.wfile.write(answer.content)
            return
        asked.send_error(502)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Part:
    """One process, ended by its own handle."""

    name: str
    argv: list[str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEITING_")}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.argv, cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=out)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """As a power cut does."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait_ready(self, url: str, within_s: float = 60.0) -> None:
        assert self.process is not None
        until = time.monotonic() + within_s
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(requests.exceptions.RequestException):
                if requests.get(url, timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{self.name} is not ready: {self.log.read_text(errors='replace')[-2000:]}")


@dataclass
class Many(Running):
    """`base` is the first core's; the sandbox sits at its +2. `cores` and `bots` are its parts."""

    database: str = ""
    redis: str = ""
    other: int = 0
    cores: list[Part] = field(default_factory=list)
    bots: list[Part] = field(default_factory=list)
    sandbox_part: Part | None = None
    balancer: Balancer | None = None
    openids: tuple[str, ...] = ()

    @property
    def bases(self) -> tuple[int, int]:
        return self.base, self.other

    def begin(self, people: int) -> None:
        """Everything is up when this returns; the first core leads the router."""
        self.data.mkdir(parents=True)
        self.balancer = Balancer([f"http://127.0.0.1:{base}" for base in self.bases])
        sandbox = f"http://127.0.0.1:{self.base + 2}"
        bots = ", ".join(f'"http://127.0.0.1:{base + 4}"' for base in self.bases)
        assert self.config is not None
        self.config.write_text(
            _CONFIG.format(
                database=self.database, redis=self.redis, bots=bots, sandbox=sandbox, lease=LEASE_S, router=ROUTER_LEASE_S, sweep=SWEEP_S
            ),
            encoding="utf-8",
        )
        self._run("migrate", "--data", str(self.data))
        self._run("train", "--data", str(self.data))
        shutil.copytree(self.data, self._folder(1))
        write_people(self.data / "people.yml", people)
        self._run("sandbox", "load", str(self.data / "people.yml"), "--data", str(self.data), "--ports", str(self.base))
        self._start_sandbox(sandbox)
        self.bots = [self._part(f"bot-{index}", "serve", "bot", index) for index in range(2)]
        # the first core is alone for a moment, and leads the router
        for index in range(2):
            self.cores.append(self._part(f"core-{index}", "serve", "core", index))
            self.wait_core(index)
        for bot, base in zip(self.bots, self.bases, strict=True):
            bot.wait_ready(f"http://127.0.0.1:{base + 4}/status")

    def wait_core(self, index: int) -> None:
        self.cores[index].wait_ready(f"http://127.0.0.1:{self.bases[index]}/healthz")

    def end(self) -> None:
        for part in (*self.cores, *self.bots, *([self.sandbox_part] if self.sandbox_part else [])):
            part.stop()
        if self.balancer is not None:
            self.balancer.close()

    def call(self, core: int, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """The staff API of one core."""
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"http://127.0.0.1:{self.bases[core] + 1}/api/v1{path}", json=body, headers=headers, timeout=20)

    def come_to_rest(self, within_s: float = 60.0) -> float:
        """Until nothing is under way, seen twice; answers the seconds it took."""
        began, calm = time.monotonic(), 0
        while calm < 2:
            assert time.monotonic() - began < within_s, f"no rest within {within_s} s"
            calm = calm + 1 if count_unrest(self.database) == 0 else 0
            time.sleep(0.3)
        return time.monotonic() - began

    def evidence(self) -> Evidence:
        """The sandbox's log and the tables."""
        return asyncio.run(self._read())

    async def _read(self) -> Evidence:
        async with aiohttp.ClientSession() as session:
            book = Logbook(session, f"http://127.0.0.1:{self.base + 2}")
            await book.read_on()
            await book.read_chats(self.openids)
        assert book.holes == 0
        return read_evidence(self.database, self.data, book)

    def _run(self, *argv: str) -> None:
        done = subprocess.run(
            [*WEITING, *argv, *self._config()], cwd=ROOT, env=self._env(), capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr

    def _folder(self, index: int) -> Path:
        return self.data if index == 0 else self.data.with_name(f"{self.data.name}-{index}")

    def _part(self, name: str, verb: str, what: str, index: int) -> Part:
        places = ["--data", str(self._folder(index)), "--ports", str(self.bases[index])]
        part = Part(name, [*WEITING, verb, what, *places, *self._config()], self.data.parent / f"{name}.log")
        part.start()
        return part

    def _start_sandbox(self, url: str) -> None:
        assert self.balancer is not None
        account = {
            "key": "demo", "name": "微厅", "app_id": "wxmany00000000000a", "secret": "secret-of-the-sandbox", "token": "weitingmany",
            "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "mode": "safe", "ghid": "gh_many",
            "callback_url": f"{self.balancer.url}/wechat/demo",
        }  # fmt: skip
        config = {"host": "127.0.0.1", "port": self.base + 2, "sms_token": "sms-token", "accounts": [account], "people": []}
        path = self.data.parent / "sandbox.json"
        path.write_text(json.dumps(config))
        self.sandbox_part = Part(
            "sandbox", [sys.executable, "-m", "sandbox", "--config", str(path)], self.data.parent / "sandbox.log"
        )
        self.sandbox_part.start()
        self.sandbox_part.wait_ready(f"{url}/api/clock")


def wrongs(evidence: Evidence) -> dict[str, list[Any]]:
    """What must not be, by check; empty for a run as it should be."""
    found = {name: [one for one in check(evidence) if not _crossed(one, evidence)] for name, check in MUST_BE_NONE}
    return {name: findings for name, findings in found.items() if findings}


def _crossed(finding: Finding, evidence: Evidence) -> bool:
    """Answers to two callbacks that two cores gave in the same moment: they left in order, and the wire need not keep it."""
    numbers = [int(number) for number in re.findall(r"on line (\d+)", finding.what)]
    if finding.kind != "out_of_order" or len(numbers) != 2:
        return False
    lines = [one for one in evidence.chats[finding.openid] if one.n in numbers]
    return all(one.kind == "passive" for one in lines) and abs(lines[0].at - lines[-1].at) < CROSSING


@contextlib.contextmanager
def running_many(folder: Path, database: str, redis: str, people: int) -> Iterator[Many]:
    """Started, and stopped at the end."""
    many = Many(folder / "data", free_base(), folder / "weiting.toml", database=database, redis=redis, other=free_base())
    many.openids = (*(f"oCHAOS{index:04d}" for index in range(people)), AGENTS)
    try:
        many.begin(people)
        yield many
    finally:
        many.end()
