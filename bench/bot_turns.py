"""What a turn costs inside a bot process, and what starting one costs: `bot/.venv/bin/python bench/bot_turns.py --model carrier=FILE`.

From the repository's root. Prints CPU milliseconds a turn at turns 1 to 10 and 491 to 500 of one conversation (the state goes through JSON
between two turns, as it does between core and bot), the seconds from start to the first /status, and resident memory. Actions
are answered in process, so neither HTTP nor the action server is in these figures. Not run in tests.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.engine.standin import install  # noqa: E402

TURNS = 500
MESSAGES = ("你好", "查话费", "查一下上个月账单", "流量还剩多少", "我有多少积分", "谢谢", "你是机器人吗", "今天天气怎么样", "帮助", "再见")


def main() -> None:
    parser = argparse.ArgumentParser(description="Milliseconds a turn, start-up time and memory of a bot process.")
    parser.add_argument("--model", required=True, metavar="NAME=FILE")
    parser.add_argument("--conversations", type=int, default=3)
    options = parser.parse_args()
    industry, _, archive = options.model.partition("=")
    rows = [("start to /status, s", *_start(industry, archive))]
    for label, patched in (("stateless, no patches", False), ("stateless, all patches", True)):
        rows.append((label, *_measured(industry, archive, options.conversations, patched)))
    _print(industry, rows)


def _measured(industry: str, archive: str, conversations: int, patched: bool) -> tuple[str, str]:
    """In a process of its own, so that patches of one run are not in the next."""
    code = f"import asyncio, sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'bench')!r}]; import bot_turns; "
    code += f"asyncio.run(bot_turns.measure({industry!r}, {archive!r}, {conversations}, {patched}))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    turns = f"{found['first']:.2f} ms at 1-10, {found['last']:.2f} ms at {TURNS - 9}-{TURNS}"
    turns += f" (wall, understanding: {found['understand']:.2f})"
    return turns, f"{found['mib']:.0f} MiB, state at most {found['state']} B"


async def measure(industry: str, archive: str, conversations: int, patched: bool) -> None:
    """Prints one JSON line of figures."""
    install(serving=True)
    from rasa.utils.endpoints import EndpointConfig

    from bot.engine.bot import load_bot
    from bot.engine.patches import apply_all
    from bot.engine.quiet import keep_quiet

    class Still(EndpointConfig):
        """Answers each action with one line."""

        async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> dict[str, Any]:
            return {"events": [], "responses": [{"text": "ok"}]}

    keep_quiet(50)
    if patched:
        apply_all()
    bot = load_bot(industry, Path(archive), Still("http://127.0.0.1:9"))
    times: list[list[float]] = [[] for _ in range(TURNS)]
    largest, understanding = 0, []
    for seed in range(conversations):
        pick, state = random.Random(seed), None
        for number in range(TURNS):
            request = _request(industry, number, state, pick.choice(MESSAGES))
            began = time.process_time()
            answer = await bot.turn(request)
            text = json.dumps(answer["state"])
            state = json.loads(text)
            times[number].append((time.process_time() - began) * 1000)
            understanding.append(answer["timings"]["understand_ms"])
            largest = max(largest, len(text.encode()))
    figures = {
        "first": statistics.median(value for row in times[:10] for value in row),
        "last": statistics.median(value for row in times[-10:] for value in row),
        "understand": statistics.median(understanding),
        "mib": _mib(os.getpid()),
        "state": largest,
    }
    print(json.dumps(figures))


def _request(industry: str, number: int, state: dict[str, Any] | None, text: str) -> Any:
    from bot.engine.request import TurnRequest

    return TurnRequest(f"t{number}", "bench", industry, "o1", "2026-11-22T20:00:00+08:00", 1, state, text)


def _start(industry: str, archive: str) -> tuple[str, str]:
    port = 8900 + os.getpid() % 90
    command = [sys.executable, "-W", "ignore", "-m", "bot.engine.serve", "--port", str(port), "--model", f"{industry}={archive}"]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        if process.stdout is not None:
            process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status") as answer:  # noqa: S310
            answer.read()
        return f"{time.perf_counter() - began:.1f}", f"{_mib(process.pid):.0f} MiB"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _print(industry: str, rows: list[tuple[str, str, str]]) -> None:
    from importlib.metadata import version

    load = os.getloadavg()[0]
    print(f"\n{industry}: {time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, Rasa {version('rasa')}, ", end="")
    print(f"numpy {version('numpy')}, {os.cpu_count()} cores, load {load:.1f}\n")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
