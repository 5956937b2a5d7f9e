"""Callbacks verified, decrypted, stored and acknowledged, beside wechatpy on Sanic that parses and acknowledges.

`.venv/bin/python -m bench.callback [--database URL|sqlite] [--after inbox|turns] [--rounds 5] [--connections 8 32]`, or with `--memory`
ours alone, a million of them, its resident memory read at every twentieth. Load goes to the loopback and ends by itself.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.callback.figures import Figures, Run, figures_of, growth, ratio_of
from bench.callback.loads import Loader, Target
from bench.callback.process import ROOT, rss_mib, served
from bench.callback.store import opened

_WARM_UP = 1_500
_READINGS = 20
_MEMORY_WARM_UP = 20_000


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url, server_pid = opened(options.database, Path(folder), stack)
        ours_pid, port = stack.enter_context(served("bench.callback.ours", Path(folder) / "ours.log", url, options.after))
        loader = stack.enter_context(Loader.started())
        ours = Target(f"http://127.0.0.1:{port}", ours_pid, server_pid)
        report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "after": options.after, **_machine(url)}
        if options.memory:
            report["memory"] = _memory(loader, ours, options)
        else:
            peer_pid, peer_port = stack.enter_context(served("bench.callback.peer", Path(folder) / "peer.log"))
            peer = Target(f"http://127.0.0.1:{peer_port}", peer_pid)
            report["rows"] = [_row(loader, ours, peer, connections, options) for connections in options.connections]
    if options.report:
        options.report.write_text(json.dumps(report, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.callback", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database", default="postgresql", metavar="URL", help="postgresql (a server of its own), sqlite, or an address")
    parser.add_argument("--after", choices=("inbox", "turns"), default="inbox", help="turns: also each turn, the bot answers at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callbacks", type=int, default=2_500, help="in each load of a round")
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--subscribers", type=int, default=1_000)
    parser.add_argument("--memory", type=int, nargs="?", const=1_000_000, metavar="N", help="resident memory over so many callbacks")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what is printed as JSON, too")
    return parser.parse_args()


def _row(loader: Loader, ours: Target, peer: Target, connections: int, options: argparse.Namespace) -> dict[str, Any]:
    for target in (ours, peer):
        loader.load(target, _WARM_UP, options.subscribers, connections)
    pairs: list[tuple[Run, Run]] = []
    for number in range(options.rounds):
        # who goes first changes, so that neither has the quieter half of every round
        order = (ours, peer) if number % 2 == 0 else (peer, ours)
        runs = {id(target): loader.load(target, options.callbacks, options.subscribers, connections) for target in order}
        pairs.append((runs[id(ours)], runs[id(peer)]))
        print(f"round {number + 1} at {connections}: ours {pairs[-1][0].rate:.0f}/s, peer {pairs[-1][1].rate:.0f}/s", file=sys.stderr)
    our_runs, peer_runs = [one for one, _ in pairs], [other for _, other in pairs]
    found, beside = figures_of(our_runs), figures_of(peer_runs)
    half = figures_of(
        [loader.load(ours, options.callbacks // 2, options.subscribers, rate=found.rate / 2) for _ in range(min(3, options.rounds))]
    )
    ratio = ratio_of(our_runs, peer_runs)
    _show(connections, (("ours", found), ("peer", beside), ("ours at half", half)), ratio)
    return {"connections": connections, "ours": found.as_dict(), "peer": beside.as_dict(), "half": half.as_dict(), "ratio": round(ratio, 3)}


def _show(connections: int, rows: Sequence[tuple[str, Figures]], ratio: float) -> None:
    print(f"\n{connections} connections: ratio {ratio:.2f}")
    print(f"{'':14}{'/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'database':>10}{'busy':>7}")
    for name, one in rows:
        print(f"{name:14}{one.rate:8.0f}{one.p50_ms:9.1f}{one.p99_ms:9.1f}{one.server_ms:9.3f}{one.database_ms:10.3f}{one.busy:7.2f}")


def _memory(loader: Loader, ours: Target, options: argparse.Namespace) -> dict[str, Any]:
    connections = options.connections[0]
    loader.load(ours, min(_MEMORY_WARM_UP, max(options.memory // _READINGS, 1)), options.subscribers, connections)
    readings, seconds = [rss_mib(ours.server)], 0.0
    print(f"after warm-up {readings[0]:.1f} MiB")
    for number in range(_READINGS):
        run = loader.load_many(ours, options.memory // _READINGS, options.subscribers, connections)
        figures_of([run])
        seconds += run.seconds
        readings.append(rss_mib(ours.server))
        print(f"{(number + 1) * 100 // _READINGS:4} %  {readings[-1]:.1f} MiB  {run.rate:.0f}/s", flush=True)
    print(f"last over first {growth(readings):.3f}, {options.memory} callbacks in {seconds:.0f} s")
    rss = [round(one, 1) for one in readings]
    return {"callbacks": options.memory, "seconds": round(seconds), "rss_mib": rss, "ratio": growth(readings)}


def _machine(url: str) -> dict[str, Any]:
    packages = {name: version(name) for name in ("sanic", "wechatpy", "sqlalchemy", "uvloop", "aiohttp")}
    load = round(os.getloadavg()[0], 1)
    found = {"machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}", "load_before": load}
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {found['machine']}, {url.partition(':')[0]}, load {load}, {packages}", flush=True)
    return {**found, "database": url.partition(":")[0], "packages": packages}


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
