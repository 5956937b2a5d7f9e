"""The connectors, in one tuple. A further one is a folder and a line here."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
from sanic import Sanic

from connectors.wechat.connector import WeChatConnector
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.clock import Clock
from runtime.settings import AccountSettings


class Connector(Protocol):
    """A channel's public side and its ways out."""

    name: str
    counts: Counter[str]

    def channels(self) -> dict[str, Channel]:
        """The way out of each account it serves, by the account's key."""

    def media(self) -> dict[str, MediaSource]:
        """Where files that came with messages are fetched from, by the account's key."""

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds its public addresses."""


CONNECTORS = (WeChatConnector,)


def make_connectors(
    accounts: Sequence[AccountSettings], session: aiohttp.ClientSession, clock: Clock
) -> tuple[Connector, ...]:
    """One of each, in order."""
    return tuple(make(accounts, session, clock) for make in CONNECTORS)
