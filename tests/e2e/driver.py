"""A running `weiting up`, driven as a stranger's script would: the sandbox's door, the staff API, raw callbacks."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
WEITING = [sys.executable, "-m", "cli.main"]
T = TypeVar("T")
START_WITHIN_S = 240.0


def free_base(count: int = 8) -> int:
    """The first of `count` free ports in a row, below those that the system gives to outgoing connections."""
    for _ in range(200):
        base = random.randrange(20_000, 32_000)
        try:
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


@dataclass
class Running:
    """One deployment under test; `stop` ends it by its own handle."""

    data: Path
    base: int
    config: Path | None = None
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    ready: dict[str, Any] = field(default_factory=dict)

    def start(self, *options: str) -> "Running":
        argv = [*WEITING, "up", "--data", str(self.data), "--ports", str(self.base), *self._config(), *options]
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "up.err").open("a") as errors:
            self.process = subprocess.Popen(argv, cwd=ROOT, env=self._env(), stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        timer_ends = time.monotonic() + START_WITHIN_S
        line = self.process.stdout.readline()
        if not line or time.monotonic() > timer_ends:
            raise AssertionError(f"weiting up said nothing: {(self.data / 'up.err').read_text()[-2000:]}")
        self.ready = json.loads(line)
        return self

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(40)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def command(self, *argv: str, input_text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Another `weiting …` on the same deployment."""
        options = ["--data", str(self.data)] if argv[0] in {"staff", "sandbox"} else []
        if argv[0] == "sandbox":
            options += ["--ports", str(self.base)]
        return subprocess.run(
            [*WEITING, *argv, *options, *self._config()],
            cwd=ROOT, env=self._env(), input=input_text, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip

    def _config(self) -> list[str]:
        return ["--config", str(self.config)] if self.config else []

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEITING_")}
        return kept | {"PYTHONPATH": str(ROOT)} | self.env

    # the subscriber

    def say(self, openid: str, text: str, account: str = "demo", **more: Any) -> dict[str, Any]:
        """Writes and waits until WeChat has its answer or acknowledgement."""
        return self.sandbox("POST", "/api/say", {"account": account, "openid": openid, "text": text, "wait": True, **more})

    def ask(self, openid: str, text: str, account: str = "demo", within_s: float = 15.0) -> str:
        """Writes and answers the first thing that comes back."""
        said = self.say(openid, text, account)
        return self.next_line(openid, said["n"], account, within_s)["text"]  # type: ignore[no-any-return]

    def next_line(self, openid: str, after: int, account: str = "demo", within_s: float = 15.0) -> dict[str, Any]:
        """The first line of the account after number `after`."""

        def look() -> dict[str, Any] | None:
            return next((one for one in self.chat(openid, after, account) if one["from"] == "account"), None)

        return self.until(look, within_s, f"an answer to {openid}")

    def chat(self, openid: str, after: int = 0, account: str = "demo") -> list[dict[str, Any]]:
        return self.sandbox("GET", f"/api/chat/{openid}?after={after}&account={account}")["messages"]  # type: ignore[no-any-return]

    def last_code(self, phone: str, after: int = 0) -> str:
        """The six digits of the newest SMS."""

        def look() -> str | None:
            messages = self.sandbox("GET", f"/api/sms/{phone}?after={after}")["messages"]
            digits = [part for one in messages for part in _numbers(one["text"]) if len(part) == 6]
            return digits[-1] if digits else None

        return self.until(look, 10.0, f"an SMS to {phone}")

    def sandbox(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(method, f"http://127.0.0.1:{self.base + 2}{path}", json=body, timeout=60)
        assert answer.status_code < 400, answer.text
        return answer.json()  # type: ignore[no-any-return]

    # the staff

    def add_staff(self, login: str, *options: str) -> dict[str, Any]:
        done = self.command("staff", "add", login, "--token", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def staff(self, token: str, method: str, path: str, body: dict[str, Any] | None = None, *, ok: bool = True) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, f"http://127.0.0.1:{self.base + 1}/api/v1{path}", json=body, headers=headers, timeout=20)
        if ok:
            assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
            return answer.json() if answer.content else None
        return answer

    def waiting(self, token: str, within_s: float = 15.0) -> dict[str, Any]:
        """The first in the queue, waiting or on offer."""

        def look() -> dict[str, Any] | None:
            queue = self.staff(token, "GET", "/queue")
            rows = [*queue["waiting"], *(offer["waiting"] for offer in queue["offers"])]
            return rows[0] if rows else None

        return self.until(look, within_s, "someone in the queue")

    @staticmethod
    def until(look: Callable[[], T | None], within_s: float, what: str) -> T:
        """Polls; a deadline of the test's patience, not a figure."""
        ends = time.monotonic() + within_s
        while time.monotonic() < ends:
            found = look()
            if found is not None:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{what}: not within {within_s} s")


def _numbers(text: str) -> list[str]:
    return "".join(one if one.isdigit() else " " for one in text).split()
