"""The process: started, spoken to over HTTP, and ended."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import aiohttp
import pytest
from aiohttp import web

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
TURN: Dict[str, Any] = {
    "turn_id": "t_1",
    "account": "demo",
    "industry": "kiosk",
    "openid": "o1",
    "now": "2026-11-22T20:00:00+08:00",
    "state_version": 1,
    "state": None,
    "message": {"kind": "text", "text": "几点开门"},
}
SECRET = "a secret of the test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "ignore", "-m", "bot.engine.serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def running(kiosk_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tuple[str, "subprocess.Popen[str]"]]:
    """One server with a secret; its action server is down."""
    secret = tmp_path_factory.mktemp("secret") / "secret"
    secret.write_text(SECRET + "\n")
    port = free_port()
    process = start(
        "--port", str(port), "--model", f"kiosk={kiosk_model}", "--secret-file", str(secret), "--actions-url", "http://127.0.0.1:9"
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["ready"] is True
    yield f"http://127.0.0.1:{port}", process
    process.terminate()
    process.communicate(timeout=20)


async def call(base: str, path: str, body: Any, secret: str = SECRET) -> Tuple[int, Dict[str, Any]]:
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    headers = {"X-Weiting-Secret": secret}
    async with aiohttp.ClientSession() as session, session.post(base + path, data=data, headers=headers) as response:
        return response.status, await response.json()


async def test_status_needs_no_secret(running: Tuple[str, Any]) -> None:
    async with aiohttp.ClientSession() as session, session.get(running[0] + "/status") as response:
        body = await response.json()
    assert body["ready"] is True
    assert body["models"]["kiosk"].startswith("kiosk-")


async def test_a_turn_and_the_next(running: Tuple[str, Any]) -> None:
    status, first = await call(running[0], "/turn", TURN)
    assert status == 200
    assert first["replies"] == [{"text": "七点到二十一点。"}]
    status, second = await call(running[0], "/turn", {**TURN, "state": first["state"], "message": {"text": "办卡"}})
    assert (status, second["decision"]) == (200, "asked")


async def test_an_action_server_that_is_down_is_a_handoff(running: Tuple[str, Any]) -> None:
    status, answer = await call(running[0], "/turn", {**TURN, "message": {"text": "前面几个人"}})
    assert status == 200
    assert answer["handoff"]["reason"] == "action_failed"


async def test_the_action_server_that_a_turn_names_is_asked(running: Tuple[str, Any]) -> None:
    """Of several cores each has its own: the one that asks is alive."""
    heard: List[Tuple[str, str]] = []

    async def webhook(request: web.Request) -> web.Response:
        heard.append((request.path, request.headers["X-Weiting-Secret"]))
        return web.json_response({"events": [], "responses": [{"text": "前面没有人。"}]})

    app = web.Application()
    app.router.add_post("/kiosk/webhook", webhook)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        named = f"http://127.0.0.1:{runner.addresses[0][1]}"
        status, answer = await call(running[0], "/turn", {**TURN, "actions_url": named, "message": {"text": "前面几个人"}})
        assert (status, answer["replies"], answer["handoff"]) == (200, [{"text": "前面没有人。"}], None)
        assert heard == [("/kiosk/webhook", SECRET)]
    finally:
        await runner.cleanup()


async def test_many_turns_at_once(running: Tuple[str, Any]) -> None:
    answers = await asyncio.gather(*(call(running[0], "/turn", {**TURN, "openid": f"o{number}"}) for number in range(20)))
    assert {status for status, _ in answers} == {200}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/turn", b"{", 400, "bad_request"),
        ("/turn", b"", 400, "bad_request"),
        ("/turn", b"\xff\xfe", 400, "bad_request"),
        ("/turn", {}, 400, "bad_request"),
        ("/turn", {**TURN, "industry": "bank"}, 404, "unknown_industry"),
        ("/turn", {**TURN, "state": {"v": 99}}, 409, "bad_state"),
        ("/turn", {**TURN, "state_version": 3, "state": {"v": 1}}, 409, "bad_state"),
        ("/turn", b"x" * 300_000, 413, "bad_request"),
        ("/parse", {"industry": "kiosk"}, 400, "bad_request"),
        ("/nowhere", {}, 404, "bad_request"),
    ],
)
async def test_a_bad_call_gets_a_code_and_no_traceback(running: Tuple[str, Any], path: str, body: Any, status: int, code: str) -> None:
    got, answer = await call(running[0], path, body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert "Traceback" not in json.dumps(answer)


async def test_without_the_secret_nothing_is_done(running: Tuple[str, Any]) -> None:
    for secret in ("", "wrong", SECRET + "x"):
        status, answer = await call(running[0], "/turn", TURN, secret)
        assert (status, answer["error"]["code"]) == (401, "bad_secret")


async def test_parse(running: Tuple[str, Any]) -> None:
    status, answer = await call(running[0], "/parse", {"industry": "kiosk", "text": "几点开门"})
    assert (status, answer["intent"], answer["decision"]) == (200, "ask_hours", "accept")


def refused(*arguments: str) -> Tuple[int, List[str], float]:
    began = time.monotonic()
    process = start(*arguments)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors.strip().splitlines(), time.monotonic() - began


def test_a_taken_port_is_one_sentence_before_anything_is_loaded(running: Tuple[str, Any], kiosk_model: Path) -> None:
    port = running[0].rsplit(":", 1)[1]
    code, lines, seconds = refused("--port", port, "--model", f"kiosk={kiosk_model}")
    assert (code, len(lines)) == (2, 1)
    assert port in lines[0]


@pytest.mark.parametrize(
    "arguments", [("--model", "kiosk=/nowhere.tar.gz"), ("--model", "kiosk"), ("--host", "0.0.0.0", "--model", "kiosk={model}")]  # noqa: S104
)
def test_what_cannot_start_is_one_sentence(kiosk_model: Path, arguments: Tuple[str, ...]) -> None:
    code, lines, _ = refused("--port", str(free_port()), *(argument.format(model=kiosk_model) for argument in arguments))
    assert (code, len(lines)) == (2, 1)


def test_an_archive_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    archive = tmp_path / "kiosk.tar.gz"
    archive.write_bytes(b"not a model")
    code, lines, _ = refused("--port", str(free_port()), "--model", f"kiosk={archive}")
    assert code == 2
    assert str(archive) in lines[-1]


def test_sigterm_ends_it_cleanly_and_a_dead_parent_too(kiosk_model: Path) -> None:
    port = free_port()
    opening = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-W', 'ignore', '-m', 'bot.engine.serve', "
    child = f"{opening}'--port', '{port}', " + (
        f"'--model', 'kiosk={kiosk_model}'], stdout=subprocess.PIPE, text=True); print(p.pid, p.stdout.readline(), flush=True); p.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-c", child], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.wait(timeout=10)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and _is_alive(pid):
        time.sleep(0.1)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_sigterm_is_exit_code_0(kiosk_model: Path) -> None:
    process = start("--port", str(free_port()), "--model", f"kiosk={kiosk_model}")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors
