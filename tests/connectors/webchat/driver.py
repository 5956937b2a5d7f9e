"""Plays visitors of the page against its real addresses."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from sqlalchemy import text

from conversations.model import Address
from runtime.settings import Settings
from tests.connectors.contract import Attempt, Received, Scene


class Driver:
    """`tests.connectors.contract.Driver` of web chat. A person is a session."""

    wrong_methods = (
        ("PUT", "/chat/demo"), ("POST", "/chat/demo"), ("GET", "/chat/demo/session"), ("PUT", "/chat/demo/messages"),
        ("POST", "/chat/demo/events"), ("DELETE", "/chat/demo/messages"),
    )  # fmt: skip
    refused_with = frozenset({401})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._sessions: dict[tuple[str, str], dict[str, Any]] = {}

    def equip(self, settings: Settings) -> Settings:
        return settings

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def call(self, method: str, path: str, token: str | None = None, **more: Any) -> tuple[int, Any]:
        """(status, JSON)."""
        headers = ({"Authorization": f"Bearer {token}"} if token else {}) | more.pop("headers", {})
        async with self._scene.http.request(method, f"{self._scene.base}/chat/{path}", headers=headers, **more) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None

    async def session(self, person: str, account: str = "demo") -> dict[str, Any]:
        """Begun when it is first asked for."""
        if (person, account) not in self._sessions:
            status, begun = await self.call("POST", f"{account}/session")
            assert status == 200
            self._sessions[person, account] = begun
        return self._sessions[person, account]

    async def token(self, person: str, account: str = "demo") -> str:
        return str((await self.session(person, account))["token"])

    async def address(self, person: str, account: str = "demo") -> Address:
        return Address(account, (await self.session(person, account))["visitor"])

    async def say(self, person: str, text: str, key: str, *, choice: str = "", account: str = "demo") -> bool:
        body = {"client_id": key, "text": text} | ({"choice": choice} if choice else {})
        data = json.dumps(body, ensure_ascii=True).encode()
        status, _ = await self.call("POST", f"{account}/messages", await self.token(person, account), data=data)
        return status == 202

    async def lines(self, person: str, after: int = 0) -> list[dict[str, Any]]:
        """The whole chat after a number."""
        status, found = await self.call("GET", f"demo/messages?after={after}", await self.token(person))
        assert status == 200, found
        return list(found["lines"])

    async def received(self, person: str) -> list[Received]:
        lines = [line for line in await self.lines(person) if line["from"] == "service"]
        return [await self._as_shown(person, line) for line in lines]

    async def _as_shown(self, person: str, line: dict[str, Any]) -> Received:
        if line["picture"]:
            return Received("", picture=(await self.picture(person, line["seq"]))[1])
        return Received(line["text"], tuple((one["id"], one["label"]) for one in line["choices"]))

    async def picture(self, person: str, seq: int | str) -> tuple[int, bytes]:
        """(status, content)."""
        headers = {"Authorization": f"Bearer {await self.token(person)}"}
        async with self._scene.http.get(f"{self._scene.base}/chat/demo/pictures?seq={seq}", headers=headers) as response:
            return response.status, await response.read()

    async def sees_typing(self, person: str, act: Callable[[], Awaitable[None]]) -> bool:
        async with self.stream(person) as events:
            await act()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    async for event in events:
                        if event.get("event") == "typing":
                            return True
        return False

    @contextlib.asynccontextmanager
    async def stream(self, person: str, after: int = 0, **headers: str) -> Any:
        """The open stream: events as dicts of their fields, comments left out, from when the server has said its first word."""
        token = await self.token(person)
        url = f"{self._scene.base}/chat/demo/events?after={after}"
        sent = {"Authorization": f"Bearer {token}", **headers}
        async with self._scene.http.get(url, headers=sent, timeout=aiohttp.ClientTimeout(total=60)) as response:
            assert response.status == 200, await response.text()
            assert await response.content.readline() == b": here\n"
            yield _events(response.content)

    async def post_raw(self, person: str, body: bytes) -> int:
        return (await self.call("POST", "demo/messages", await self.token(person), data=body))[0]

    async def valid_body(self, person: str, text: str, key: str) -> bytes:
        return json.dumps({"client_id": key, "text": text}).encode()

    async def post_to(self, account: str) -> int:
        return (await self.call("POST", f"{account}/messages", await self.token("someone"), json={"client_id": "a", "text": "b"}))[0]

    async def intrusions(self, person: str) -> Mapping[str, Attempt]:
        token, other = await self.token(person), await self.token("intruder", "other")
        name, expires, mac = token.split(".")
        theirs = await self.token("intruder")
        forged = {
            "no token": None,
            "another account's token": other,
            "cut off": token[:-1],
            "longer": token + "0",
            "changed": f"{name}.{expires}.{mac[:-1]}{'0' if mac[-1] != '0' else '1'}",
            "a longer life": f"{name}.{int(expires) + 1}.{mac}",
            "another's name under one's own signature": f"{name}.{theirs.split('.', 1)[1]}",
            "unsigned": f"{name}.{expires}.",
            "letters": "é.１２.x",
            "not a token": "x" * 5_000,
        }
        return {what: self._attempt(one) for what, one in forged.items()} | {"expired": self._expired(person)}

    def _attempt(self, token: str | None) -> Attempt:
        async def attempt() -> int:
            body = {"client_id": "i1", "text": "我是别人"}
            statuses = {
                (await self.call("POST", "demo/messages", token, json=body))[0],
                (await self.call("GET", "demo/messages?after=0", token))[0],
                (await self.call("GET", "demo/events", token))[0],
                (await self.call("GET", "demo/pictures?seq=1", token))[0],
                (await self.call("POST", "demo/greeting", token))[0],
                (await self.call("DELETE", "demo/session", token))[0],
            }
            return statuses.pop() if len(statuses) == 1 else 0

        return attempt

    def _expired(self, person: str) -> Attempt:
        async def attempt() -> int:
            old = await self.token(person)
            self._scene.clock.advance(31 * 86_400)
            return await self._attempt(old)()

        return attempt

    def refusals(self) -> Mapping[str, tuple[Callable[[str], Awaitable[None]], str]]:
        async def ends(person: str) -> None:
            status, _ = await self.call("DELETE", "demo/session", await self.token(person))
            assert status == 204

        async def breaks(person: str) -> None:
            await self._scene.db.write(lambda connection: connection.execute(text("DROP TABLE web_line")) and None)

        return {"the visitor has ended the chat": (ends, "unfollowed"), "the database refuses": (breaks, "later")}


async def _events(content: aiohttp.StreamReader) -> Any:
    event: dict[str, str] = {}
    async for raw in content:
        line = raw.decode().rstrip("\n")
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif not line and event:
            yield event
            event = {}
