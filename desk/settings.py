"""What the desk can be told, small and frozen."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeskSettings:
    """Times in seconds. The defaults are those of docs/architecture.md."""

    agent_lease_s: float = 30.0
    offer_s: float = 20.0
    last_agent_s: float = 30.0
    declined_s: float = 60.0
    misses_to_break: int = 3
    router_lease_s: float = 6.0
    sweep_s: float = 2.0
    batch: int = 64
    kept_events: int = 20_000
    recent_s: float = 24 * 3600.0
