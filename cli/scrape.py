"""`/metrics`: what every part counts, and a few looks at the database, put together for Prometheus.

A scrape that comes while one is under way gets that one; what the database does not answer within a second is left out.
"""

import asyncio
import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from conversations.adapters.tables import handoff, inbound, outbound
from conversations.core import Core
from desk.desk import Desk
from runtime.bus import Bus, RedisBus
from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import Fault
from runtime.metrics import Family, Sample, labelled, one, render
from runtime.tables import core_process
from runtime.version import VERSION

_WITHIN_S = 1.0
_REMEMBERED_S = 1.0
_PENDING = ("queued", "held", "sending")
_GROUPS = (
    ("turn_", "weiting_turns_total", "Turns by how they ended.", "outcome"),
    ("inbound.", "weiting_inbound_total", "Messages and events stored, by kind.", "kind"),
    ("send_code.", "weiting_send_refusals_total", "Customer-service messages WeChat refused, by its error code.", "code"),
    ("send_", "weiting_sends_total", "Customer-service messages by result; unknown ones are never sent again.", "result"),
    ("reply_", "weiting_replies_total", "Callbacks by how they were answered.", "reply"),
    ("anomalous.", "weiting_anomalous_callbacks_total", "Callbacks that WeChat would not send, by what was wrong.", "code"),
    ("ignored.", "weiting_ignored_total", "Known kinds that need no answer.", "kind"),
)
"""Counters of the parts, by the start of their name; the first that fits has it."""
_SINGLE = {
    "audit_mended": ("weiting_audit_mended_total", "Conversations the audit straightened: anything but 0 is a defect somewhere."),
    "lane_lost": ("weiting_lanes_lost_total", "Turns given up because another worker has the lane."),
}
_HELD = (
    select(outbound.c.status, outbound.c.reason, func.count())
    .where(outbound.c.status.in_(_PENDING))
    .group_by(outbound.c.status, outbound.c.reason)
)
_WAITING = (
    select(handoff.c.account, func.count(), func.min(handoff.c.requested_at))
    .where(handoff.c.status == "waiting")
    .group_by(handoff.c.account)
)
_NEW = select(func.count()).select_from(inbound).where(inbound.c.status == "new")
_CORES = select(func.count()).select_from(core_process)


@dataclass(frozen=True)
class Sources:
    """Whom a scrape asks. `restarts`: the supervisor's file, name → times a child was started again."""

    db: Database
    clock: Clock
    bus: Bus
    conversations: Core
    desk: Desk
    counts: Sequence[Mapping[str, float]]
    accounts: Sequence[str]
    restarts: Path
    of_channels: Callable[[], Iterable[Family]] = tuple


class Scrape:
    """Makes the page, at most once a second."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._making: asyncio.Task[str] | None = None
        self._made_at = -_REMEMBERED_S
        self._looking: asyncio.Task[list[Family]] | None = None

    async def page(self) -> str:
        """The text, never later than a second."""
        if self._making is None or (self._making.done() and time.monotonic() - self._made_at >= _REMEMBERED_S):
            self._made_at = time.monotonic()
            self._making = asyncio.create_task(self._make())
        return await asyncio.shield(self._making)

    async def _make(self) -> str:
        looked = await self._look()
        source = self._sources
        families = [*_counted(source.counts), *_of_process(source), *_restarted(source.restarts), *source.of_channels(), *(looked or ())]
        families.append(one("weiting_database_up", "gauge", "Whether the database answered this scrape.", float(looked is not None)))
        return render(families)

    async def _look(self) -> list[Family] | None:
        # one look at a time: a database that hangs must not collect them
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait((self._looking,), timeout=_WITHIN_S)
        if not done or self._looking.exception() is not None:
            return None
        return self._looking.result()

    async def _ask(self) -> list[Family]:
        now = self._sources.clock.now()
        try:
            found = await self._sources.db.read(_read)
            desk = await self._sources.desk.counts()
        except SQLAlchemyError as error:
            raise Fault("the database did not answer the scrape") from error
        none = dict.fromkeys(self._sources.accounts, 0)
        waits = none | {account: max((now - since).total_seconds(), 0.0) for account, (_, since) in found.waiting.items()}
        agents = {name.removeprefix("agents_"): count for name, count in desk.items() if name.startswith("agents_")}
        lengths = none | {account: count for account, (count, _) in found.waiting.items()}
        return [
            labelled("weiting_queue_length", "gauge", "Conversations that wait for a person.", "account", lengths),
            labelled("weiting_queue_longest_wait_seconds", "gauge", "How long the first of them has waited.", "account", waits),
            labelled("weiting_agents", "gauge", "Agents by status.", "status", agents),
            one("weiting_offers", "gauge", "Offers an agent has not answered yet.", desk["offers"]),
            one("weiting_assignments", "gauge", "Conversations a person serves now.", desk["assignments"]),
            labelled("weiting_outbound", "gauge", "Messages that have not left, by status.", "status", found.outbound),
            labelled("weiting_purse_held", "gauge", "Messages held for the subscriber's next one, by reason.", "reason", found.held),
            one("weiting_inbound_waiting", "gauge", "Stored messages whose turn has not been made.", found.new),
            one("weiting_cores", "gauge", "Core processes that serve this database.", found.cores),
        ]


@dataclass(frozen=True)
class _Found:
    waiting: dict[str, tuple[int, Any]]
    outbound: Counter[str]
    held: Counter[str]
    new: int
    cores: int


def _read(connection: Connection) -> _Found:
    statuses, held = Counter({status: 0 for status in _PENDING}), Counter[str]()
    for status, reason, count in connection.execute(_HELD):
        statuses[status] += count
        if status == "held":
            held[reason or "none"] += count
    waiting = {account: (count, since) for account, count, since in connection.execute(_WAITING)}
    return _Found(waiting, statuses, held, connection.execute(_NEW).scalar() or 0, connection.execute(_CORES).scalar() or 0)


def _counted(counts: Sequence[Mapping[str, float]]) -> list[Family]:
    sums: Counter[str] = Counter()
    for counted in counts:
        for name, value in list(counted.items()):
            sums[name] += value  # type: ignore[assignment]
    grouped: dict[str, dict[str, float]] = {start: {} for start, *_ in _GROUPS}
    events: dict[str, float] = {}
    families = [one(name, "counter", text, sums.pop(key, 0)) for key, (name, text) in _SINGLE.items()]
    for name, value in sums.items():
        start = next((start for start, *_ in _GROUPS if name.startswith(start)), None)
        (events if start is None else grouped[start])[name.removeprefix(start or "")] = value
    families += [labelled(name, "counter", text, label, grouped[start]) for start, name, text, label in _GROUPS]
    families.append(labelled("weiting_events_total", "counter", "All else the parts count, by name.", "event", events))
    return families


def _of_process(source: Sources) -> list[Family]:
    away = source.bus.is_away if isinstance(source.bus, RedisBus) else False
    lost = source.bus.lost if isinstance(source.bus, RedisBus) else 0
    used = resource.getrusage(resource.RUSAGE_SELF)
    return [
        source.conversations.stages.family("weiting_stage_seconds", "Time of each stage: store, wait, bot or direct, commit, send."),
        one("weiting_breaker_open", "gauge", "1 while the bot is not asked because it failed.", float(source.conversations.bot_refused)),
        one("weiting_lanes_busy", "gauge", "Conversations that move in this process now.", source.conversations.workers.busy),
        one("weiting_bus_away", "gauge", "1 while Redis takes no wake-ups; the sweep finds what it misses.", float(away)),
        one("weiting_bus_lost_total", "counter", "Wake-ups Redis did not take.", lost),
        one("process_cpu_seconds_total", "counter", "CPU time of the core process.", used.ru_utime + used.ru_stime),
        one("process_resident_memory_bytes", "gauge", "Memory of the core process.", _resident()),
        Family("weiting_build_info", "gauge", "The version, as a label.", (Sample(1, (("version", VERSION),)),)),
    ]


def _resident() -> float:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _restarted(file: Path) -> list[Family]:
    try:
        kept = {str(name): int(times) for name, times in json.loads(file.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return []
    return [labelled("weiting_child_restarts_total", "counter", "Times the supervisor started a child again.", "child", kept)]
