"""The connectors, in one tuple. A further one is a folder and a line here."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from sanic import Sanic

from connectors.webchat.connector import WebChatConnector
from connectors.wechat.connector import WeChatConnector
from conversations.model import Address
from conversations.ports import Channel, InboxPort
from runtime.ground import Ground
from runtime.settings import Settings


class Connector(Protocol):
    """A channel's public side and its ways out."""

    name: str
    counts: Counter[str]

    def channels(self) -> Mapping[str, Channel]:
        """The way out of each account it serves, by the account's key."""

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds its public addresses."""


@dataclass(frozen=True)
class Means:
    """What connectors are made of, by the composer."""

    settings: Settings
    ground: Ground
    session: aiohttp.ClientSession


@dataclass(frozen=True)
class Entry:
    """A connector of the product. Its subscribers' openids begin with `prefix`; the empty one takes what no other claims."""

    name: str
    prefix: str
    make: Callable[[Means], Connector]


CONNECTORS = (
    Entry("wechat", "", lambda by: WeChatConnector(by.settings.accounts, by.session, by.ground.clock)),
    Entry("webchat", WebChatConnector.prefix, lambda by: WebChatConnector(by.settings, by.ground)),
)


@dataclass(frozen=True)
class Connectors:
    """One of each, in order; also `conversations.ports.Channels`."""

    made: tuple[Connector, ...]
    by_prefix: tuple[tuple[str, Mapping[str, Channel]], ...]

    def of(self, address: Address) -> Channel:
        """The channel whose subscribers have such openids. Raises KeyError for an account that is not served here."""
        channels = next(channels for prefix, channels in self.by_prefix if address.openid.startswith(prefix))
        return channels[address.account]


def make_connectors(means: Means, entries: Sequence[Entry] = CONNECTORS) -> Connectors:
    """Made by the composer, once."""
    made = tuple(entry.make(means) for entry in entries)
    ways = {entry.prefix: connector.channels() for entry, connector in zip(entries, made, strict=True)}
    return Connectors(made, tuple(sorted(ways.items(), key=lambda way: -len(way[0]))))
