"""What a run may be told."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.faults import FAULTS


@dataclass(frozen=True)
class Options:
    """Seconds, messages a second, and whom it plays."""

    seconds: float = 180.0
    rate: float = 20.0
    subscribers: int = 500
    agents: int = 8
    seed: int = 1
    faults: tuple[str, ...] = ()
    database_url: str | None = None
    bots: int = 1
    quiet_s: float = 90.0
    """How long the deployment may take to come to rest after the last message."""
    report: Path | None = None
    keep: Path | None = None
    """Where the deployment's folder is left for a look; a temporary one is removed."""


def read_options(argv: Sequence[str]) -> Options:
    """Exits with 2 and a sentence for what it does not understand."""
    known = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--subscribers", type=int, default=500)
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="", help=f"some of {','.join(known)}; none for a run without; all when left out")
    parser.add_argument("--database-url", default=None, help="an empty PostgreSQL database; SQLite when left out")
    parser.add_argument("--bots", type=int, default=1)
    parser.add_argument("--quiet", type=float, default=90.0, dest="quiet_s")
    parser.add_argument("--report", type=Path, default=None, help="the JSON report goes here")
    parser.add_argument("--keep", type=Path, default=None, help="leave the deployment's folder here")
    given = parser.parse_args(argv)
    wanted = tuple(name for name in given.faults.split(",") if name)
    if wanted == ("none",):
        chosen: tuple[str, ...] = ()
    else:
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            parser.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(known)}")
        chosen = wanted or tuple(known)
    if given.database_url is None:
        chosen = tuple(name for name in chosen if name != "postgres_drop")
    if given.rate <= 0 or given.seconds <= 0 or given.subscribers < 1:
        parser.error("seconds, rate and subscribers must be more than 0")
    return Options(
        seconds=given.seconds, rate=given.rate, subscribers=given.subscribers, agents=given.agents, seed=given.seed, faults=chosen,
        database_url=given.database_url, bots=given.bots, quiet_s=given.quiet_s, report=given.report, keep=given.keep,
    )  # fmt: skip
