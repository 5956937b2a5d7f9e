"""The connectors, in one tuple. A further one is a folder and a line here."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
from sanic import Sanic

from connectors.wechat.connector import WeChatConnector
from connectors.wechat.way_out import Means
from conversations.ports import Channel, InboxPort
from runtime.clock import Clock
from runtime.metrics import Family
from runtime.settings import AccountSettings


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

    def channels(self) -> dict[str, Channel]:
        """The way out of each account it serves, by the account's key."""

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds its public addresses."""


CONNECTORS = (WeChatConnector,)


def make_connectors(
    accounts: Sequence[AccountSettings], session: aiohttp.ClientSession, clock: Clock, means: Means | None = None
) -> tuple[Connector, ...]:
    """One of each, in order. `means`: what the processes of a deployment share; without them each is alone."""
    return tuple(make(accounts, session, clock, means) for make in CONNECTORS)
