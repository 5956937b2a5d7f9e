"""What a run found: JSON for machines, a table for people."""

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chaos.checks.registry import LISTED, MUST_BE_NONE
from chaos.deployment import LEASE_S
from chaos.evidence import Evidence
from chaos.options import Options
from chaos.recovery import BAR_S, Asked, Happened, find_asked, recovery_s, slowest_s, unanswered, usual_share

_SHOWN = 40


def make_report(
    options: Options, evidence: Evidence, happened: Sequence[Happened], counts: Mapping[str, Mapping[str, int]], holes: int
) -> dict[str, Any]:
    """JSON only. `passed`: every figure that must be nought is."""
    must = {name: check(evidence) for name, check in MUST_BE_NONE}
    listed = {name: check(evidence) for name, check in LISTED}
    asked = find_asked(evidence)
    usual = usual_share(asked, happened[0].begun) if happened else 1.0
    figures = {name: len(found) for name, found in must.items()}
    return {
        "passed": not any(figures.values()) and not holes,
        "figures": figures,
        "listed": {name: len(found) for name, found in listed.items()},
        "recovery": [_recovery(asked, one, usual) for one in happened],
        "usual_share": round(usual, 4),
        "answers": _answers(asked),
        "volume": _volume(evidence),
        "counts": {name: dict(sorted(found.items())) for name, found in counts.items()},
        "holes_in_the_log": holes,
        "findings": {name: [one.as_json() for one in found[:_SHOWN]] for name, found in {**must, **listed}.items()},
        "options": {name: value for name, value in asdict(options).items() if name not in ("database_url", "report", "keep")},
        "lease_s": LEASE_S,
        "database": "postgresql" if options.database_url else "sqlite",
        "machine": {"cores": os.cpu_count(), "load": [round(one, 1) for one in os.getloadavg()], "python": platform.python_version()},
    }


def render(report: Mapping[str, Any]) -> str:
    """The table."""
    lines = [f"{'must be 0':<22}{'':>8}"]
    lines += [f"  {name:<20}{count:>8}" for name, count in report["figures"].items()]
    lines += ["listed"]
    lines += [f"  {name:<20}{count:>8}" for name, count in report["listed"].items()]
    lines += [f"back to normal after (bar {BAR_S:.0f} s; usual: {report['usual_share']:.1%} answered within 2 s)"]
    for one in report["recovery"]:
        back = "not before the next" if one["back_s"] is None else f"{one['back_s']:.1f} s"
        rest = f"   slowest answer {one['slowest_s']} s, {one['unanswered']} without one"
        lines.append(f"  {one['fault']:<20}{back:>8}{rest}{'' if one['within_bar'] else '   OVER THE BAR'}")
    answers, volume = report["answers"], report["volume"]
    lines += [f"answers: {answers['asked']} asked, {answers['answered']} answered, p50 {answers['p50_ms']} ms, p99 {answers['p99_ms']} ms"]
    lines += ["volume: " + ", ".join(f"{count} {name}" for name, count in volume.items())]
    lines += [f"{name}: " + ", ".join(f"{key} {count}" for key, count in found.items()) for name, found in report["counts"].items()]
    lines += ["passed" if report["passed"] else "FAILED"]
    return "\n".join(lines)


def _recovery(asked: Sequence[Asked], one: Happened, usual: float) -> dict[str, Any]:
    back = recovery_s(asked, one, usual)
    lasted = (one.ended - one.begun).total_seconds()
    return {
        "fault": one.name, "begun": one.begun.isoformat(timespec="milliseconds"), "lasted_s": round(lasted, 1), "back_s": back,
        "within_bar": back is not None and back <= BAR_S, "slowest_s": slowest_s(asked, one), "unanswered": unanswered(asked, one),
    }  # fmt: skip


def _answers(asked: Sequence[Asked]) -> dict[str, Any]:
    times = sorted(one.answered_s for one in asked if one.answered_s is not None)
    return {"asked": len(asked), "answered": len(times), "p50_ms": _part(times, 0.5), "p99_ms": _part(times, 0.99)}


def _part(times: Sequence[float], part: float) -> int | None:
    return round(times[min(int(len(times) * part), len(times) - 1)] * 1000) if times else None


def _volume(evidence: Evidence) -> dict[str, int]:
    statuses = Counter(row.status for row in evidence.outbounds)
    return {
        "messages stored": len(evidence.inbounds),
        "turns": len(evidence.turns),
        **{f"bubbles {name}": count for name, count in sorted(statuses.items())},
        "deliveries": len(evidence.deliveries),
        "platform calls": len(evidence.calls),
        "agent holds": sum(hold.accepted_at is not None for hold in evidence.holds),
    }
