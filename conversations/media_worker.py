"""Fetches files behind the callbacks, while the channel has them, and erases those whose time is over.

Any number of processes may run one: a row is leased before it is worked on, and what a process that died left behind is taken up when
its lease is over. The row is the truth; a file without one is erased.
"""

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from conversations.media import Fetched, Fetching, Gone, Later, Media, MediaState, Unusable
from conversations.media_types import fits
from conversations.ports import MediaFiles, MediaRows, MediaSource
from runtime.clock import Clock

_log = structlog.get_logger(__name__)
_ORPHAN_S = 3600.0
_BATCH = 200


@dataclass(frozen=True)
class MediaTimes:
    """Seconds unless the name says otherwise."""

    sweep_s: float = 5.0
    lease_s: float = 120.0
    """Longer than a fetch may take: the source gives up before."""
    fetch_s: float = 90.0
    at_once: int = 4
    retry_s: float = 5.0
    """After the first failure; four times as long after each further one, up to an hour."""
    longest_retry_s: float = 3600.0
    keep_days: int = 30
    age_s: float = 3600.0
    """How often old files and orphans are looked for."""


class MediaWorker:
    """One process's share. `changed` is told (conversation_id, account) when a file has come or is given up."""

    def __init__(
        self, rows: MediaRows, files: MediaFiles, sources: Mapping[str, MediaSource], clock: Clock, lease_clock: Clock,
        times: MediaTimes, counts: Counter[str], changed: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._rows = rows
        self._files = files
        self._sources = sources
        self._clock = clock
        self._lease_clock = lease_clock
        self._times = times
        self._counts = counts
        self._changed = changed
        self._awake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins with what was left behind."""
        self._tasks = [asyncio.create_task(self._work_on()), asyncio.create_task(self._age_on())]

    async def stop(self) -> None:
        """What is under way is left to its lease."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def wake(self) -> None:
        """A file has been asked for."""
        self._awake.set()

    async def work_once(self) -> int:
        """Takes what there is to do; answers how much it was."""
        times = self._times
        claimed = await self._rows.claim(self._clock.now(), self._lease_clock.monotonic(), times.lease_s, times.at_once)
        await asyncio.gather(*(self._guarded(row) for row in claimed))
        return len(claimed)

    async def age_once(self) -> None:
        """Files older than they are kept, and files that have no row."""
        before = self._clock.now() - timedelta(days=self._times.keep_days)
        self._counts["media_aged"] += await self._rows.age(before, _BATCH)
        names = await asyncio.to_thread(self._files.names, _ORPHAN_S)
        for name in await self._rows.unknown(names):
            self._counts["media_orphans"] += 1
            await asyncio.to_thread(self._files.remove, name)

    async def _guarded(self, row: Media) -> None:
        try:
            await (self._erase(row) if row.state == MediaState.ERASING else self._fetch(row))
        except Exception:
            # the lease runs out and it is tried again
            self._counts["media_fault"] += 1
            _log.exception("media_fault", media_id=row.media_id)

    async def _erase(self, row: Media) -> None:
        await asyncio.to_thread(self._files.remove, row.media_id)
        await self._rows.forget(row.media_id)
        self._counts["media_erased"] += 1

    async def _fetch(self, row: Media) -> None:
        if self._clock.now() >= row.expires_at:
            done = replace(row, state=MediaState.EXPIRED, reason=row.reason or "too_late")
        else:
            done = await self._after(row, await self._ask(row))
        kept = await self._rows.finish(done)
        if not kept and done.state == MediaState.FETCHED:
            # erased, or another's, while it came in
            await self._take_back(row)
            return
        self._counts[f"media_{done.state}"] += kept
        if kept and done.state != MediaState.WANTED:
            await self._changed(row.conversation_id, row.account)

    async def _take_back(self, row: Media) -> None:
        if await self._rows.unknown([row.media_id]):
            await asyncio.to_thread(self._files.remove, row.media_id)

    async def _ask(self, row: Media) -> Fetching:
        source = self._sources.get(row.account)
        if source is None:
            return Later("no_source")
        try:
            async with asyncio.timeout(self._times.fetch_s):
                return await source.fetch(row.reference, row.kind)
        except TimeoutError:
            return Later("too_slow")

    async def _after(self, row: Media, result: Fetching) -> Media:
        row = replace(row, attempts=row.attempts + 1, retry_at=None)
        match result:
            case Fetched(content, content_type) if fits(row.kind, content_type):
                await asyncio.to_thread(self._files.put, row.media_id, content)
                digest = hashlib.sha256(content).hexdigest()
                return replace(
                    row, state=MediaState.FETCHED, content_type=content_type, size=len(content), sha256=digest, reason=""
                )
            case Fetched():
                return replace(row, state=MediaState.FAILED, reason="wrong_type")
            case Gone(reason):
                return replace(row, state=MediaState.EXPIRED, reason=reason)
            case Unusable(reason):
                return replace(row, state=MediaState.FAILED, reason=reason)
            case Later(reason):
                pause = min(self._times.retry_s * 4 ** min(row.attempts - 1, 12), self._times.longest_retry_s)
                return replace(row, reason=reason, retry_at=self._clock.now() + timedelta(seconds=pause))

    async def _work_on(self) -> None:
        while True:
            self._awake.clear()
            try:
                while await self.work_once():
                    pass
            except Exception:
                self._counts["media_fault"] += 1
                _log.exception("media_fault")
            with contextlib.suppress(TimeoutError):
                # not wait_for: Python 3.11's swallows a cancellation that meets the wake-up, and stopping would wait for ever
                async with asyncio.timeout(self._times.sweep_s):
                    await self._awake.wait()

    async def _age_on(self) -> None:
        while True:
            try:
                await self.age_once()
            except Exception:
                self._counts["media_fault"] += 1
                _log.exception("media_fault")
            await asyncio.sleep(self._times.age_s)
