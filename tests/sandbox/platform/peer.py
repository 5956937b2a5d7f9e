"""wechatpy's own client, with api.weixin.qq.com led to a sandbox: a stranger's idea of the interface, URLs included."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient

from tests.sandbox.callback import APP_ID
from tests.sandbox.conftest import SECRET

T = TypeVar("T")
_WECHAT = "https://api.weixin.qq.com"


class _Leading(HTTPAdapter):
    """Sends what is meant for WeChat to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = str(request.url).replace(_WECHAT, self._base)
        return super().send(request, *args, **kwargs)


class Peer:
    """`await peer(lambda client: client.menu.get())`: wechatpy blocks, so it works in a thread."""

    def __init__(self, base: str) -> None:
        self.client = WeChatClient(APP_ID, SECRET, auto_retry=False, timeout=10)
        self.client._http.mount(_WECHAT, _Leading(base))

    async def __call__(self, ask: Callable[[WeChatClient], T]) -> T:
        return await asyncio.to_thread(ask, self.client)

    async def call(self, api: str, name: str, *args: Any) -> Any:
        """`await peer.call("media", "upload", "image", file)`."""
        return await asyncio.to_thread(getattr(getattr(self.client, api), name), *args)

    def close(self) -> None:
        self.client._http.close()
