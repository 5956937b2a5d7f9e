"""The trained carrier's bot and the real action server over fakes, each a process of its own, spoken to over HTTP."""

import itertools
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODEL = ROOT / "var" / "tests" / "carrier.tar.gz"
_numbers = itertools.count(1)


def post(url: str, body: dict[str, Any] | None = None) -> Any:
    """A GET without a body, else a POST."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.loads(response.read())


def _start(argv: list[str]) -> "tuple[subprocess.Popen[str], dict[str, Any]]":
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return process, json.loads(line)
    raise AssertionError(f"{argv} ended with {process.wait()}")


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def model() -> Path:
    """Trained once; again only when its inputs change."""
    argv = [sys.executable, "-m", "bot.engine.train", "--industry", "carrier", "--config", "bot/carrier/config.yml"]
    argv += ["--domain", "bot/carrier/domain", "--data", "data/nlu/carrier", "--data", "bot/carrier/rules", "--out", str(MODEL)]
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(argv, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    return MODEL


@pytest.fixture(scope="session")
def actions_url() -> Iterator[str]:
    """The core's own Python runs the action server."""
    process, told = _start([str(ROOT / ".venv" / "bin" / "python"), "-m", "tests.actions.carrier.serve"])
    yield f"http://127.0.0.1:{told['port']}"
    _stop(process)


@pytest.fixture(scope="session")
def bot_url(model: Path, actions_url: str) -> Iterator[str]:
    """A serving bot with its patches, on a free port."""
    argv = [sys.executable, "-m", "bot.engine.serve", "--port", "0", "--model", f"carrier={model}", "--actions-url", actions_url]
    process, told = _start(argv)
    yield f"http://127.0.0.1:{told['port']}"
    _stop(process)


class Answer:
    """One turn's answer."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.text = "\n".join(reply["text"] for reply in body["replies"])
        self.bubbles = len(body["replies"])
        self.decision = body["decision"]
        self.handoff = body["handoff"]
        self.receipts = body["receipts"]


class Chat:
    """One subscriber. `bot` may be replaced in the middle: nothing is kept there."""

    def __init__(self, bot_url: str, actions_url: str) -> None:
        self._bot, self._fakes = bot_url, f"{actions_url}/fakes"
        self.openid = f"oTEST{next(_numbers):06}"
        self.state: Any = None
        self.turns = 0
        self.now = post(f"{self._fakes}/reset", {})["now"]

    def say(self, text: str, events: list[dict[str, Any]] | None = None) -> Answer:
        """One message; the state goes round with it, through JSON as through the core."""
        self.turns += 1
        body = {
            "turn_id": f"t_{self.openid}_{self.turns}",
            "account": "demo",
            "industry": "carrier",
            "openid": self.openid,
            "now": self.now,
            "state_version": 1,
            "state": self.state,
            "message": {"kind": "text", "text": text},
            "events": events or [],
        }
        answered = post(f"{self._bot}/turn", body)
        self.state = answered["state"]
        assert len(json.dumps(self.state)) < 16 * 1024
        return Answer(answered)

    def bind(self, phone: str, fresh: bool = False) -> None:
        """As if the number had been bound before."""
        post(f"{self._fakes}/bind", {"openid": self.openid, "phone": phone, "fresh": fresh})
        self.advance(1)

    def code(self, phone: str) -> str:
        """The newest code sent to a number."""
        return str(post(f"{self._fakes}/code/{phone}")["code"])

    def advance(self, seconds: int) -> None:
        """Moves everybody's clock."""
        self.now = post(f"{self._fakes}/advance", {"s": seconds})["now"]

    def fail(self, failing: bool = True) -> None:
        """The source of figures fails, or is well again."""
        post(f"{self._fakes}/fail", {"failing": failing})

    def read(self) -> list[dict[str, str]]:
        """What was read of the source, and of whom."""
        return list(post(f"{self._fakes}/asked"))


@pytest.fixture
def chat(bot_url: str, actions_url: str) -> Chat:
    """A subscriber who has bound nothing, in a carrier where nothing has happened."""
    return Chat(bot_url, actions_url)


@pytest.fixture
def bound(chat: Chat) -> Chat:
    """A subscriber with one bound line."""
    chat.bind("17900000001")
    return chat
