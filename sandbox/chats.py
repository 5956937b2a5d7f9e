"""What is on the phones: people, and one chat for each person and account, all in bounded memory."""

import asyncio
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.config import OPENID, Account, PersonSeed
from sandbox.errors import ScriptRefusal
from sandbox.purse import Purse

_MESSAGES_KEPT = 500
_PEOPLE_KEPT = 20_000
TYPING_S = 15.0


@dataclass(frozen=True)
class ChatMessage:
    """One line on the phone.

    Attributes:
        n: number within the chat, from 1, without gaps.
        sender: subscriber, account, or platform (WeChat's own grey notices).
        kind: say, event, passive, custom, kf (an agent of WeChat's own desk), or notice.
        at: ISO 8601 on the sandbox's clock.
        latency_ms: real milliseconds since the subscriber's last action; None for what the subscriber did.
        detail: for the developer: why a delivery failed.
        choices: what can be tapped in a msgmenu, each {"id", "content"}.
        data: what a bubble other than words is drawn from: addresses, titles, articles, a place.
        kf_account, avatar: the customer-service account it was sent as, and its picture.
    """

    n: int
    sender: str
    kind: str
    text: str
    at: str
    speaker: str
    latency_ms: int | None = None
    msg_id: int | None = None
    msg_type: str = "text"
    detail: str | None = None
    choices: tuple[dict[str, str], ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    kf_account: str | None = None
    avatar: str | None = None

    def as_json(self) -> dict[str, Any]:
        # Not asdict: it copies every value, and a chat is read often.
        fields = dict(vars(self))
        fields["from"] = fields.pop("sender")
        return fields


@dataclass
class Person:
    """A WeChat user of the sandbox; `phone` may be empty. `account`: the one whose list on the page shows the person; empty: all.

    A `stranger` was made by a script's first word and by nobody's wish to see the phone.
    """

    openid: str
    name: str
    phone: str
    account: str = ""
    stranger: bool = False


@dataclass(frozen=True)
class Session:
    """An agent of WeChat's own desk has the chat."""

    kf_account: str
    since: float


@dataclass
class Waiting:
    """The chat waits for an agent of WeChat's own desk: for `kf_account`, or when it is empty for any."""

    kf_account: str
    since: float
    latest: float


@dataclass
class Following:
    """What WeChat tells the account about a follower (user/info). `scene`: that of the code by which the person came."""

    since: float = 0.0
    scene: str = ""
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    blocked: bool = False


@dataclass
class Chat:
    """One person with one account. Moments are seconds since 1970 on the sandbox's clock."""

    account: Account
    person: Person
    following: bool = True
    purse: Purse = field(default_factory=Purse)
    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=_MESSAGES_KEPT))
    typing_until: float = 0.0
    exchanged_at: float = float("-inf")
    session: Session | None = None
    waiting: Waiting | None = None
    follower: Following = field(default_factory=Following)
    version: int = 0
    _acted: float = 0.0
    _last_n: int = 0
    _changed: asyncio.Event | None = None

    def append(self, sender: str, kind: str, text: str, at: str, **more: Any) -> ChatMessage:
        """Puts one line into the chat and wakes who waits for it."""
        self._last_n += 1
        latency = None
        if sender == "subscriber":
            self._acted = time.monotonic()
            speaker = self.person.name
        else:
            latency = int((time.monotonic() - self._acted) * 1000) if self._acted else None
            speaker = more.pop("speaker", None) or self.account.name
        line = ChatMessage(self._last_n, sender, kind, text, at, speaker, latency, **more)
        self.messages.append(line)
        self.touch()
        return line

    def after(self, n: int) -> list[ChatMessage]:
        """The lines with a number above n, oldest first."""
        return [line for line in self.messages if line.n > n]

    def touch(self) -> None:
        """Tells who waits that something of the chat (lines, typing, purse, follow, SMS) has changed."""
        self.version += 1
        if self._changed:
            self._changed.set()
            self._changed = None

    async def wait_change(self, seconds: float) -> None:
        """Returns at the next change, or after the seconds."""
        changed = self._changed = self._changed or asyncio.Event()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await changed.wait()
        except TimeoutError:
            return


class Phones:
    """Everybody and their chats. People from the configuration follow every account."""

    def __init__(self, accounts: tuple[Account, ...], people: tuple[PersonSeed, ...], clock: SandboxClock) -> None:
        self._clock = clock
        self._accounts = {account.key: account for account in accounts}
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._chats: dict[tuple[str, str], Chat] = {}
        for seed in people:
            self._people[seed.openid] = Person(seed.openid, seed.name, seed.phone, seed.account)

    def accounts(self) -> list[Account]:
        return list(self._accounts.values())

    def people(self) -> list[Person]:
        return list(self._people.values())

    def account(self, key: object) -> Account:
        """The named account; without a name the only or first one. Raises ScriptRefusal (404)."""
        if not key:
            return next(iter(self._accounts.values()))
        if not isinstance(key, str):
            raise ScriptRefusal("account must be a text.")
        if key not in self._accounts:
            raise ScriptRefusal(f"There is no account {key[:60]!r} in the sandbox.", code="unknown_account", status=404)
        return self._accounts[key]

    def person(self, openid: str) -> Person | None:
        return self._people.get(openid)

    def add_person(self, openid: str | None, name: str | None, phone: str | None, *, following: bool, stranger: bool = False) -> Person:
        """Makes a person, or renames one that is there; `following` holds for a new one only.

        Raises:
            ScriptRefusal: for an openid WeChat could not have made.
        """
        openid = openid or "oSandbox" + secrets.token_urlsafe(15).replace("-", "x")[:20]
        if not OPENID.fullmatch(openid):
            raise ScriptRefusal("An openid has 1 to 64 letters, digits, _ or -.")
        person = self._people.get(openid)
        if person:
            person.name, person.phone = name or person.name, phone if phone is not None else person.phone
            person.stranger = person.stranger and stranger
            return person
        person = self._people[openid] = Person(openid, name or f"访客 {openid[-4:]}", phone or "", stranger=stranger)
        for account in self._accounts.values():
            self._chats[account.key, openid] = Chat(account, person, following=following, follower=self._follower())
        while len(self._people) > _PEOPLE_KEPT:
            self._forget(next(iter(self._people)))
        return person

    def chat(self, account: Account, openid: str) -> Chat | None:
        """The chat, or None when nobody has this openid."""
        person = self._people.get(openid)
        if person is None:
            return None
        key = (account.key, openid)
        if key not in self._chats:
            self._chats[key] = Chat(account, person, follower=self._follower())
        return self._chats[key]

    def chats(self) -> list[Chat]:
        return list(self._chats.values())

    def followers(self, account: Account) -> list[Chat]:
        """The chats of everybody who follows the account, in the order in which they came."""
        found = (self.chat(account, openid) for openid in self._people)
        return [chat for chat in found if chat and chat.following]

    def _follower(self) -> Following:
        return Following(since=self._clock.seconds())

    def _forget(self, openid: str) -> None:
        del self._people[openid]
        for account in self._accounts:
            self._chats.pop((account, openid), None)
