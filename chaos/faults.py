"""What is done to the deployment. Each fault begins, lasts, and ends; a kill ends as it begins."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_SEND = "custom/send"
_EVERY = -1


class Target(Protocol):
    """What a fault acts on; `chaos.deployment.Deployment` is the real one."""

    async def signal(self, part: str, number: int) -> None:
        """To the process that plays this part now: core, bot, redis."""

    async def order(self, body: Mapping[str, Any]) -> None:
        """One order to the platform double (POST /api/faults)."""

    async def drop_connections(self) -> None:
        """Ends every connection the database server has to others."""


@dataclass(frozen=True)
class Fault:
    """`lasts_s`: from its beginning to its end; 0 for what happens at once."""

    name: str
    lasts_s: float

    async def begin(self, target: Target) -> None:
        """Does it."""

    async def end(self, target: Target) -> None:
        """Takes it back."""


@dataclass(frozen=True)
class Kill(Fault):
    """kill -9; the supervisor starts the part again (Redis comes back empty)."""

    part: str = ""

    async def begin(self, target: Target) -> None:
        await target.signal(self.part, signal.SIGKILL)


@dataclass(frozen=True)
class Pause(Fault):
    """SIGSTOP, then SIGCONT: a machine that swaps, a hypervisor that sleeps."""

    part: str = ""

    async def begin(self, target: Target) -> None:
        await target.signal(self.part, signal.SIGSTOP)

    async def end(self, target: Target) -> None:
        await target.signal(self.part, signal.SIGCONT)


@dataclass(frozen=True)
class Platform(Fault):
    """Orders to the platform double, in force until cleared."""

    orders: tuple[Mapping[str, Any], ...] = ()

    async def begin(self, target: Target) -> None:
        for body in self.orders:
            await target.order(body)

    async def end(self, target: Target) -> None:
        await target.order({"clear": True})


@dataclass(frozen=True)
class DropConnections(Fault):
    """pg_terminate_backend on every connection, twice."""

    async def begin(self, target: Target) -> None:
        await target.drop_connections()

    async def end(self, target: Target) -> None:
        await target.drop_connections()


# the core sleeps past its lanes' lease (chaos.deployment.LEASE_S) and past the router's; agents are held for lost after 30 s
FAULTS: tuple[Fault, ...] = (
    Kill("core_kill", 0.0, "core"),
    Platform(
        "platform_slow", 6.0,
        ({"path": _SEND, "delay_ms": 2500, "count": _EVERY}, {"path": "stable_token", "delay_ms": 2500, "count": _EVERY}),
    ),  # fmt: skip
    Kill("bot_kill", 0.0, "bot"),
    Platform(
        "platform_errors", 6.0,
        (
            {"path": _SEND, "errcode": -1, "count": 10}, {"path": _SEND, "errcode": 45009, "count": 3},
            {"path": _SEND, "errcode": 40001, "count": 5}, {"path": _SEND, "errcode": -1, "count": _EVERY},
        ),
    ),  # fmt: skip
    Kill("redis_kill", 0.0, "redis"),
    Platform("platform_drops", 5.0, ({"path": _SEND, "drop": "after", "count": 20}, {"path": _SEND, "drop": "before", "count": _EVERY})),
    Pause("core_pause", 14.0, "core"),
    Platform("platform_repeats", 6.0, ({"path": "callback", "repeat": 1, "count": _EVERY},)),
    Pause("bot_pause", 10.0, "bot"),
    Pause("redis_pause", 6.0, "redis"),
    DropConnections("postgres_drop", 1.0),
)
