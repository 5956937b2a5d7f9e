"""The command line of bench.nlu: every part for every peer in one run."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.nlu import measure, sets
from bench.nlu.ours import Ours
from bench.nlu.peers import Peer
from bench.nlu.report import markdown
from bench.nlu.stock import COMMAND, ROOT, StockFailed, StockMissing, StockRasa
from bot.nlu.meaning import shared_encoder
from bot.nlu.values import SHANGHAI

FAR_MESSAGES = 800
NEEDS = {"smp2017": ("smp2017",), "out_of_scope": ("smp2017", "nus_sms"), "clinc150": ("clinc150",)}
"""Parts, in their order, and the folders they read."""

Part = Callable[[Peer], dict[str, Any]]


def main(argv: Sequence[str] | None = None, worker: Sequence[str] = COMMAND) -> int:
    """JSON on stdout. 2: something needed is not here, and nothing was measured; 1: a peer failed on the way. `worker`: stock Rasa's."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        stock = [StockRasa(worker)] if options.stock or options.stock_clinc else []
    except StockMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    lacking = sorted({name for part in options.only for name in NEEDS[part] if not (options.data / name).is_dir()})
    if lacking:
        parser.error(f"the folder of --data holds no {', '.join(lacking)}")
    peers: list[Peer] = [Ours(None if options.lexical else shared_encoder()), *stock]
    report = _head(options, sys.argv[1:] if argv is None else argv)
    for part in options.only:
        task = _task(part, options)
        for peer in _who(part, peers, options):
            report.setdefault(part, {})[peer.name] = _figures(part, task, peer)
            report["peers"] = {one.name: one.facts() for one in peers}
            if options.report:  # now and not at the end: the next part may take an hour
                options.report.write_text(markdown(report), "utf-8")
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return 1 if any("failed" in figures for part in options.only for figures in report[part].values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.nlu", description="Understanding on public sets.")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="holds smp2017, clinc150 and nus_sms")
    parser.add_argument("--only", nargs="+", choices=tuple(NEEDS), default=tuple(NEEDS), help="these parts only")
    parser.add_argument("--lexical", action="store_true", help="without sentence vectors")
    parser.add_argument("--draws", type=_count, default=3, metavar="N", help="of held-out classes, for ours (default 3)")
    parser.add_argument("--stock", action="store_true", help="stock Rasa beside ours (`make bench-stock-setup`); a training takes minutes")
    parser.add_argument("--stock-draws", type=_count, default=1, metavar="N", help="for stock Rasa, a training each (default 1)")
    parser.add_argument("--stock-clinc", action="store_true", help="stock Rasa on CLINC150 too, which takes hours; implies --stock")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="the figures as a table, too, after each part")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of draws: 1 or more")
    return int(text)


def _who(part: str, peers: Sequence[Peer], options: argparse.Namespace) -> list[Peer]:
    return [peer for peer in peers if part != "clinc150" or options.stock_clinc or not isinstance(peer, StockRasa)]


def _figures(part: str, task: Part, peer: Peer) -> dict[str, Any]:
    """A worker that fails is a figure that is not there: what was measured until then is kept."""
    sys.stderr.write(f"{part}, {peer.name} …\n")
    try:
        return task(peer)
    except StockFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return {"failed": str(failure)}


def _task(part: str, options: argparse.Namespace) -> Part:
    if part == "clinc150":
        parts = sets.clinc(options.data)
        return lambda peer: measure.clinc150(peer, parts)
    training, test = sets.smp(options.data, "train"), sets.smp(options.data, "test")
    if part == "smp2017":
        return lambda peer: measure.smp2017(peer, training, test)
    far = sets.messages(options.data, FAR_MESSAGES)
    return lambda peer: measure.out_of_scope(peer, training, test, far, options.stock_draws if peer.name == "stock" else options.draws)


def _head(options: argparse.Namespace, argv: Sequence[str]) -> dict[str, Any]:
    """What was asked, without the folders of this machine."""
    paths = {str(options.data): "FOLDER", str(options.report): "FILE.md"}
    said = " ".join(paths.get(word.rstrip("/"), word) for word in argv)
    day = datetime.now(SHANGHAI).date().isoformat()
    return {"command": f"python -m bench.nlu {said}", "date": day, "commit": _commit(), "sentence_vectors": not options.lexical}


def _commit() -> str:
    """Empty where this is no checkout; `+` when files differ from it."""
    argv = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
