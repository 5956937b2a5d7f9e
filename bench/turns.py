"""Turns through the whole path: `.venv/bin/python -m bench.turns [--clients 8] [--seconds 30] [--bots 1]`.

A signed, encrypted callback in, stored, understood by the bot, answered from the database in one turn of five, committed, and the
encrypted passive reply out: what a subscriber waits for. Prints turns a second, latency, CPU milliseconds a turn by process and
resident memory. Load goes to loopback, ends by itself, and shares the machine's cores with what it measures.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from chaos.people import openids, write_people
from connectors.wechat.crypto import MessageCipher, sign
from tests.e2e.driver import ROOT, Running, free_base

PLAIN = ("你好", "谢谢", "你能做什么", "你是机器人吗")
ASK = ("查话费", "还剩多少流量", "上个月账单", "我有多少积分")
TOKEN, APP_ID, KEY = "weitingdemo", "wxdemo0000000000aa", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"  # noqa: S105
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Load:
    """Callbacks as WeChat posts them, each subscriber one at a time."""

    def __init__(self, base: int, bound: tuple[str, ...]) -> None:
        self._url = f"http://127.0.0.1:{base}/wechat/demo"
        self._cipher = MessageCipher.make(APP_ID, KEY)
        self._people = itertools.cycle(bound)
        self._texts: Iterator[str] = itertools.cycle(_mixture())
        self._ids = itertools.count(int(time.time() * 1_000_000))
        self.latencies: list[float] = []
        self.deferred = 0

    async def run(self, clients: int, seconds: float) -> float:
        """Turns a second."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            began = time.perf_counter()
            await asyncio.gather(*(self._client(session, began + seconds) for _ in range(clients)))
            return len(self.latencies) / (time.perf_counter() - began)

    async def _client(self, session: aiohttp.ClientSession, until: float) -> None:
        while time.perf_counter() < until:
            query, body = self._call(next(self._people), next(self._texts))
            began = time.perf_counter()
            async with session.post(self._url, params=query, data=body) as response:
                answer = await response.text()
                if response.status != 200:
                    raise RuntimeError(f"{response.status} {answer[:200]}")
            self.latencies.append((time.perf_counter() - began) * 1000)
            self.deferred += answer == "success"

    def _call(self, openid: str, text: str) -> tuple[dict[str, str], bytes]:
        now = str(int(time.time()))
        message = (
            f"<xml><ToUserName>gh_weitingdemo</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{now}</CreateTime>"
            f"<MsgType>text</MsgType><Content>{text}</Content><MsgId>{next(self._ids)}</MsgId></xml>"
        )
        sealed = self._cipher.encrypt(message)
        query = {"timestamp": now, "nonce": "7", "signature": sign(TOKEN, now, "7")}
        query |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, now, "7", sealed)}
        return query, f"<xml><ToUserName>gh</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--subscribers", type=int, default=400)
    parser.add_argument("--bots", type=int, default=1)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), options)
    show(report)
    if options.report:
        options.report.write_text(json.dumps(report, indent=1, ensure_ascii=False))


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Starts a deployment of its own, warms it up, and loads it at each number of clients."""
    running = Running(folder / "data", free_base(), env={"WEITING_BOTS": str(options.bots)})
    try:
        running.start()
        write_people(folder / "people.yml", options.subscribers * 2)
        loaded = running.command("sandbox", "load", str(folder / "people.yml"))
        if loaded.returncode:
            raise RuntimeError(loaded.stderr)
        bound = openids(options.subscribers * 2)[: options.subscribers]
        asyncio.run(Load(running.base, bound).run(4, 5.0))
        rows = [_row(running, bound, clients, options.seconds) for clients in options.clients]
        return {"at": datetime.now(UTC).isoformat(), "machine": f"{os.cpu_count()} cores, {platform.platform()}", "bots": options.bots,
                "start_s": running.ready["seconds"], "rows": rows}  # fmt: skip
    finally:
        running.stop()


def _row(running: Running, bound: tuple[str, ...], clients: int, seconds: float) -> dict[str, Any]:
    before = {name: _cpu(pid) for name, pid in running.ready["pids"].items()}
    load = Load(running.base, bound)
    rate = asyncio.run(load.run(clients, seconds))
    turns = len(load.latencies)
    cpu = {name: round((_cpu(pid) - before[name]) * 1000 / turns, 2) for name, pid in running.ready["pids"].items()}
    cuts = statistics.quantiles(load.latencies, n=100)
    return {
        "clients": clients,
        "turns": turns,
        "turns_s": round(rate, 1),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "deferred": load.deferred,
        "cpu_ms_a_turn": cpu,
        "rss_mib": {name: _rss(pid) for name, pid in running.ready["pids"].items()},
    }


def show(report: dict[str, Any]) -> None:
    """A table for people."""
    print(f"{report['at']}  {report['machine']}  bots {report['bots']}  start {report['start_s']} s")
    print(f"{'clients':>8}{'turns/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'deferred':>10}  CPU ms a turn / RSS MiB")
    for row in report["rows"]:
        parts = ", ".join(f"{name} {row['cpu_ms_a_turn'][name]}/{row['rss_mib'][name]}" for name in row["cpu_ms_a_turn"])
        print(f"{row['clients']:>8}{row['turns_s']:>10}{row['p50_ms']:>9}{row['p99_ms']:>9}{row['deferred']:>10}  {parts}")


def _mixture() -> list[str]:
    return [text for ask in ASK for text in (*PLAIN, ask)]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _rss(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE // 2**20


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
