"""WeChat as a connector: its channels and its routes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import aiohttp
from sanic import Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, text

from connectors.wechat.media import MediaDownloads, MediaPlace
from connectors.wechat.sender import CustomerServiceSender
from connectors.wechat.token import TokenHolder, TokenSettings
from connectors.wechat.webhook import Webhook
from conversations.ports import Channel, InboxPort, MediaSource
from runtime.clock import Clock
from runtime.settings import AccountSettings


class WeChatConnector:
    """Serves /wechat/ACCOUNT for every account."""

    name = "wechat"

    def __init__(self, accounts: Sequence[AccountSettings], session: aiohttp.ClientSession, clock: Clock) -> None:
        self._accounts = tuple(accounts)
        self._session = session
        self._clock = clock
        self.counts: Counter[str] = Counter()
        self._tokens = {
            account.key: TokenHolder(TokenSettings(account.api_base, account.app_id, account.secret), session, clock)
            for account in self._accounts
        }

    def channels(self) -> dict[str, Channel]:
        """The way out of each account, by its key."""
        return {account.key: self._channel(account) for account in self._accounts}

    def media(self) -> dict[str, MediaSource]:
        """Where the files of each account's subscribers come from, by its key."""
        return {account.key: self._downloads(account) for account in self._accounts}

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

    def _channel(self, account: AccountSettings) -> Channel:
        return CustomerServiceSender(account.api_base, self._session, self._tokens[account.key], can_push=account.kind == "service")

    def _downloads(self, account: AccountSettings) -> MediaSource:
        token = self._tokens[account.key]

        async def another(refused: str, _errcode: int) -> str:
            return await token.replace(refused)

        return MediaDownloads(MediaPlace(account.api_base, account.media_hosts), self._session, token.current, another)


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.get_args(keep_blank_values=True).items() if values}
