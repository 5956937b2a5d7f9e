"""A sandbox and a callback server on free ports, stopped by their own handles."""

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.app import RunningSandbox, start_sandbox
from sandbox.config import SandboxConfig, config_from
from tests.sandbox.callback import AES_KEY, APP_ID, TOKEN, CallbackServer

SMS_TOKEN = "gateway-token"
SECRET = "demo-secret"


def config_json(callback_url: str = "http://127.0.0.1:9/wechat/demo", **more: Any) -> dict[str, Any]:
    account = {
        "key": "demo",
        "name": "演示营业厅",
        "app_id": APP_ID,
        "secret": SECRET,
        "token": TOKEN,
        "encoding_aes_key": AES_KEY,
        "mode": more.pop("mode", "safe"),
        "ghid": "gh_demo",
        "callback_url": callback_url,
        "wechat_id": more.pop("wechat_id", ""),
        "callback_format": more.pop("callback_format", "xml"),
        "ip_whitelist": more.pop("ip_whitelist", []),
    }
    other = {**account, "key": "other", "name": "另一个号", "app_id": "wxother", "ghid": "gh_other", "kind": "subscription"}
    people = [{"openid": "oZhang", "name": "张女士", "phone": "17900000001"}, {"openid": "oLi", "name": "李先生", "phone": "17900000002"}]
    base = {"host": "127.0.0.1", "port": 0, "sms_token": SMS_TOKEN, "accounts": [account, other], "people": people}
    return {**base, "callback_timeout_s": 5.0, **more}


class Script:
    """A stranger's script: JSON in, JSON out."""

    def __init__(self, sandbox: RunningSandbox, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._http = http

    def fetch(self, url: str) -> Any:
        """A file by its address; the answer is an async context."""
        return self._http.get(url if url.startswith("http") else self.sandbox.url + url)

    async def call(self, path: str, body: Any = None, **args: Any) -> Any:
        """One of WeChat's calls with the account's token: POST with a body, GET without."""
        query = "&".join(f"{name}={value}" for name, value in {"access_token": await self.token(), **args}.items())
        if body is None:
            return (await self.get(f"{path}?{query}"))[1]
        return (await self.post(f"{path}?{query}", body))[1]

    async def upload(self, kind: str, content: bytes, path: str = "/cgi-bin/media/upload", name: str = "a.bin") -> Any:
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(content), filename=name)
        query = f"{'&' if '?' in path else '?'}access_token={await self.token()}&type={kind}"
        async with self._http.post(self.sandbox.url + path + query, data=form) as answer:
            return await answer.json()

    async def get(self, path: str, **params: Any) -> tuple[int, Any]:
        async with self._http.get(self.sandbox.url + path, params=params) as answer:
            return answer.status, await answer.json()

    async def post(
        self, path: str, body: Any = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        data = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
        async with self._http.post(self.sandbox.url + path, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def say(self, **body: Any) -> Any:
        status, answer = await self.post("/api/say", {"account": "demo", "openid": "oZhang", "wait": True, **body})
        assert status == 200, answer
        return answer

    async def lines(self, openid: str = "oZhang", **params: Any) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = (await self.get(f"/api/chat/{openid}", **params))[1]["messages"]
        return messages

    async def token(self) -> str:
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        return str((await self.post("/cgi-bin/stable_token", body))[1]["access_token"])

    async def send(self, content: str, openid: str = "oZhang", *, token: str | None = None) -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": content}}
        path = f"/cgi-bin/message/custom/send?access_token={token or await self.token()}"
        return int((await self.post(path, body))[1]["errcode"])

    async def typing(self, command: str = "Typing", openid: str = "oZhang") -> int:
        path = f"/cgi-bin/message/custom/typing?access_token={await self.token()}"
        return int((await self.post(path, {"touser": openid, "command": command}))[1]["errcode"])


@pytest.fixture
def config(tmp_path: Path) -> SandboxConfig:
    return config_from(config_json(clock_file=str(tmp_path / "clock.json")))


@pytest.fixture
async def callback() -> AsyncIterator[CallbackServer]:
    server = CallbackServer()
    await server.start()
    yield server
    await server.stop()


StartScript = Callable[..., Awaitable[Script]]


@pytest.fixture
async def start(callback: CallbackServer, tmp_path: Path) -> AsyncIterator[StartScript]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def _start(**more: Any) -> Script:
            more.setdefault("clock_file", str(tmp_path / "clock.json"))
            sandbox = await start_sandbox(config_from(config_json(more.pop("callback_url", callback.url), **more)))
            stack.push_async_callback(sandbox.stop)
            return Script(sandbox, http)

        yield _start


@pytest.fixture
async def script(start: StartScript) -> Script:
    return await start()
