"""What Prometheus reads: families of counters and gauges, a histogram of stages, and the text format.

Source: prometheus.io, "Exposition formats", text format 0.0.4. A label's values are few and known, or the rest of them is "other":
what somebody sends in must not make new series.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MOST_VALUES = 40
_OTHER = "other"


@dataclass(frozen=True)
class Sample:
    """One line: what follows the family's name, the labels, the value."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


@dataclass(frozen=True)
class Family:
    """One metric with its help and all its samples. `kind`: counter, gauge or histogram."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def one(name: str, kind: str, help_text: str, value: float) -> Family:
    """A family of a single sample."""
    return Family(name, kind, help_text, (Sample(value),))


def labelled(name: str, kind: str, help_text: str, label: str, values: Mapping[str, float]) -> Family:
    """A sample for each value of one label; beyond forty values the smallest are added up as "other"."""
    kept = sorted(values, key=lambda value: (-values[value], value))
    samples = {value: values[value] for value in kept[:_MOST_VALUES]}
    for value in kept[_MOST_VALUES:]:
        samples[_OTHER] = samples.get(_OTHER, 0) + values[value]
    return Family(name, kind, help_text, tuple(Sample(number, ((label, value),)) for value, number in sorted(samples.items())))


@dataclass
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total: float = 0.0


class Stages:
    """How long each stage of a message's way took, in seconds. Used on one event loop."""

    def __init__(self) -> None:
        self._stages: dict[str, _Histogram] = {}

    def observe(self, stage: str, seconds: float) -> None:
        """One more. `stage` is a name of the code's own, never of a message's. A negative time is a clock's jump and counts as none."""
        if seconds < 0:
            return
        found = self._stages.setdefault(stage, _Histogram())
        found.counts[bisect_left(BUCKETS_S, seconds)] += 1
        found.total += seconds

    def family(self, name: str, help_text: str) -> Family:
        """Cumulative buckets, sum and count of each stage."""
        samples: list[Sample] = []
        for stage, found in sorted(self._stages.items()):
            label, running = ("stage", stage), 0
            for bound, count in zip((*BUCKETS_S, float("inf")), found.counts, strict=True):
                running += count
                samples.append(Sample(running, (label, ("le", _number(bound))), "_bucket"))
            samples += [Sample(found.total, (label,), "_sum"), Sample(running, (label,), "_count")]
        return Family(name, "histogram", help_text, tuple(samples))


def render(families: Iterable[Family]) -> str:
    """The whole page. Families without samples are left out."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines += [f"# HELP {family.name} {_escape(family.help, quotes=False)}", f"# TYPE {family.name} {family.kind}"]
        lines += [_line(family.name, sample) for sample in family.samples]
    return "\n".join(lines) + "\n"


def _line(name: str, sample: Sample) -> str:
    labels = ",".join(f'{label}="{_escape(value)}"' for label, value in sample.labels)
    return f"{name}{sample.suffix}{{{labels}}} {_number(sample.value)}" if labels else f"{name}{sample.suffix} {_number(sample.value)}"


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _escape(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text
