"""WeChat as a connector: its channels and its routes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import aiohttp
from sanic import Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, text

from connectors.wechat.way_out import Shared, WayOut, families_of
from connectors.wechat.webhook import Webhook
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.clock import Clock
from runtime.metrics import Family
from runtime.settings import AccountSettings


class WeChatConnector:
    """Serves /wechat/ACCOUNT for every account."""

    name = "wechat"

    def __init__(
        self, accounts: Sequence[AccountSettings], session: aiohttp.ClientSession, clock: Clock, shared: Shared | None = None
    ) -> None:
        self._accounts = tuple(accounts)
        self._clock = clock
        self.counts: Counter[str] = Counter()
        self._ways = {account.key: WayOut(account, session, clock, shared or Shared(), self.counts) for account in self._accounts}

    def channels(self) -> dict[str, Channel]:
        """The way out of each account, by its key."""
        return {key: way.sender for key, way in self._ways.items()}

    async def start(self) -> None:
        """Every account's way out is looked after from now on; whether it was stopped is known when this returns."""
        for way in self._ways.values():
            await way.start()

    async def stop(self) -> None:
        """Writes down what was counted."""
        for way in self._ways.values():
            await way.stop()

    def families(self) -> list[Family]:
        """For /metrics: the day's calls beside their limits, and which account sends nothing and why."""
        return families_of(self._ways)

    def alarms(self) -> dict[str, str]:
        """Which account sends nothing, and why; for health."""
        return {key: stop.code for key, way in self._ways.items() if (stop := way.sender.stopped())}

    def media(self) -> dict[str, MediaSource]:
        """Where the files of each account's subscribers come from, by its key."""
        return {key: way.downloads for key, way in self._ways.items()}

    def add_routes(self, app: Sanic[Any, Any], inbox: InboxPort) -> None:
        """Adds GET (WeChat's check of the address) and POST."""
        webhooks = {account.key: Webhook(account, inbox, self._clock, self.counts) for account in self._accounts}

        def find(key: str) -> Webhook:
            if key not in webhooks:
                raise NotFound("no such account")
            return webhooks[key]

        async def verify(request: Request, account: str) -> HTTPResponse:
            status, body = find(account).verify(_query(request))
            return text(body, status=status)

        async def receive(request: Request, account: str) -> HTTPResponse:
            status, body = await find(account).receive(_query(request), request.body)
            content = "application/xml; charset=utf-8" if body.startswith("<xml>") else "text/plain; charset=utf-8"
            return text(body, status=status, content_type=content)

        app.add_route(verify, "/wechat/<account:str>", methods=["GET"], name="wechat_verify")
        app.add_route(receive, "/wechat/<account:str>", methods=["POST"], name="wechat_receive")


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.get_args(keep_blank_values=True).items() if values}
