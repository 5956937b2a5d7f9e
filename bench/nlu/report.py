"""The figures of a run as Markdown, a column for each peer, for docs/benchmarks/nlu.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.nlu.measure import OUTSIDE, mean_over

Figures = Mapping[str, Any]
NONE = "—"
TITLES = {"ours": "ours", "stock": "stock Rasa (jieba, DIET)"}


def share(value: float) -> str:
    """`.9430`; a whole one keeps its digit."""
    return f"{value:.4f}".removeprefix("0")


def number(value: float) -> str:
    return f"{value:,.2f}" if isinstance(value, float) and value < 100 else f"{value:,.0f}"


@dataclass(frozen=True)
class Row:
    """`paths`: keys into the figures of one peer for `part`, joined by dots."""

    part: str
    title: str
    paths: Sequence[str]
    shown: Callable[[float], str] = share


_AT_95 = "serving_95_percent_of_validation"
ROWS = (
    Row("smp2017", "SMP2017 test, trained on train only: accuracy / macro-F1", ("test.accuracy", "test.macro_f1")),
    Row("smp2017", "the same, 10 % homophones", ("homophones_10.accuracy", "homophones_10.macro_f1")),
    Row("smp2017", "the same, 25 % homophones", ("homophones_25.accuracy", "homophones_25.macro_f1")),
    Row("smp2017", "the same, traditional script", ("traditional.accuracy", "traditional.macro_f1")),
    Row("smp2017", "calibration error: test / 25 % homophones", ("test.ece", "homophones_25.ece")),
    Row("smp2017", "calibration error, cross-validation", ("cross_validated.calibration_error",)),
    Row("smp2017", "acted on by its own limits / of these right", ("acted.share", "acted.right")),
    Row("smp2017", "one message, CPU ms: p50 / p99 / max", ("cpu_ms.p50", "cpu_ms.p99", "cpu_ms.max"), number),
    Row("smp2017", "one message, wall ms: p50 / p99 / max", ("wall_ms.p50", "wall_ms.p99", "wall_ms.max"), number),
    Row("smp2017", "training, s: CPU / wall", ("train_cpu_s", "train_wall_s"), number),
    Row("smp2017", "model archive, KiB", ("model_kib",), number),
    Row("clinc150", "CLINC150, limit by validation: in-scope accuracy / out-of-scope recall", ("in_scope_accuracy", "out_of_scope_recall")),
    Row("clinc150", "CLINC150, 95 % of validation served", (f"{_AT_95}.in_scope_accuracy", f"{_AT_95}.out_of_scope_recall")),
    Row("clinc150", "CLINC150, AUROC / FPR at 95 %", ("auroc", "fpr_at_95")),
    Row("clinc150", "CLINC150, training, s: CPU / wall", ("train_cpu_s", "train_wall_s"), number),
    Row("peers", "start, s", ("start_s",), number),
    Row("peers", "memory when reading, MiB", ("serving_resident_mib",), number),
    Row("peers", "highest memory, trainings included, MiB", ("highest_resident_mib",), number),
)
_SEPARATION = (("near", "near out of scope"), ("far", "far out of scope"))


def markdown(report: Figures) -> str:
    """`report`: what bench.nlu.run.measured gives."""
    names = list(report["peers"])
    lines = [f"`{report['command']}`, {report['date']}{_commit(report)}. One thread each.", ""]
    lines += [f"{_title(name)}: {_versions(report['peers'][name])}." for name in names]
    lines += ["", "| | " + " | ".join(_title(name) for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [_line(title, cells) for title, cells in _rows(report, names) if set(cells) != {NONE}]
    failures = list(_failures(report))
    return "\n".join([*lines, *([""] if failures else []), *failures]) + "\n"


def _rows(report: Figures, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    parts: list[str] = list(dict.fromkeys(row.part for row in ROWS))
    parts.insert(1, "out_of_scope")
    for part in parts:
        figures = [report.get(part, {}).get(name, {}) for name in names]
        if part == "out_of_scope":
            yield from _draws(figures)
        for row in ROWS:
            if row.part == part:
                yield row.title, [_cell(one, row) for one in figures]


def _cell(figures: Figures, row: Row) -> str:
    found = [_at(figures, path) for path in row.paths]
    return NONE if None in found else " / ".join(row.shown(one) for one in found if one is not None)


def _at(figures: Any, path: str) -> float | None:
    for key in path.split("."):
        figures = figures.get(key) if isinstance(figures, Mapping) else None
    return figures


def _draws(figures: Sequence[Figures]) -> Iterator[tuple[str, list[str]]]:
    """Peers stand beside each other over the draws that all of them made; one that made more has its mean in a row of its own."""
    made = [len(one.get("draws", ())) for one in figures]
    for count in sorted({one for one in made if one}):
        means = [mean_over(one["draws"][:count]) if len(one.get("draws", ())) >= count else None for one in figures]
        for which, title in _SEPARATION:
            cells = [NONE if mean is None else " / ".join(share(mean[which][figure]) for figure in OUTSIDE) for mean in means]
            yield f"{title}, {_counted(count)}: AUROC / FPR at 95 % / acted on", cells


def _counted(draws: int) -> str:
    return "the first draw" if draws == 1 else f"mean of {draws} draws"


def _failures(report: Figures) -> Iterator[str]:
    for part, figures in report.items():
        for name, one in figures.items() if isinstance(figures, Mapping) else ():
            if isinstance(one, Mapping) and "failed" in one:
                yield f"{_title(name)}, {part}: {one['failed']}"


def _line(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | " + " | ".join(cells) + " |"


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _versions(facts: Figures) -> str:
    return ", ".join(f"{package} {version}" for package, version in facts.get("versions", {}).items()) or "measured nothing"


def _commit(report: Figures) -> str:
    return f", commit {report['commit']}" if report.get("commit") else ""
