"""What a newcomer's machine goes through: a fresh clone in a new folder, no caches, an empty home, `make setup`, `make run`.

Then a question is asked as a subscriber, and one is handed over and answered as an agent, over the same doors that pages use.
Standard library only. Prints one JSON line with the seconds of each step; exit 0 only when all of it worked in time.
"""

from __future__ import annotations

import argparse
import contextlib
import http.cookiejar
import json
import os
import queue
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# what says where packages come from and which certificates to trust is the machine's, all else is left behind
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYENV_ROOT", "WEITING_PYTHON310", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
KEPT_STARTS = ("PIP_", "UV_", "NPM_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
CACHES = {"UV_CACHE_DIR", "PIP_CACHE_DIR", "NPM_CONFIG_CACHE", "UV_PYTHON_INSTALL_DIR", "UV_PROJECT_ENVIRONMENT"}


class Failed(Exception):
    """One sentence: which step did not work."""


def main() -> int:
    parser = argparse.ArgumentParser(description="a fresh clone, empty caches, and one conversation")
    parser.add_argument("--within", type=float, default=360.0, help="seconds for all of it")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="weiting-clean-"))
    watch = Watch(options.within)
    try:
        run_all(folder, watch)
        say("it works on a clean machine")
        return 0
    except (Failed, OSError, ValueError, subprocess.SubprocessError) as error:
        say(f"not on a clean machine: {error}")
        return 1
    finally:
        sys.stdout.write(json.dumps(watch.seconds) + "\n")
        sys.stdout.flush()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


class Watch:
    """The seconds of each step, and how many are left."""

    def __init__(self, within: float) -> None:
        self._began = time.monotonic()
        self._within = within
        self.seconds: dict[str, float] = {}

    @property
    def left(self) -> float:
        left = self._began + self._within - time.monotonic()
        if left <= 0:
            raise Failed(f"it took longer than {self._within:.0f} s")
        return left

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)
            self.seconds["all"] = round(time.monotonic() - self._began, 1)
        say(f"{name}: {self.seconds[name]} s")


def run_all(folder: Path, watch: Watch) -> None:
    """Every step in its order. Raises Failed."""
    clone, base = folder / "weiting", free_base()
    env = clean_environment(folder) | {"WEITING_BASE_PORT": str(base)}
    with watch.step("clone"):
        run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)], folder, env, watch)
    with watch.step("setup"):
        run(["make", "setup"], clone, env, watch)
    with contextlib.ExitStack() as stack:
        with watch.step("run"):
            ready = stack.enter_context(running(["make", "run"], clone, env, watch))
        sandbox, staff = ready["sandbox"], ready["staff"]
        with watch.step("question"):
            answer = ask(sandbox, "oCLEANMACHINE", "你能做什么", watch)
            if not answer.strip():
                raise Failed("a subscriber's question got an empty answer")
        with watch.step("handoff"):
            hand_over(sandbox, staff, clone, watch)
        with watch.step("stop"):
            stack.close()


def clean_environment(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment of a user who has just been made, on this machine."""
    home = Path(environ.get("HOME", "/nonexistent"))
    env = {name: value for name, value in environ.items() if name in KEPT or name.upper().startswith(KEPT_STARTS)}
    env = {name: value for name, value in env.items() if name.upper() not in CACHES}
    # where the machine says which index to use
    for name, places in (
        ("PIP_CONFIG_FILE", (".config/pip/pip.conf", ".pip/pip.conf")),
        ("UV_CONFIG_FILE", (".config/uv/uv.toml",)),
        ("NPM_CONFIG_USERCONFIG", (".npmrc",)),
        ("PYENV_ROOT", (".pyenv",)),
    ):
        found = next((home / place for place in places if (home / place).exists()), None)
        if found is not None:
            env.setdefault(name, str(found))
    # tools of this checkout are not the machine's
    env["PATH"] = os.pathsep.join(part for part in env.get("PATH", os.defpath).split(os.pathsep) if not part.startswith(str(ROOT)))
    new_home = folder / "home"
    new_home.mkdir()
    return env | {
        "HOME": str(new_home),
        "UV_CACHE_DIR": str(folder / "uv"),
        "PIP_CACHE_DIR": str(folder / "pip"),
        "NPM_CONFIG_CACHE": str(folder / "npm"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def run(argv: list[str], cwd: Path, env: dict[str, str], watch: Watch) -> None:
    """Its output goes to standard error. Raises Failed."""
    with subprocess.Popen(  # noqa: S603
        argv, cwd=cwd, env=env, stdout=sys.stderr, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            code = process.wait(watch.left)
        except (subprocess.TimeoutExpired, Failed):
            end(process)
            raise Failed(f"`{' '.join(argv)}` took too long") from None
    if code:
        raise Failed(f"`{' '.join(argv)}` ended with {code}")


@contextlib.contextmanager
def running(argv: list[str], cwd: Path, env: dict[str, str], watch: Watch) -> Iterator[dict[str, Any]]:
    """Until it says that it is ready; stopped at the end by its own handle. Raises Failed."""
    process = subprocess.Popen(  # noqa: S603
        argv, cwd=cwd, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True, text=True
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=pass_on, args=(process, lines), daemon=True).start()
    try:
        yield first_ready(process, lines, watch)
    finally:
        end(process)


def pass_on(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    for line in process.stdout or ():
        lines.put(line)


def first_ready(process: subprocess.Popen[str], lines: queue.Queue[str], watch: Watch) -> dict[str, Any]:
    while process.poll() is None or not lines.empty():
        with contextlib.suppress(queue.Empty, ValueError):
            found = json.loads(lines.get(timeout=min(watch.left, 0.5)))
            if isinstance(found, dict) and found.get("ready"):
                return found
    raise Failed(f"`make run` ended with {process.returncode} before it was ready")


def end(process: subprocess.Popen[Any]) -> None:
    """The group that was started for it, and nothing else."""
    if process.poll() is not None:
        return
    # make passes it on; the whole group only when that does not help
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def hand_over(sandbox: str, staff: str, clone: Path, watch: Watch) -> None:
    """A subscriber asks for a person; the demo's agent signs in, takes the chat, answers and gives it back. Raises Failed."""
    people = json.loads((clone / "var" / "demo-staff.json").read_text(encoding="utf-8"))
    agent = next(one for one in people if one["role"] == "agent")
    desk = Desk(staff)
    desk.sign_in(agent["login"], agent["password"])
    desk.call("PUT", "/presence", {"status": "online"})
    openid = "oCLEANHANDOFF"
    said = call(f"{sandbox}/api/say", {"account": "demo", "openid": openid, "text": "转人工", "wait": True})
    waiting = until(desk.first_waiting, watch, "nobody came into the queue")
    path = f"/conversations/{waiting['conversation_id']}"
    detail = desk.call("POST", f"{path}/accept", {"epoch": waiting["epoch"]})
    body = {"epoch": detail["epoch"], "text": "您好，我是人工客服", "client_id": "clean-1"}
    desk.call("POST", f"{path}/reply", body | {"seen_position": detail["transcript"][-1]["position"]})
    until(lambda: heard(sandbox, openid, said["n"], "您好，我是人工客服"), watch, "the agent's answer did not reach the phone")
    resolved = desk.call("POST", f"{path}/resolve", {"epoch": detail["epoch"], "note": "", "learned": {}})
    if resolved["owner"] != "bot":
        raise Failed("the chat did not go back to the bot")


class Desk:
    """A signed-in agent, with cookie and token as the page has them."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        ).open
        self._csrf = ""

    def sign_in(self, login: str, password: str) -> None:
        self._csrf = self.call("POST", "/session", {"login": login, "password": password})["csrf"]

    def first_waiting(self) -> dict[str, Any] | None:
        found = self.call("GET", "/queue")
        rows = [*found["waiting"], *(offer["waiting"] for offer in found["offers"])]
        return rows[0] if rows else None

    def call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"X-CSRF-Token": self._csrf} if self._csrf else {}
        return call(f"{self._base}/api/v1{path}", body, method, headers, self._open)


def ask(sandbox: str, openid: str, text: str, watch: Watch) -> str:
    """What the account answers first."""
    said = call(f"{sandbox}/api/say", {"account": "demo", "openid": openid, "text": text, "wait": True})
    return str(until(lambda: heard(sandbox, openid, said["n"]), watch, "the question was not answered"))


def heard(sandbox: str, openid: str, after: int, text: str | None = None) -> str | None:
    """The first line of the account after `after`, or the first that says `text`."""
    for one in call(f"{sandbox}/api/chat/{openid}?after={after}&account=demo")["messages"]:
        if one["from"] == "account" and text in (None, one["text"]):
            return str(one["text"])
    return None


def until(look: Callable[[], Any], watch: Watch, what: str) -> Any:
    """Polls for at most 20 s. Raises Failed."""
    ends = time.monotonic() + min(watch.left, 20.0)
    while time.monotonic() < ends:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise Failed(what)


def call(
    url: str, body: object = None, method: str | None = None, headers: Mapping[str, str] | None = None, opened: Any = None
) -> Any:
    """JSON in, JSON out; never by a proxy. Raises Failed, OSError."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)  # noqa: S310
    opened = opened or urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    try:
        with opened(request, timeout=60) as response:
            content = response.read()
    except urllib.error.HTTPError as error:
        said = error.read(300).decode(errors="replace")
        raise Failed(f"{method or 'GET'} {url.partition('?')[0]} answered {error.code}: {said}") from error
    return json.loads(content) if content else None


def free_base(count: int = 8) -> int:
    """The first of so many free ports in a row. Raises Failed."""
    for _ in range(200):
        base = random.randrange(20_000, 32_000)  # noqa: S311 no secret
        try:
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise Failed("no free ports")


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
