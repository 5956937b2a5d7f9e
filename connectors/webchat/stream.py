"""Server-sent events of one visitor: every line after a number, in order, each once; and that someone is typing."""

import orjson
import structlog
from sanic import Request
from sanic.response import BaseHTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from connectors.webchat.bell import Bell, Hearing
from connectors.webchat.errors import SessionEnded, TooMany
from connectors.webchat.lines import Numbered
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.store import WebStore
from connectors.webchat.tokens import Session, Tokens
from conversations.model import Address
from runtime.clock import Clock
from runtime.errors import StorageFault

_log = structlog.get_logger(__name__)
_LATER_S = 30.0
_TYPING = b"event: typing\ndata: {}\n\n"
_OVER = b"event: over\ndata: {}\n\n"
_CROWDED = b"event: crowded\ndata: {}\n\n"


class Streams:
    """A stream ends when its page goes, the visitor ends the chat or opens too many others, the token runs out or the server stops."""

    def __init__(self, store: WebStore, bell: Bell, tokens: Tokens, clock: Clock, settings: WebChatSettings) -> None:
        self._store = store
        self._bell = bell
        self._tokens = tokens
        self._clock = clock
        self._settings = settings

    async def serve(self, request: Request, who: Address, session: Session, after: int, headers: dict[str, str]) -> None:
        """Writes until one of these. Raises TooMany and SessionEnded before the first byte."""
        if self._bell.open >= self._settings.most_streams:
            raise TooMany(_LATER_S)
        await self._store.check(who)
        # no buffering in between: a line is worth something while it is new
        headers = headers | {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
        response = await request.respond(content_type="text/event-stream; charset=utf-8", headers=headers)
        with self._bell.hearing(who, self._settings.streams_per_visitor) as hearing:
            await response.send(b": here\n\n")
            try:
                await self._follow(response, hearing, who, session, after)
            except SessionEnded:
                await response.send(_OVER)
            except (StorageFault, SQLAlchemyError):
                # begun is answered: all that is left is to hang up, and the page comes back with its last number
                _log.warning("web_stream_broken")

    async def _follow(self, response: BaseHTTPResponse, hearing: Hearing, who: Address, session: Session, after: int) -> None:
        spoke = self._clock.monotonic()
        while not self._bell.closed and self._tokens.is_fresh(session):
            if hearing.dismissed:
                await response.send(_CROWDED)
                return
            typing = hearing.take_typing()
            found = await self._store.after(who, after, self._settings.page_lines)
            if found:
                after = found[-1].seq
            elif not typing and self._clock.monotonic() - spoke < self._settings.heartbeat_s:
                await hearing.wait(self._settings.look_s)
                continue
            said = b"".join(map(_event, found)) + (_TYPING if typing else b"")
            await response.send(said or b": here\n\n")
            spoke = self._clock.monotonic()


def _event(line: Numbered) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (line.seq, orjson.dumps(line.as_told()))
