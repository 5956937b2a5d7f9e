"""The calls of a visitor's page, one account's. Sanic is not known here: values in, values out, CallRefused for the rest."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.webchat.bell import Bell, Ring
from connectors.webchat.errors import BadCall, NoPicture, NoSession, TooLong
from connectors.webchat.lines import own_line
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.store import WebStore
from connectors.webchat.tokens import Session, Tokens
from conversations.bubbles import clean
from conversations.model import Address, InboundMessage
from conversations.ports import InboxPort
from runtime.clock import Clock

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_CHOICE = 128
_MOST_DIGITS = 15
_BEARER = "bearer "


@dataclass(frozen=True)
class Written:
    """A message as a page sends it: checked, and without what no channel can carry."""

    client_id: str
    text: str
    choice: str | None


class Calls:
    """What may be asked for one account's visitors."""

    def __init__(
        self, account: str, inbox: InboxPort, store: WebStore, bell: Bell, tokens: Tokens, clock: Clock, counts: Counter[str],
        settings: WebChatSettings,
    ) -> None:
        self.account = account
        self._inbox = inbox
        self._store = store
        self._bell = bell
        self._tokens = tokens
        self._clock = clock
        self._counts = counts
        self._settings = settings

    def address(self, session: Session) -> Address:
        """Where that visitor is reached."""
        return Address(self.account, session.openid)

    def who(self, authorization: str | None) -> Session:
        """The visitor of an Authorization header. Raises NoSession, SessionExpired."""
        if authorization is None or not authorization.lower().startswith(_BEARER):
            raise NoSession("a call needs the token of a session")
        return self._tokens.read(self.account, authorization[len(_BEARER) :].strip())

    async def begin(self, authorization: str | None) -> dict[str, Any]:
        """A new visitor, or a new token for one who has one. Raises NoSession, SessionExpired, SessionEnded."""
        known = None if authorization is None else self.who(authorization)
        if known is not None:
            await self._store.check(self.address(known))
        token, session = self._tokens.issue(self.account, known.openid if known else None)
        self._counts["web_session_renewed" if known else "web_session"] += 1
        return {"token": token, "visitor": session.openid, "expires": session.expires, "renewed": known is not None}

    async def say(self, session: Session, body: bytes) -> dict[str, Any]:
        """Stored when it returns; its number in the visitor's chat. Raises BadCall, TooLong, SessionEnded, StorageFault."""
        written = read_message(body, self._settings.longest_text)
        address = self.address(session)
        await self._store.check(address)
        extra = {} if written.choice is None else {"choice": written.choice}
        accepted = await self._accept(address, f"v{written.client_id}", "text", text=written.text, extra=extra)
        # only now: what the page shows as said was taken; a page that had no answer says it again
        added = await self._store.add(address, own_line(written.client_id, written.text, written.choice))
        await self._bell.ring(address, Ring.LINE)
        self._counts["web_repeated" if accepted else "web_message"] += 1
        return {"seq": added.seq, "client_id": written.client_id, "repeated": added.repeated}

    async def greet(self, session: Session) -> None:
        """The chat was opened for the first time: it is greeted, once. Raises SessionEnded, StorageFault."""
        address = self.address(session)
        await self._store.check(address)
        await self._accept(address, "open", "event", name="open")

    async def end(self, session: Session) -> None:
        """Ends the chat and forgets the visitor. Twice is once. Raises StorageFault: then it is to be asked again."""
        address = self.address(session)
        await self._accept(address, "end", "event", name="unsubscribe")
        await self._store.end(address)
        await self._bell.ring(address, Ring.LINE)
        self._counts["web_ended"] += 1

    async def read(self, session: Session, query: Mapping[str, str]) -> dict[str, Any]:
        """Lines after a number (all of them, by and by), before one, or the newest. Raises BadCall, SessionEnded."""
        address, most = self.address(session), self._settings.page_lines
        if "after" in query:
            lines = await self._store.after(address, read_number(query["after"], "after"), most + 1)
            more, lines = len(lines) > most, lines[:most]
        else:
            if "before" in query:
                lines = await self._store.before(address, read_number(query["before"], "before"), most + 1)
            else:
                lines = await self._store.newest(address, most + 1)
            more, lines = len(lines) > most, lines[-most:]
        return {"lines": [one.as_told() for one in lines], "more": more}

    async def picture(self, session: Session, query: Mapping[str, str]) -> tuple[str, bytes]:
        """Type and content of the picture in one of the visitor's own lines. Raises BadCall, NoPicture, SessionEnded."""
        found = await self._store.picture(self.address(session), read_number(query.get("seq", ""), "seq"))
        if found is None:
            raise NoPicture("there is no picture in that line")
        return found

    async def _accept(
        self, address: Address, key: str, kind: str, *, text: str = "", name: str = "", extra: dict[str, Any] | None = None
    ) -> bool:
        """Whether it had been stored before."""
        message = InboundMessage(address, key, kind, text, self._clock.now(), name=name, refill="unlimited", extra=extra or {})
        return (await self._inbox.accept(message)).repeated


def read_message(body: bytes, longest: int) -> Written:
    """The message of a call's body. Raises BadCall, TooLong."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadCall("the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadCall("the body is not an object")
    client_id, text, choice = value.get("client_id"), value.get("text"), value.get("choice")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise BadCall("client_id must be 1 to 64 letters, digits, - and _", code="bad_client_id")
    if not isinstance(text, str):
        raise BadCall("text must be a text", code="bad_text")
    if choice is not None and (not isinstance(choice, str) or not choice or len(choice) > _LONGEST_CHOICE):
        raise BadCall(f"choice must be the id of a choice, at most {_LONGEST_CHOICE} characters", code="bad_choice")
    if len(text) > longest:
        raise TooLong(f"a message has at most {longest} characters")
    text = clean(text)
    if not text.strip():
        raise BadCall("there is nothing to send", code="text_empty")
    return Written(client_id, text, None if choice is None else clean(choice))


def read_number(value: str, name: str) -> int:
    """A sequence number. Raises BadCall."""
    if not value.isascii() or not value.isdigit() or len(value) > _MOST_DIGITS:
        raise BadCall(f"{name} must be a number", code=f"bad_{name}")
    return int(value)
