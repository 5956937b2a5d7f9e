"""Web chat as a connector: its channel and its routes."""

from collections import Counter
from typing import Any

from sanic import Sanic

from connectors.webchat.bell import Bell
from connectors.webchat.calls import Calls
from connectors.webchat.channel import WebChannel
from connectors.webchat.routes import Limits, Routes, Served
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.store import WebStore
from connectors.webchat.stream import Streams
from connectors.webchat.tokens import PREFIX, Tokens
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.ground import Ground
from runtime.metrics import Family
from runtime.settings import Settings


class WebChatConnector:
    """Serves /chat/ACCOUNT for the accounts that have it switched on."""

    name = "webchat"
    prefix = PREFIX

    def __init__(self, settings: Settings, ground: Ground, tuning: WebChatSettings | None = None) -> None:
        self._settings = settings
        self._ground = ground
        self._tuning = tuning or WebChatSettings()
        self._store = WebStore(ground.db, ground.keyring, ground.clock)
        self._bell = Bell(ground.bus)
        self.counts: Counter[str] = Counter()

    async def start(self) -> None:
        """Nothing goes on beside the calls."""

    async def stop(self) -> None:
        """Streams have ended with the server."""

    def families(self) -> list[Family]:
        """Nothing beside its counts."""
        return []

    def alarms(self) -> dict[str, str]:
        """Its channel never stops."""
        return {}

    def channels(self) -> dict[str, Channel]:
        """For every account: where the page was switched off, what is under way is still written, and lost is nothing."""
        channel = WebChannel(self._store, self._bell)
        return {account.key: channel for account in self._settings.accounts}

    def media(self) -> dict[str, MediaSource]:
        """Nothing but texts comes from its pages."""
        return {}

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds pages and calls; streams end before the server does."""
        clock, tuning = self._ground.clock, self._tuning
        tokens = Tokens(self._ground.keyring, clock, tuning.session_s)
        served = {
            account.key: Served(account, Calls(account.key, inbox, self._store, self._bell, tokens, clock, self.counts, tuning))
            for account in self._settings.accounts
            if account.webchat
        }
        streams = Streams(self._store, self._bell, tokens, clock, tuning)
        Routes(served, streams, Limits(tuning, clock), self._settings.trusted_proxies, self.counts).add_to(app)

        async def stop(_app: Sanic[Any, Any]) -> None:
            await self._bell.close()

        app.register_listener(stop, "before_server_stop")
