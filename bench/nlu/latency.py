"""What one message costs a served model: `python -m bench.nlu.latency --model bot/models/carrier.tar.gz tests/bot/nlu/dev_registers.tsv`.

CPU of the reading thread, one message at a time, each new to the model; by how often the encoder was asked, which tells a message with one
ask from a story that is read by its clauses and from several asks. Resident memory is the process's.
"""

import argparse
import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.evaluate import read_table
from bot.nlu.model import Understander
from bot.nlu.values import SHANGHAI

WARMING = 20
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)


class Counting:
    """An encoder that says how often it was asked."""

    def __init__(self, encoder: Any) -> None:
        self.asked = 0
        for name in ("encode", "encode_within"):
            if hasattr(encoder, name):
                setattr(encoder, name, self._counted(getattr(encoder, name)))

    def _counted(self, encode: Any) -> Any:
        def counted(*given: Any) -> Any:
            self.asked += 1
            return encode(*given)

        return counted


def measure(understander: Understander, texts: Sequence[str]) -> dict[str, Any]:
    """Milliseconds: all messages, and by how often each asked the encoder."""
    counting = Counting(understander.reader.encoder)
    for text in texts[:WARMING]:
        understander.understand(text, NOW)
    spent: dict[str, list[float]] = {}
    for text in texts:
        counting.asked = 0
        began = time.thread_time()
        understander.understand(text, NOW)
        cpu = (time.thread_time() - began) * 1000
        for name in ("all", ("no vector", "one", "two")[counting.asked] if counting.asked < 3 else "three or more"):
            spent.setdefault(name, []).append(cpu)
    return {name: {"messages": len(cpu), **_percentiles(cpu)} for name, cpu in spent.items()}


def _percentiles(cpu: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(cpu, share)), 2) for name, share in (("p50", 50), ("p99", 99), ("max", 100))}


def resident_mib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 // 2**20


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.nlu.latency", description="CPU ms of one message, and memory.")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE.tar.gz")
    parser.add_argument("table", type=Path, metavar="FILE.tsv", help="lines of intent<TAB>text")
    options = parser.parse_args()
    understander = Understander.load(options.model)
    texts = [row.text for row in read_table(options.table, understander.reader.classes.intents)]
    report = {"cpu_ms": measure(understander, texts), "resident_mib": resident_mib()}
    print(json.dumps(report, indent=2))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
