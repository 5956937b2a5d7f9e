"""The router: any number may run, one leads. Wake-ups make it quick, its sweep makes it sure."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from conversations.adapters.reading import Waiting
from desk import events, lease, offers, presence
from desk.errors import LeaseLost
from desk.leading import Leading
from desk.matching import plan_offers
from desk.model import AgentState, AgentStatus, Candidate, Offer
from desk.ports import Ownership, Reading
from desk.routing import Routing, agrees, find_candidates, may_hold
from desk.settings import DeskSettings
from desk.standing import Standing, find_orphans, read_standings
from desk.watch import Missing, Watch
from runtime.bus import Bus, Note
from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import Refusal

CHANNEL = "desk"
# what the desk itself says after a commit: the events are written already
MOVED = "moved"
_FROM_CORE = (events.QUEUE_CHANGED, events.CONVERSATION_CHANGED)
_PRUNE_EVERY = 50
# wake-ups that come in a burst share a round
_GATHER_S = 0.01

_log = structlog.get_logger("desk")


@dataclass(frozen=True)
class _View:
    """The desk as one read transaction saw it."""

    agents: list[AgentState]
    live: list[Offer]
    standings: dict[str, Standing]
    mono: float
    waiting: tuple[Waiting, ...] | None
    """None: not looked at, since nobody could take anyone."""
    candidates: list[Candidate]
    orphans: list[Standing]


class Router:
    """One process's router. `await run()` until cancelled; `cycle()` is one round, for tests and for the loop."""

    def __init__(
        self, db: Database, clock: Clock, bus: Bus, ownership: Ownership, reading: Reading, settings: DeskSettings | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._bus = bus
        self._reading = reading
        self._settings = settings or DeskSettings()
        self._routing = Routing(ownership, self._settings)
        self._leading = Leading(db, clock, self._settings.router_lease_s)
        self._beats: dict[str, tuple[int, float]] = {}
        self._offers_since: dict[str, float] = {}
        self._watch = Watch()
        self._looked_at = 0.0
        self._cycles = 0
        self._wake = asyncio.Event()
        self._notes: list[Note] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def leads(self) -> bool:
        """Whether this router believes to lead; the fencing token decides."""
        return self._leading.token is not None

    async def start(self) -> None:
        """Runs beside the caller until `stop`."""
        self._running = asyncio.create_task(self.run(), name="router")

    async def stop(self) -> None:
        """Ends `run` and leaves the lease to the next router."""
        task, self._running = self._running, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Rounds for ever: at once when woken, and every `sweep_s` in any case. Leaves the lease when cancelled."""
        # a short lease wants rounds as short: an idle leader must not look like a dead one
        pause_s = min(self._settings.sweep_s, self._settings.router_lease_s / 3)
        listening = asyncio.create_task(self._listen())
        looked = self._clock.monotonic()
        try:
            while True:
                self._wake.clear()
                looked, before = self._clock.monotonic(), looked
                if looked - before > self._settings.router_lease_s:
                    # this process was asleep: nobody could show it a sign of life
                    self._see_anew()
                try:
                    await self.cycle()
                except Exception as error:
                    # a router that stops is worse than a round that is lost
                    _log.error("router_round_failed", exc_info=error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
                    await asyncio.sleep(_GATHER_S)
        finally:
            listening.cancel()
            await self._leading.leave()

    async def cycle(self) -> int:
        """One round; answers how many conversations were offered (0 for a router that does not lead)."""
        notes, self._notes = self._notes, []
        if not await self._lead():
            return 0
        try:
            await self._write_notes(notes)
            view = await self._db.read(self._look)
            held = frozenset(offer.conversation_id for offer in view.live if offer.state == offers.ACCEPTED)
            changed = await self._clean(view)
            if changed:
                view = await self._db.read(self._look)
            made = await self._assign(view)
            changed += await self._notice(view, frozenset(str(note.get("conversation_id")) for note in notes), held)
            await self._prune()
        except LeaseLost:
            self._leading.token = None
            return 0
        if changed or made or notes:
            await self._bus.publish(events.CHANNEL, {})
        return made

    def note(self, note: Note) -> None:
        """Takes in what the core says on the bus, and wakes the router."""
        if note.get("kind") in (*_FROM_CORE, MOVED):
            self._notes.append(note)
        self._wake.set()

    async def _listen(self) -> None:
        async for _, note in self._bus.subscribe(CHANNEL):
            self.note(note)

    async def _lead(self) -> bool:
        if await self._leading.keep():
            return True
        if not await self._leading.take():
            return False
        self._see_anew()
        self._watch = Watch()
        await self._bus.publish(events.CHANNEL, {})
        return True

    def _see_anew(self) -> None:
        """Who has seen nobody yet gives every lease and offer its full time again."""
        self._beats.clear()
        self._offers_since.clear()

    def _look(self, connection: Connection) -> _View:
        now = self._clock.now()
        agents = presence.read_agents(connection)
        live = offers.read_live(connection)
        standings = read_standings(connection, [offer.conversation_id for offer in live])
        free = any(agent.status is AgentStatus.ONLINE and agent.slots_used < agent.slots_max for agent in agents)
        mono = self._clock.monotonic()
        if not free and mono - self._looked_at < self._settings.sweep_s:
            # a long queue is read only when it can move, and once a sweep
            return _View(agents, live, standings, mono, None, [], [])
        self._looked_at = mono
        accounts = sorted({account for agent in agents for account in agent.accounts})
        waiting = self._reading.read_waiting(connection, accounts, now) if accounts else ()
        candidates = find_candidates(connection, waiting, live, self._settings, now) if free else []
        return _View(agents, live, standings, mono, waiting, candidates, find_orphans(connection))

    async def _clean(self, view: _View) -> int:
        """Ends what has run out, gives back what lost its agent, and drops rows whose conversation went another way."""
        now = self._clock.now()
        token = self._leading.led()
        agents = {agent.agent_id: agent for agent in view.agents}
        steps: list[Callable[[Connection], bool]] = [
            _bind(self._routing.lose_agent, token, agent, now) for agent in view.agents if self._is_lost(agent, view.mono)
        ]
        for offer in view.live:
            holder = agents.get(offer.agent_id)
            if holder is None or not may_hold(holder, offer):
                steps.append(_bind(self._routing.give_back, token, offer, now))
            elif offer.state == offers.OFFERED and self._is_over(offer):
                steps.append(_bind(self._routing.expire, token, offer, now))
            elif not agrees(offer, view.standings.get(offer.conversation_id)):
                steps.append(_bind(self._routing.reconcile, token, offer, now))
        steps += [_bind(self._routing.adopt, token, orphan, now) for orphan in view.orphans]
        self._forget(view)
        return await self._carry_out(steps)

    async def _assign(self, view: _View) -> int:
        now = self._clock.now()
        token = self._leading.led()
        pairs = plan_offers(view.candidates, view.agents, self._settings.last_agent_s)
        made = 0
        for start in range(0, len(pairs), self._settings.batch):
            batch = pairs[start : start + self._settings.batch]
            steps = [_bind(self._routing.offer, token, candidate, agent, now) for candidate, agent in batch]
            made += await self._carry_out(steps)
        return made

    async def _carry_out(self, steps: list[Callable[[Connection], bool]]) -> int:
        """Each step in a transaction of its own, all in one commit. A step that another was faster at counts as nothing."""
        if not steps:
            return 0
        results = await asyncio.gather(*(self._db.write(step) for step in steps), return_exceptions=True)
        for result in results:
            if isinstance(result, IntegrityError | Refusal) and not isinstance(result, LeaseLost):
                continue
            if isinstance(result, BaseException):
                raise result
        return sum(1 for result in results if result is True)

    async def _write_notes(self, notes: list[Note]) -> None:
        """What the core said becomes events; many words about the same are one."""
        said: set[Missing] = {
            (str(note["kind"]), str(note.get("account", "")), note.get("conversation_id"))
            for note in notes
            if note["kind"] in _FROM_CORE
        }
        if said:
            await self._db.write(lambda connection: self._append(connection, sorted(said, key=str)))

    async def _prune(self) -> None:
        self._cycles += 1
        if self._cycles % _PRUNE_EVERY == 0:
            await self._db.write(lambda connection: events.prune_events(connection, self._settings.kept_events))

    async def _notice(self, view: _View, told: frozenset[str], held: frozenset[str]) -> int:
        """Writes the events of changes that nobody spoke of; answers how many. What agents held and hold no more was told as it
        was given back."""
        missing = self._watch.conversations(view.standings, told)
        if view.waiting is not None:
            missing += self._watch.queue(view.waiting, told | held)
        if missing:
            await self._db.write(lambda connection: self._append(connection, missing))
        return len(missing)

    def _append(self, connection: Connection, wanted: Iterable[Missing]) -> None:
        lease.check_leads(connection, self._leading.led())
        for kind, account, conversation_id in wanted:
            events.append_event(connection, kind, account, self._clock.now(), conversation_id=conversation_id)

    def _is_lost(self, agent: AgentState, now: float) -> bool:
        """`now`: when the rows were read. A beat that came later is not in them."""
        seen = self._beats.get(agent.agent_id)
        if seen is None or seen[0] != agent.beat:
            self._beats[agent.agent_id] = (agent.beat, now)
            return False
        if agent.status is AgentStatus.OFFLINE:
            return False
        return now - seen[1] >= self._settings.agent_lease_s

    def _is_over(self, offer: Offer) -> bool:
        """By product time, which the page counts down, or by this machine's own when the wall clock was set back."""
        now = self._clock.monotonic()
        since = self._offers_since.setdefault(offer.offer_id, now)
        return offer.expires_at <= self._clock.now() or now - since >= self._settings.offer_s

    def _forget(self, view: _View) -> None:
        alive = {offer.offer_id for offer in view.live}
        self._offers_since = {name: since for name, since in self._offers_since.items() if name in alive}


def _bind(step: Callable[..., bool], *arguments: Any) -> Callable[[Connection], bool]:
    return lambda connection: step(connection, *arguments)
