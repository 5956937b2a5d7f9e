"""A stand-in for the product: takes callbacks on a free port, opens them with wechatpy, and answers as the test says."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

TOKEN = "weitingdemo"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wxdemo0000000000aa"


@dataclass
class Received:
    """One delivery as it arrived."""

    query: dict[str, str]
    body: str
    message: Any

    def sealed(self, content: str, app_id: str = APP_ID) -> str:
        """An encrypted text reply to it."""
        crypto = WeChatCrypto(TOKEN, AES_KEY, app_id)
        return str(crypto.encrypt_message(create_reply(content, self.message).render(), self.query["nonce"], self.query["timestamp"]))

    def sealed_xml(self, inside: str) -> str:
        """An encrypted reply with these elements beside the common ones."""
        ends = f"<ToUserName>{self.message.source}</ToUserName><FromUserName>{self.message.target}</FromUserName><CreateTime>1</CreateTime>"
        crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        return str(crypto.encrypt_message(f"<xml>{ends}{inside}</xml>", self.query["nonce"], self.query["timestamp"]))

    def plain(self, content: str) -> str:
        return str(create_reply(content, self.message).render())


Answer = Callable[[Received], str | Awaitable[str]]


@dataclass
class CallbackServer:
    """Answers with `answer`; the deliveries are in `received`."""

    answer: Answer = lambda _received: "success"
    echo: Callable[[str], str] = lambda echo: echo
    status: int = 200
    format: str = "xml"
    received: list[Received] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/wechat/demo"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/wechat/demo", self._take)
        app.router.add_get("/wechat/demo", self._echo)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _echo(self, request: web.Request) -> web.Response:
        check_signature(TOKEN, *(request.query[name] for name in ("signature", "timestamp", "nonce")))
        return web.Response(text=self.echo(request.query["echostr"]), status=self.status)

    async def _take(self, request: web.Request) -> web.Response:
        query, body = dict(request.query), await request.text()
        opened = body
        if "MsgType" not in body:
            crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
            sealed = json.loads(body) if self.format == "json" else body
            opened = crypto.decrypt_message(sealed, query["msg_signature"], query["timestamp"], query["nonce"])
        received = Received(query, body, json.loads(opened) if self.format == "json" else parse_message(opened))
        self.received.append(received)
        answer = self.answer(received)
        text = answer if isinstance(answer, str) else await answer
        return web.Response(text=text, status=self.status)


async def silence(_received: Received) -> str:
    """Keeps the caller waiting longer than any test's time-out."""
    await asyncio.sleep(30)
    return "success"
