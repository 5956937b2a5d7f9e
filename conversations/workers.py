"""Who runs the lanes of this process: a task per conversation that has something to do, so many at a time."""

import asyncio
import contextlib
from collections import Counter
from functools import partial

import structlog

from conversations.lanes import LaneRunner, renew
from conversations.records import Store
from conversations.settings import ConversationSettings
from runtime.clock import Clock

_log = structlog.get_logger(__name__)


class Workers:
    """Wakes lanes and renews their leases. A wake during a run makes the lane look once more: none is lost."""

    def __init__(self, runner: LaneRunner, store: Store, clock: Clock, settings: ConversationSettings, counts: Counter[str]) -> None:
        self._runner = runner
        self._store = store
        self._clock = clock
        self._settings = settings
        self._counts = counts
        self._free = asyncio.Semaphore(settings.workers)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._held: dict[str, tuple[int, float]] = {}
        self._renewing: asyncio.Task[None] | None = None
        self._stopped = False

    def start(self) -> None:
        """Begins to renew leases."""
        self._renewing = asyncio.create_task(self._renew_on())

    async def stop(self, within_s: float = 10.0) -> None:
        """Lets what is under way end; what does not is left to its lease."""
        self._stopped = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=within_s)
        await self.kill()

    async def kill(self) -> None:
        """Ends all at once, as a crash does."""
        self._stopped = True
        tasks = [*self._running.values(), *([self._renewing] if self._renewing else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def wake(self, conversation_id: str) -> None:
        """Something may be there to do for that conversation."""
        if self._stopped:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        self._running[conversation_id] = asyncio.create_task(self._run(conversation_id))

    @property
    def running(self) -> bool:
        """Whether lanes are taken and their leases renewed."""
        return not self._stopped and self._renewing is not None and not self._renewing.done()

    @property
    def busy(self) -> int:
        """Lanes under way; for the metric."""
        return len(self._running)

    async def _run(self, conversation_id: str) -> None:
        try:
            async with self._free:
                while True:
                    self._again.discard(conversation_id)
                    await self._run_once(conversation_id)
                    if conversation_id not in self._again or self._stopped:
                        return
        finally:
            self._again.discard(conversation_id)
            self._running.pop(conversation_id, None)

    async def _run_once(self, conversation_id: str) -> None:
        try:
            await self._runner.run(conversation_id, partial(self._claimed, conversation_id))
        except Exception:
            # the lease runs out and the sweep tries again
            self._counts["lane_fault"] += 1
            _log.exception("lane_fault", conversation_id=conversation_id)
        finally:
            self._held.pop(conversation_id, None)

    def _claimed(self, conversation_id: str, token: int) -> None:
        self._held[conversation_id] = (token, self._clock.monotonic())

    async def _renew_on(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            await self.renew_once()

    async def renew_once(self) -> None:
        """Every lane that has stood at one step for a third of its lease gets a whole one again."""
        mono = self._clock.monotonic()
        for conversation_id, (token, since) in list(self._held.items()):
            if mono - since < self._settings.lease_s / 3 - 0.5:
                continue
            try:
                until = mono + self._settings.lease_s
                await self._store.write(partial(renew, conversation_id=conversation_id, token=token, until=until))
            except Exception:
                _log.exception("renewal_failed", conversation_id=conversation_id)
