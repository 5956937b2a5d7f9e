"""The connectors, in one tuple. A further one is a folder and a line here."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from redis.asyncio import Redis
from sanic import Sanic

from connectors.webchat.connector import WebChatConnector
from connectors.wechat.connector import WeChatConnector
from connectors.wechat.way_out import Shared
from conversations.model import Address
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.ground import Ground
from runtime.metrics import Family
from runtime.settings import Settings


class Connector(Protocol):
    """A channel's public side and its ways out."""

    name: str
    counts: Counter[str]

    async def start(self) -> None:
        """Begins what it does beside its calls; its channels' state is known when this returns."""

    async def stop(self) -> None:
        """Ends it."""

    def families(self) -> list[Family]:
        """What it shows in /metrics beside its counts."""

    def alarms(self) -> dict[str, str]:
        """The accounts whose channel sends nothing now, and why."""

    def channels(self) -> Mapping[str, Channel]:
        """The way out of each account it serves, by the account's key."""

    def media(self) -> Mapping[str, MediaSource]:
        """Where files that came with messages are fetched from, by the account's key."""

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds its public addresses."""


@dataclass(frozen=True)
class Means:
    """What connectors are made of, by the composer. `redis`: what several processes share, where there are several."""

    settings: Settings
    ground: Ground
    session: aiohttp.ClientSession
    redis: Redis | None = None


@dataclass(frozen=True)
class Entry:
    """A connector of the product. Its subscribers' openids begin with `prefix`; the empty one takes what no other claims."""

    name: str
    prefix: str
    make: Callable[[Means], Connector]


def _wechat(by: Means) -> Connector:
    shared = Shared(by.ground.db, by.ground.keyring, by.redis)
    return WeChatConnector(by.settings.accounts, by.session, by.ground.clock, shared)


CONNECTORS = (
    Entry("wechat", "", _wechat),
    Entry("webchat", WebChatConnector.prefix, lambda by: WebChatConnector(by.settings, by.ground)),
)


@dataclass(frozen=True)
class Connectors:
    """One of each, in order; also `conversations.ports.Channels`."""

    made: tuple[Connector, ...]
    by_prefix: tuple[tuple[str, Mapping[str, Channel]], ...]

    def of(self, address: Address) -> Channel:
        """The channel whose subscribers have such openids. Raises KeyError for an account that is not served here."""
        for prefix, channels in self.by_prefix:
            if address.openid.startswith(prefix):
                return channels[address.account]
        raise KeyError(address.account)


def make_connectors(means: Means, entries: Sequence[Entry] = CONNECTORS) -> Connectors:
    """Made by the composer, once."""
    made = tuple(entry.make(means) for entry in entries)
    ways = {entry.prefix: connector.channels() for entry, connector in zip(entries, made, strict=True)}
    return Connectors(made, tuple(sorted(ways.items(), key=lambda way: -len(way[0]))))
