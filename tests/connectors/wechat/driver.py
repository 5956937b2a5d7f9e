"""Plays WeChat: callbacks as it makes them, and the platform that customer-service messages are sent to."""

import json
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp import web

from connectors.wechat.codec import read_fields
from conversations.model import Address
from runtime.settings import AccountSettings, Settings
from tests.connectors.contract import Attempt, Received, Scene, account
from tests.connectors.wechat.doubles import opened_reply, plain_query, raw_cipher, safe_call, sealed_call, text_xml


class Driver:
    """`tests.connectors.contract.Driver` of WeChat. A person is an openid."""

    wrong_methods = (("PUT", "/wechat/demo"), ("DELETE", "/wechat/demo"), ("PATCH", "/wechat/demo"))
    refused_with = frozenset({403})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._received: dict[str, list[Received]] = defaultdict(list)
        self._typing: set[str] = set()
        self._files: dict[str, bytes] = {}
        self._errcodes: list[int] = []
        self._known: set[tuple[str, str]] = set()
        self._platform = ""

    def equip(self, settings: Settings) -> Settings:
        return replace(settings, accounts=tuple(replace(one, api_base=self._platform) for one in settings.accounts))

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._give_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._take)
        app.router.add_post("/cgi-bin/message/custom/typing", self._take_typing)
        app.router.add_post("/cgi-bin/media/upload", self._take_file)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._platform = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def address(self, person: str, account: str = "demo") -> Address:
        return Address(account, f"o{person}")

    async def say(self, person: str, text: str, key: str, *, choice: str = "", account: str = "demo") -> bool:
        xml = self._xml(person, text, key, f"<bizmsgmenuid><![CDATA[{choice}]]></bizmsgmenuid>" if choice else "")
        status, body = await self._post(*self._call(xml, account, key), account)
        if body.startswith("<xml>") and (person, key) not in self._known:
            # WeChat shows one answer for a message, however often it asked
            self._known.add((person, key))
            self._received[f"o{person}"].append(Received(read_fields(opened_reply(body, _account(account)))["Content"]))
        return status == 200

    async def received(self, person: str) -> list[Received]:
        return list(self._received[f"o{person}"])

    async def sees_typing(self, person: str, act: Callable[[], Awaitable[None]]) -> bool:
        await act()
        return f"o{person}" in self._typing

    async def post_raw(self, person: str, body: bytes) -> int:
        query = plain_query(self._scene.clock, _account("demo").token)
        return (await self._post(query | {"encrypt_type": "aes", "msg_signature": "0" * 40}, body, "demo"))[0]

    async def valid_body(self, person: str, text: str, key: str) -> bytes:
        return safe_call(self._xml(person, text, key), self._scene.clock, _account("demo"))[1]

    async def post_to(self, account: str) -> int:
        return (await self._post(*safe_call(self._xml("someone", "你好", "k"), self._scene.clock, _account("demo")), account))[0]

    async def intrusions(self, person: str) -> Mapping[str, Attempt]:
        xml, demo = self._xml(person, "我是别人", "i1"), _account("demo")
        query, body = safe_call(xml, self._scene.clock, demo)
        other_query, other_body = safe_call(xml, self._scene.clock, _account("other"))
        unsigned = {name: value for name, value in query.items() if name not in ("signature", "msg_signature")}
        return {
            "no signature": self._attempt(unsigned, body),
            "another account's token": self._attempt(other_query, other_body),
            "a changed signature": self._attempt(query | {"msg_signature": "0" * 40}, body),
            "another body": self._attempt(query, body.replace(b"A", b"B")),
            "plain in place of cipher": self._attempt(plain_query(self._scene.clock, demo.token), xml.encode()),
            "no cipher at all": self._attempt(*sealed_call("bm90aGluZw==", plain_query(self._scene.clock, demo.token), demo)),
            "old": self._old(query, body),
        }

    def refusals(self) -> Mapping[str, tuple[Callable[[str], Awaitable[None]], str]]:
        def answers(*errcodes: int) -> Callable[[str], Awaitable[None]]:
            async def arrange(person: str) -> None:
                self._errcodes = list(errcodes)

            return arrange

        return {
            "out of the window": (answers(45015), "hold"),
            "unfollowed": (answers(43004), "unfollowed"),
            "busy": (answers(-1, -1, -1), "later"),
            "no such openid": (answers(40003), "drop"),
            # the last: nothing is tried after it
            "not allowed": (answers(48001), "stop"),
        }

    def _call(self, xml: str, key: str, nonce: str) -> tuple[dict[str, str], bytes]:
        one = _account(key)
        try:
            return safe_call(xml, self._scene.clock, one, nonce=nonce)
        except UnicodeEncodeError:
            # wechatpy writes no lone surrogate; what goes over the wire is bytes all the same
            cipher = raw_cipher(xml.encode("utf-8", "surrogatepass"), one.app_id)
            return sealed_call(cipher, plain_query(self._scene.clock, one.token, nonce), one)

    def _xml(self, person: str, text: str, key: str, extra: str = "") -> str:
        number = str(zlib.crc32(key.encode()) + 1)
        return text_xml(text.replace("]]>", "]]]]><![CDATA[>"), number, f"o{person}", extra)

    def _attempt(self, query: dict[str, str], body: bytes) -> Attempt:
        async def attempt() -> int:
            return (await self._post(query, body, "demo"))[0]

        return attempt

    def _old(self, query: dict[str, str], body: bytes) -> Attempt:
        async def attempt() -> int:
            self._scene.clock.advance(3600)
            return (await self._post(query, body, "demo"))[0]

        return attempt

    async def _post(self, query: dict[str, str], body: bytes, account: str) -> tuple[int, str]:
        url = f"{self._scene.base}/wechat/{account}"
        async with self._scene.http.post(url, params=query, data=body) as response:
            return response.status, await response.text()

    async def _give_token(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": "T", "expires_in": 7200})

    async def _take(self, request: web.Request) -> web.Response:
        code = self._errcodes.pop(0) if self._errcodes else 0
        if code == 0:
            body: dict[str, Any] = json.loads(await request.read())
            self._received[body["touser"]].append(self._as_read(body))
        return web.json_response({"errcode": code})

    async def _take_file(self, request: web.Request) -> web.Response:
        part = await (await request.multipart()).next()
        assert isinstance(part, aiohttp.BodyPartReader)
        assert (request.query["type"], part.filename) == ("image", "picture.png")
        name = f"MEDIA{len(self._files)}"
        self._files[name] = bytes(await part.read())
        return web.json_response({"type": "image", "media_id": name, "created_at": 1})

    def _as_read(self, body: dict[str, Any]) -> Received:
        if body["msgtype"] == "text":
            return Received(body["text"]["content"])
        if body["msgtype"] == "image":
            return Received("", picture=self._files[body["image"]["media_id"]])
        menu = body["msgmenu"]
        return Received(menu["head_content"], tuple((one["id"], one["content"]) for one in menu["list"]))

    async def _take_typing(self, request: web.Request) -> web.Response:
        self._typing.add((await request.json())["touser"])
        return web.json_response({"errcode": 0})


def _account(key: str) -> AccountSettings:
    return account(key)
