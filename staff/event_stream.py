"""Server-sent events: numbers of what changed, from the desk's log, resumable."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

import orjson
from sanic import Request
from sanic.response import BaseHTTPResponse

from desk import events
from desk.model import DeskEvent
from runtime.bus import Bus
from staff.api import COOKIE, Call
from staff.errors import BadRequest, NotSignedIn, TooManyStreams
from staff.services import Services, viewer_of

_CLOSING_S = 2.0
_MOST_DIGITS = 15


class Bell:
    """Rings all open streams when the log has grown: one subscription of the bus per process, made with the first stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: set[asyncio.Event] = set()
        self._listening: asyncio.Task[None] | None = None
        self.closed = False

    async def close(self) -> None:
        """Ends every stream, and the subscription; gives the streams a moment to say so."""
        self.closed = True
        self._ring()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await self._all_gone()
        task, self._listening = self._listening, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _all_gone(self) -> None:
        while self._waiting:
            await asyncio.sleep(0.01)

    async def _listen(self) -> None:
        async for _ in self._bus.subscribe(events.CHANNEL):
            self._ring()

    def _ring(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set at every ring."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        heard = asyncio.Event()
        self._waiting.add(heard)
        try:
            yield heard
        finally:
            self._waiting.discard(heard)


class EventStream:
    """GET /events. A stream ends when the server stops or the session is over; the page comes back with its last number."""

    def __init__(self, services: Services, bell: Bell) -> None:
        self._services = services
        self._bell = bell
        self._open: Counter[str] = Counter()

    async def serve(self, call: Call) -> None:
        """Writes to the response until the page goes away. Raises BadRequest, TooManyStreams before the first byte."""
        after = _start(call.request)
        member = call.member.member_id
        if self._open[member] >= self._services.settings.streams_per_member:
            raise TooManyStreams
        self._open[member] += 1
        try:
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            response = await call.request.respond(content_type="text/event-stream; charset=utf-8", headers=headers)
            with self._bell.listening() as heard:
                await response.send(b"retry: 2000\n\n")
                if after is None:
                    after = await self._services.desk.newest_event()
                    await response.send(_line(DeskEvent(after, events.RESYNC, "")))
                await self._follow(call, response, heard, after)
        finally:
            self._open[member] -= 1

    async def _follow(self, call: Call, response: BaseHTTPResponse, heard: asyncio.Event, after: int) -> None:
        settings, clock = self._services.settings, self._services.clock
        viewer = viewer_of(call.member)
        spoke = clock.monotonic()
        while not self._bell.closed:
            heard.clear()
            found = await self._services.desk.events(viewer, after)
            for event in found:
                after = event.seq
            if found:
                await response.send(b"".join(map(_line, found)))
                spoke = clock.monotonic()
                continue
            if clock.monotonic() - spoke >= settings.heartbeat_s:
                # a look at the session with every heartbeat: who was signed out hears no more
                if not await self._still_in(call.request):
                    return
                await response.send(b": here\n\n")
                spoke = clock.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(settings.look_s):
                    await heard.wait()

    async def _still_in(self, request: Request) -> bool:
        try:
            await self._services.sessions.who(request.cookies.get(COOKIE), request.headers.get("authorization"))
        except NotSignedIn:
            return False
        return True


def _start(request: Request) -> int | None:
    """Where to go on: what the page asked for, or the number its browser came back with. None and 0: from now on."""
    asked = [value for value in (request.args.get("after"), request.headers.get("last-event-id")) if value]
    if not all(value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS for value in asked):
        raise BadRequest("after")
    return max(map(int, asked), default=0) or None


def _line(event: DeskEvent) -> bytes:
    data = orjson.dumps({"seq": event.seq, "kind": event.kind, "conversation_id": event.conversation_id})
    return b"id: %d\ndata: %b\n\n" % (event.seq, data)
