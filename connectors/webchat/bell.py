"""Tells open streams that something happened to their visitor: in this process at once, in the others over the bus.

A ring that is lost costs a stream one look (WebChatSettings.look_s), never a line.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum

from conversations.model import Address
from runtime.bus import Bus, Note
from runtime.ids import new_id

CHANNEL = "webchat"
_CLOSING_S = 2.0


class Ring(StrEnum):
    """What happened."""

    LINE = "line"
    TYPING = "typing"


class Hearing:
    """One open stream's ear."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()
        self._typing = False
        self.dismissed = False
        """Whether a newer stream of the same visitor took this one's place."""

    def ring(self, kind: Ring | None) -> None:
        """Something happened, or (None) it is time to go."""
        # a line ends the typing that announced it
        self._typing = kind == Ring.TYPING
        self._heard.set()

    def take_typing(self) -> bool:
        """Whether someone has begun to write since this was asked last."""
        typing, self._typing = self._typing, False
        return typing

    async def wait(self, within_s: float) -> None:
        """Until something happens, `within_s` seconds at most; what has happened since the last wait counts."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._heard.wait()
        self._heard.clear()


class Bell:
    """One subscription of the bus per process, made with the first stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._name = new_id("p")
        self._hearings: defaultdict[Address, list[Hearing]] = defaultdict(list)
        self._listening: asyncio.Task[None] | None = None
        self.closed = False
        self.open = 0

    async def ring(self, to: Address, kind: Ring) -> None:
        """Never raises; the database has what there is to know."""
        self._ring_here(to, kind)
        await self._bus.publish(CHANNEL, {"account": to.account, "openid": to.openid, "kind": str(kind), "by": self._name})

    @contextlib.contextmanager
    def hearing(self, who: Address, most: int) -> Iterator[Hearing]:
        """An ear for that visitor's rings. Of more than `most` the oldest is dismissed: a phone that changes networks leaves streams
        behind of which nobody hears for minutes that they are dead."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        one = Hearing()
        self._hearings[who].append(one)
        for old in self._hearings[who][:-most]:
            old.dismissed = True
            old.ring(None)
        self.open += 1
        try:
            yield one
        finally:
            self.open -= 1
            self._hearings[who].remove(one)
            if not self._hearings[who]:
                del self._hearings[who]

    async def close(self) -> None:
        """Ends every stream and the subscription; gives the streams a moment to say so."""
        self.closed = True
        for one in [one for hearings in self._hearings.values() for one in hearings]:
            one.ring(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await self._all_gone()
        task, self._listening = self._listening, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _all_gone(self) -> None:
        while self.open:
            await asyncio.sleep(0.01)

    async def _listen(self) -> None:
        async for _, note in self._bus.subscribe(CHANNEL):
            self._hear(note)

    def _hear(self, note: Note) -> None:
        account, openid, kind = note.get("account"), note.get("openid"), note.get("kind")
        # the bus may be shared: what is no note of ours is passed over
        if note.get("by") != self._name and isinstance(account, str) and isinstance(openid, str) and kind in tuple(Ring):
            self._ring_here(Address(account, openid), Ring(kind))

    def _ring_here(self, to: Address, kind: Ring) -> None:
        for one in self._hearings.get(to, ()):
            one.ring(kind)
