"""What a connector's driver offers the contract (test_contract.py), and the scene both stand on: the public side over real parts."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from sqlalchemy import select

from cli.listening import listen, stop_listening
from connectors.app import make_app
from connectors.registry import Connectors, Entry, Means, make_connectors
from conversations.adapters.rowwise import Cipher
from conversations.adapters.tables import inbound
from conversations.fakes import FakeBrain
from conversations.model import Accepted, Address, Answer, InboundMessage
from conversations.notices import load_texts
from conversations.ports import InboxPort
from conversations.rows import Inbound
from conversations.service import Conversations
from conversations.settings import ConversationSettings
from runtime.bus import Bus, LocalBus
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.errors import StorageFault
from runtime.ground import Ground
from runtime.ids import new_id
from runtime.keys import Keyring
from runtime.settings import AccountSettings, Settings
from tests.e2e.driver import free_base
from tests.servers import open_database

KEYS = Keyring(b"d" * 32, b"l" * 32)
SHOP = "https://shop.example"


@dataclass(frozen=True)
class Received:
    """What reached a person as one message."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    picture: bytes = b""


Attempt = Callable[[], Awaitable[int]]
"""A call that should be refused; the status it was answered with."""


class Driver(Protocol):
    """Plays the people and the platform of one connector, over its real addresses. Lies in tests/connectors/NAME/driver.py as `Driver`."""

    wrong_methods: Sequence[tuple[str, str]]
    """(method, path) that its addresses do not have."""
    refused_with: frozenset[int]
    """How it answers whom it does not know."""

    def __init__(self, scene: "Scene") -> None: ...

    def equip(self, settings: Settings) -> Settings:
        """The settings with what this connector needs."""

    async def start(self) -> None:
        """The platform, if it needs one. Called before the settings are read."""

    async def stop(self) -> None: ...

    async def address(self, person: str, account: str = "demo") -> Address:
        """Where that person is reached."""

    async def say(self, person: str, text: str, key: str, *, choice: str = "", account: str = "demo") -> bool:
        """One message, sent again under the same key; whether it was acknowledged."""

    async def received(self, person: str) -> list[Received]:
        """All that has reached that person, in order."""

    async def sees_typing(self, person: str, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether that person is shown that someone types while `act` is done."""

    async def post_raw(self, person: str, body: bytes) -> int:
        """Any bytes in place of a message, with all that proves who sends them; the status."""

    async def valid_body(self, person: str, text: str, key: str) -> bytes:
        """What `post_raw` would take."""

    async def post_to(self, account: str) -> int:
        """A message to an account; the status."""

    async def intrusions(self, person: str) -> Mapping[str, Attempt]:
        """Ways to pretend to be that person, by name."""

    def refusals(self) -> Mapping[str, tuple[Callable[[str], Awaitable[None]], str]]:
        """Ways in which the next message to a person is not taken: what brings it about, and the action it must come to."""


class StumblingInbox:
    """The real inbox, that can be told to fail."""

    def __init__(self, inbox: InboxPort) -> None:
        self._inbox = inbox
        self.fails = False

    async def accept(self, message: InboundMessage) -> Accepted:
        if self.fails:
            raise StorageFault("told to fail")
        return await self._inbox.accept(message)

    async def outcome(self, inbound_id: str, hold_s: float, *, final: bool = True) -> Answer:
        return await self._inbox.outcome(inbound_id, hold_s, final=final)


@dataclass
class Scene:
    """One core process's public side on a free port, over a database, with a bot that echoes."""

    db: Database
    bus: Bus
    clock: FakeClock = field(default_factory=FakeClock)
    brain: FakeBrain = field(default_factory=FakeBrain)
    base: str = ""

    connectors: Connectors = field(init=False)
    conversations: Conversations = field(init=False)
    inbox: StumblingInbox = field(init=False)
    http: aiohttp.ClientSession = field(init=False)

    async def stored(self, address: Address) -> list[Inbound]:
        """That person's messages as they lie in the database, events left out."""
        statement = select(inbound).where(inbound.c.account == address.account, inbound.c.openid == address.openid).order_by("position")
        rows = await self.db.read(lambda connection: connection.execute(statement).all())
        return [one for one in map(Cipher(KEYS).inbound_of, rows) if one.kind != "event"]

    async def count_stored(self) -> int:
        """All messages and events of everybody."""
        return len(await self.db.read(lambda connection: connection.execute(select(inbound.c.inbound_id)).all()))


def account(key: str, **more: Any) -> AccountSettings:
    """An account with everything switched on."""
    whole: dict[str, Any] = {
        "industry": "carrier", "kind": "service", "app_id": f"wx{key}00000000", "secret": "s", "token": f"token-of-{key}",
        "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "previous_encoding_aes_key": None, "mode": "safe",
        "api_base": "http://127.0.0.1:1", "ghid": f"gh_{key}", "name": f"营业厅 <{key}>", "webchat": True, "webchat_origins": (SHOP,),
    }  # fmt: skip
    return AccountSettings(key, **(whole | more))


def settings_of(*accounts: AccountSettings, trusted_proxies: tuple[str, ...] = ("127.0.0.1",)) -> Settings:
    """A deployment of these."""
    return Settings(
        accounts=accounts, data_dir=Path("nowhere"), database_url="", redis_url=None, host="127.0.0.1", base_port=1, bots=1,
        industry_paths=(), shared_secret=None, sms=None, trusted_proxies=trusted_proxies,
    )  # fmt: skip


@asynccontextmanager
async def perform(scene: Scene, entries: Sequence[Entry], settings: Settings) -> AsyncIterator[Scene]:
    """Serves the scene until the block ends."""
    by_account = {one.key: one.industry for one in settings.accounts}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as scene.http:
        ground = Ground(scene.db, KEYS, scene.clock, scene.bus, None)
        scene.connectors = make_connectors(Means(settings, ground, scene.http), entries)
        scene.conversations = Conversations(
            scene.db, KEYS, scene.clock, scene.bus, scene.brain, scene.connectors, by_account, None, load_texts(), ConversationSettings()
        )
        scene.inbox = StumblingInbox(scene.conversations.inbox)
        for one in scene.connectors.made:
            await one.start()
        await scene.conversations.start()
        app = make_app(scene.connectors.made, scene.inbox, _health, name=new_id("public"))
        port = free_base(1)
        server = await listen(app, "127.0.0.1", port)
        scene.base = f"http://127.0.0.1:{port}"
        try:
            yield scene
        finally:
            await stop_listening(server)
            await scene.conversations.stop()
            for one in scene.connectors.made:
                await one.stop()


async def _health() -> Mapping[str, object]:
    return {"ready": True}


def make_scene(url: str, bus: Bus | None = None) -> Scene:
    """Over the database at that address, which the caller closes: `scene.db.close()`."""
    return Scene(open_database(url), bus or LocalBus())
