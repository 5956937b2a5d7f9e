"""Which connector an address belongs to; what a further one takes."""

from collections import Counter
from typing import Any, cast

import pytest
from sanic import Sanic

from connectors.registry import Entry, Means, make_connectors
from conversations.fake_channels import FakeChannel
from conversations.model import Address
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.metrics import Family


class Pigeons:
    """A connector as small as one can be."""

    def __init__(self, name: str, accounts: tuple[str, ...]) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()
        self.ways: dict[str, Channel] = {account: FakeChannel() for account in accounts}

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    def families(self) -> list[Family]:
        return []

    def alarms(self) -> dict[str, str]:
        return {}

    def media(self) -> dict[str, MediaSource]:
        return {}

    def channels(self) -> dict[str, Channel]:
        return self.ways

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        return


def test_an_address_belongs_to_the_connector_whose_prefix_it_has() -> None:
    made = [Pigeons(name, ("demo", "other")) for name in ("rest", "web", "webby")]
    prefixes = ("", "web_", "web_by_")
    entries = [Entry(one.name, prefix, lambda _, one=one: one) for one, prefix in zip(made, prefixes, strict=True)]  # type: ignore[misc]
    connectors = make_connectors(cast(Means, None), entries)
    assert connectors.made == tuple(made)
    for openid, name in (("oABC", "rest"), ("web", "rest"), ("web_1", "web"), ("web_by_1", "webby"), ("xweb_1", "rest")):
        for account in ("demo", "other"):
            expected = next(one for one in made if one.name == name).ways[account]
            assert connectors.of(Address(account, openid)) is expected
    with pytest.raises(KeyError):
        connectors.of(Address("nobody", "oABC"))
