"""From what was measured to what is reported."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """One load: how many were acknowledged in how long, latencies in ms, CPU seconds of the server, its database and the client."""

    callbacks: int
    seconds: float
    latencies_ms: tuple[float, ...]
    server_cpu_s: float
    database_cpu_s: float
    client_cpu_s: float
    refused: int = 0

    @property
    def rate(self) -> float:
        """Callbacks a second."""
        return self.callbacks / self.seconds


@dataclass(frozen=True)
class Figures:
    """The medians of several runs."""

    rate: float
    p50_ms: float
    p99_ms: float
    server_ms: float
    """CPU of the server's process, ms a callback."""
    database_ms: float
    busy: float
    """The share of one core that the server had: what is well below 1 was not all the server's doing."""

    def as_dict(self) -> dict[str, Any]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all are not above (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def figures_of(runs: Sequence[Run]) -> Figures:
    """Raises ValueError when a callback was refused: such a run says nothing."""
    if any(run.refused for run in runs):
        raise ValueError(f"{sum(run.refused for run in runs)} callbacks were not acknowledged")
    return Figures(
        rate=statistics.median(run.rate for run in runs),
        p50_ms=statistics.median(percentile(run.latencies_ms, 0.5) for run in runs),
        p99_ms=statistics.median(percentile(run.latencies_ms, 0.99) for run in runs),
        server_ms=statistics.median(run.server_cpu_s * 1000 / run.callbacks for run in runs),
        database_ms=statistics.median(run.database_cpu_s * 1000 / run.callbacks for run in runs),
        busy=statistics.median(run.server_cpu_s / run.seconds for run in runs),
    )


def ratio_of(ours: Sequence[Run], peers: Sequence[Run]) -> float:
    """Ours over the peer's rate, the median over rounds: the two of a round saw the same machine."""
    return statistics.median(one.rate / other.rate for one, other in zip(ours, peers, strict=True))


def growth(rss_mib: Sequence[float]) -> float:
    """The last reading over the one after warm-up, which is the first."""
    return rss_mib[-1] / rss_mib[0]
