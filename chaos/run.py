"""A run from start to report."""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from chaos.agents import Agent, Habits
from chaos.deployment import Deployment
from chaos.faults import FAULTS
from chaos.logbook import Logbook
from chaos.options import Options
from chaos.people import openids, write_people
from chaos.planner import Planner
from chaos.player import Player
from chaos.recovery import Happened
from chaos.report import make_report
from chaos.schedule import Slot, plan_faults
from chaos.tables import count_unrest, read_evidence
from runtime.clock import SHANGHAI

_SETTLE_S = 3.0
_VANISHING = 2


async def run(options: Options, folder: Path) -> dict[str, Any]:
    """Starts, plays, breaks, waits for rest, reads, reports. Everything is stopped when this returns."""
    known = {fault.name: fault for fault in FAULTS}
    slots = plan_faults([known[name] for name in options.faults], options.seconds)
    async with Deployment(folder, bots=options.bots, database_url=options.database_url) as deployment:
        people = folder / "people.yml"
        write_people(people, options.subscribers)
        await deployment.load_people(people)
        tokens = [await deployment.add_agent(f"agent{index}") for index in range(options.agents)]
        _say(f"ready after {deployment.ready['seconds']} s; {len(slots)} faults in {options.seconds:.0f} s")
        book = Logbook(deployment.session, deployment.sandbox_url)
        async with aiohttp.ClientSession() as session:
            counts: Counter[str] = Counter()
            agents = [_agent(index, token, session, deployment.staff_url, options, counts) for index, token in enumerate(tokens)]
            async with _beside(book.follow(), *(agent.work() for agent in agents)):
                player = Player(
                    deployment.session, deployment.sandbox_url, Planner(openids(options.subscribers), options.seed), options.rate
                )
                happened = await _play(options, deployment, player, slots)
                for agent in agents:
                    agent.closing = True
                rest_s = await _rest(deployment, options.quiet_s)
            await book.read_on()
            await book.read_chats(openids(options.subscribers))
            evidence = read_evidence(deployment.database_url, deployment.data, book)
        if options.keep:
            (folder / "log.json").write_text(json.dumps(vars(book) | {"session": None}, ensure_ascii=False), encoding="utf-8")
    _say(f"at rest after {rest_s:.0f} s")
    return make_report(options, evidence, happened, {"said": player.said, "agents": counts}, book.holes)


def _agent(index: int, token: str, session: aiohttp.ClientSession, url: str, options: Options, counts: Counter[str]) -> Agent:
    habits = Habits(vanish_every_s=60.0) if index < _VANISHING else Habits()
    return Agent(f"agent{index}", token, session, url, counts, habits, options.seed * 1000 + index)


async def _play(options: Options, deployment: Deployment, player: Player, slots: Sequence[Slot]) -> list[Happened]:
    begins = time.monotonic()
    breaking = asyncio.create_task(_break(deployment, slots, begins))
    try:
        await player.play(options.seconds)
        return await breaking
    finally:
        breaking.cancel()


async def _break(deployment: Deployment, slots: Sequence[Slot], begins: float) -> list[Happened]:
    happened: list[Happened] = []
    for slot in slots:
        await asyncio.sleep(max(0.0, begins + slot.begins - time.monotonic()))
        begun = datetime.now(SHANGHAI)
        _say(f"{slot.begins:6.1f} s  {slot.fault.name}")
        await slot.fault.begin(deployment)
        await asyncio.sleep(max(0.0, begins + slot.ends - time.monotonic()))
        await slot.fault.end(deployment)
        ended = datetime.now(SHANGHAI) if slot.fault.lasts_s else begun
        until = datetime.now(SHANGHAI) + timedelta(seconds=max(0.0, begins + slot.free_until - time.monotonic()))
        happened.append(Happened(slot.fault.name, begun, ended, until))
    return happened


async def _rest(deployment: Deployment, most_s: float) -> float:
    """Waits until nothing is under way, seen twice; answers how long it took."""
    begins = time.monotonic()
    calm = 0
    while time.monotonic() - begins < most_s and calm < 2:
        await asyncio.sleep(_SETTLE_S)
        calm = calm + 1 if await asyncio.to_thread(count_unrest, deployment.database_url) == 0 else 0
    return time.monotonic() - begins


@contextlib.asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs them beside the body and ends them with it."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for problem in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(problem, Exception):
                _say(f"a part of the harness failed: {problem!r}")


def _say(line: str) -> None:
    sys.stderr.write(f"chaos: {line}\n")
    sys.stderr.flush()
