"""The load, in a process of its own: `python -m bench.callback.load`, one JSON object on stdin for each load and one line back.

Closed: so many connections, each with one callback at a time. Open: each callback at its own moment, whatever became of those before;
latency counts from that moment, so that a server that stands still is not spared. Loads end by number and by time.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvloop

from bench.callback.calls import Calls
from bench.callback.process import cpu_of

_OPEN_CONNECTIONS = 256


@dataclass(frozen=True)
class Plan:
    """One load. `connections` is for the closed one; `rate` a second makes it an open one."""

    url: str
    callbacks: int
    subscribers: int
    first_id: int
    server: int
    database: int = 0
    connections: int = 8
    rate: float = 0.0
    longest_s: float = 120.0


@dataclass
class Tally:
    """What came of it."""

    latencies_ms: list[float] = field(default_factory=list)
    refused: int = 0


def schedule(callbacks: int, rate: float) -> Iterator[float]:
    """When each is due, seconds from the beginning: evenly."""
    return (number / rate for number in range(callbacks))


async def run(plan: Plan) -> dict[str, Any]:
    """One load; CPU is read at its ends, callbacks are made before."""
    made = Calls(plan.subscribers, plan.first_id).make(plan.callbacks)
    tally = Tally()
    limit = _OPEN_CONNECTIONS if plan.rate else plan.connections
    pids = (plan.server, plan.database, os.getpid())
    async with aiohttp.ClientSession(plan.url, connector=aiohttp.TCPConnector(limit=limit)) as session:
        before, began = [cpu_of(pid) for pid in pids], time.perf_counter()
        await (_open(session, made, plan, tally) if plan.rate else _closed(session, made, plan, tally))
        seconds, after = time.perf_counter() - began, [cpu_of(pid) for pid in pids]
    server, database, client = (end - start for start, end in zip(before, after, strict=True))
    return {
        "callbacks": len(tally.latencies_ms), "seconds": seconds, "latencies_ms": tally.latencies_ms, "refused": tally.refused,
        "server_cpu_s": server, "database_cpu_s": database, "client_cpu_s": client,
    }  # fmt: skip


async def _closed(session: aiohttp.ClientSession, calls: Sequence[tuple[str, bytes]], plan: Plan, tally: Tally) -> None:
    waiting, until = iter(calls), time.perf_counter() + plan.longest_s

    async def connection() -> None:
        for path, body in waiting:
            began = time.perf_counter()
            if began > until:
                return
            await _post(session, path, body, began, tally)

    await asyncio.gather(*(connection() for _ in range(plan.connections)))


async def _open(session: aiohttp.ClientSession, calls: Sequence[tuple[str, bytes]], plan: Plan, tally: Tally) -> None:
    began, posts = time.perf_counter(), set[asyncio.Task[None]]()
    for (path, body), due in zip(calls, schedule(len(calls), plan.rate), strict=True):
        ahead = began + due - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        if time.perf_counter() > began + plan.longest_s:
            break
        post = asyncio.create_task(_post(session, path, body, began + due, tally))
        posts.add(post)
        post.add_done_callback(posts.discard)
    await asyncio.gather(*posts)


async def _post(session: aiohttp.ClientSession, path: str, body: bytes, began: float, tally: Tally) -> None:
    async with session.post(path, data=body) as response:
        answer = await response.read()
    tally.latencies_ms.append((time.perf_counter() - began) * 1000)
    tally.refused += not (response.status == 200 and (answer == b"success" or answer.startswith(b"<xml><Encrypt>")))


def main() -> None:
    for line in sys.stdin:
        found = uvloop.run(run(Plan(**json.loads(line))))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
