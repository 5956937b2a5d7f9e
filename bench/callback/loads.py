"""The bench's side of the load process: one line of JSON for each load, one line back."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bench.callback.calls import chunks
from bench.callback.figures import Run
from bench.callback.load import Plan
from bench.callback.process import ROOT
from cli.children import die_with_parent

_CHUNK = 2_500
"""So many callbacks are made before the clock starts: they stay within the account's time window and in memory, and what comes back of
them within what a pipe holds (64 KiB)."""


@dataclass(frozen=True)
class Target:
    """Whom to load, and whose CPU to read; `database`: PostgreSQL's first process, 0 where it is not ours to see."""

    url: str
    server: int
    database: int = 0


class Loader:
    """One client process for all loads, so that none of them pays for its start."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        # beyond what any earlier run has stored in a database that is kept
        self._ids = itertools.count(time.time_ns() // 1_000, _CHUNK)

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> "Iterator[Loader]":
        """Ended by closing its input."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.callback.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent(os.getpid()),
        )  # fmt: skip
        try:
            yield cls(process)
        finally:
            process.communicate()

    def load(self, target: Target, callbacks: int, subscribers: int, connections: int = 8, rate: float = 0.0) -> Run:
        """One load; of a long one only so many callbacks as may be made before. Raises RuntimeError when the client ends."""
        number = min(callbacks, _CHUNK)
        plan = Plan(target.url, number, subscribers, next(self._ids), target.server, target.database, connections, rate)
        return _run_of(self._ask(plan))

    def load_many(self, target: Target, callbacks: int, subscribers: int, connections: int) -> Run:
        """Any number, one chunk after the other; seconds and CPU of the loads only."""
        runs = [self.load(target, number, subscribers, connections) for number in chunks(callbacks, _CHUNK)]
        return Run(
            callbacks=sum(run.callbacks for run in runs),
            seconds=sum(run.seconds for run in runs),
            latencies_ms=tuple(itertools.chain.from_iterable(run.latencies_ms for run in runs)),
            server_cpu_s=sum(run.server_cpu_s for run in runs),
            database_cpu_s=sum(run.database_cpu_s for run in runs),
            client_cpu_s=sum(run.client_cpu_s for run in runs),
            refused=sum(run.refused for run in runs),
        )

    def _ask(self, plan: Plan) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the client has no pipes")
        self._process.stdin.write(json.dumps(asdict(plan)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the client ended")
        found: dict[str, Any] = json.loads(line)
        return found


def _run_of(found: dict[str, Any]) -> Run:
    return Run(**{**found, "latencies_ms": tuple(found["latencies_ms"])})
