"""When each fault comes: after a calm stretch that shows what is usual, in turn, each with time to get over it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.faults import Fault

_CALM_PART = 0.08
_CALM_LEAST_S = 10.0
_CALM_MOST_S = 60.0


@dataclass(frozen=True)
class Slot:
    """One fault's time, in seconds from the start of the load. Free of other faults until `free_until`."""

    fault: Fault
    begins: float
    ends: float
    free_until: float


def plan_faults(faults: Sequence[Fault], seconds: float) -> tuple[Slot, ...]:
    """Spreads them over the run. A run that is long enough goes through them again and again; one that is too short leaves the last out."""
    calm = calm_s(seconds)
    least = 12.0
    if not faults:
        return ()
    round_s = sum(fault.lasts_s + least for fault in faults)
    rounds = max(1, int((seconds - calm) // round_s))
    ordered = list(faults) * rounds
    lasting = sum(fault.lasts_s for fault in ordered)
    gap = (seconds - calm - lasting) / len(ordered)
    gap = max(gap, 8.0)
    slots: list[Slot] = []
    at = calm
    for fault in ordered:
        free_until = at + fault.lasts_s + gap
        if free_until > seconds + 0.5:
            break
        slots.append(Slot(fault, at, at + fault.lasts_s, free_until))
        at = free_until
    return tuple(slots)


def calm_s(seconds: float) -> float:
    """How long nothing is done to the deployment at first."""
    return min(max(seconds * _CALM_PART, _CALM_LEAST_S), _CALM_MOST_S)
