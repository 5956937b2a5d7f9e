"""Token and sending against a platform on loopback that does what it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from connectors.wechat.errors import PlatformFault
from connectors.wechat.sender import CustomerServiceSender
from connectors.wechat.token import TokenHolder, TokenSettings
from conversations.model import Address, Menu, OutgoingText, Refused, Sent, Unknown
from runtime.clock import FakeClock

pytestmark = pytest.mark.slow  # real servers and processes

TO = Address("demo", "oA")
HELLO = OutgoingText("b_1", "你好")


@dataclass
class Platform:
    """stable_token and custom/send; `errcodes` are answered in turn, then 0; "drop" cuts the connection."""

    errcodes: list[int | str] = field(default_factory=list)
    token_errcode: int = 0
    tokens: int = 0
    forced: int = 0
    bodies: list[bytes] = field(default_factory=list)
    token_of_call: list[str] = field(default_factory=list)
    pause_s: float = 0.0
    base: str = ""

    async def token(self, request: web.Request) -> web.Response:
        self.tokens += 1
        asked = await request.json()
        self.forced += bool(asked["force_refresh"])
        if self.token_errcode:
            return web.json_response({"errcode": self.token_errcode})
        return web.json_response({"access_token": f"T{self.forced}", "expires_in": 7200})

    async def send(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.token_of_call.append(request.query["access_token"])
        if self.pause_s:
            await asyncio.sleep(self.pause_s)
        code = self.errcodes.pop(0) if self.errcodes else 0
        if code == "drop":
            assert request.transport is not None
            request.transport.close()
        if code == "text":
            return web.Response(text="<html>busy</html>")
        return web.json_response({"errcode": code})


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    double = Platform()
    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", double.token)
    app.router.add_post("/cgi-bin/message/custom/send", double.send)
    app.router.add_post("/cgi-bin/message/custom/typing", double.send)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield double
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def _sender(
    platform: Platform, session: aiohttp.ClientSession, clock: FakeClock | None = None, base: str | None = None
) -> tuple[CustomerServiceSender, TokenHolder]:
    base = base or platform.base
    holder = TokenHolder(TokenSettings(base, "wx", "s"), session, clock or FakeClock())
    return CustomerServiceSender(base, session, holder, can_push=True, timeout_s=0.5), holder


async def test_a_bubble_goes_out_as_raw_utf_8(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, _ = _sender(platform, session)
    assert await sender.send(TO, HELLO) == Sent()
    assert "你好".encode() in platform.bodies[0]
    assert b"\\u" not in platform.bodies[0]


async def test_many_at_once_fetch_one_token(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, _ = _sender(platform, session)
    assert set(await asyncio.gather(*(sender.send(TO, HELLO) for _ in range(20)))) == {Sent()}
    assert platform.tokens == 1


async def test_a_token_is_fetched_again_before_its_last_five_minutes(platform: Platform, session: aiohttp.ClientSession) -> None:
    clock = FakeClock()
    _, holder = _sender(platform, session, clock)
    await holder.current()
    clock.advance(6899)
    await holder.current()
    assert platform.tokens == 1
    clock.advance(2)
    await holder.current()
    assert platform.tokens == 2


async def test_a_refused_token_is_replaced_once(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.errcodes = [40001]
    sender, _ = _sender(platform, session)
    assert await sender.send(TO, HELLO) == Sent()
    assert (platform.tokens, platform.forced, platform.token_of_call) == (2, 1, ["T0", "T1"])


async def test_40001_for_ever_costs_few_tokens(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.errcodes = [40001] * 1000
    sender, _ = _sender(platform, session)
    results = [await sender.send(TO, HELLO) for _ in range(20)]
    assert all(isinstance(one, Refused) and one.action == "alarm" for one in results)
    assert platform.tokens == 2


async def test_a_wrong_secret_is_asked_once_in_five_seconds(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.token_errcode = 40125
    sender, _ = _sender(platform, session)
    results = [await sender.send(TO, HELLO) for _ in range(10)]
    assert {one.action for one in results if isinstance(one, Refused)} == {"alarm"}
    assert platform.tokens == 1
    assert not platform.bodies


@pytest.mark.parametrize(
    ("code", "action"),
    [(45047, "hold"), (45015, "hold"), (43004, "unfollowed"), (40003, "drop"), (48001, "alarm"), (45009, "alarm"), (99999, "drop")],
)
async def test_codes_become_actions(platform: Platform, session: aiohttp.ClientSession, code: int, action: str) -> None:
    platform.errcodes = [code]
    sender, _ = _sender(platform, session)
    assert await sender.send(TO, HELLO) == Refused(str(code), action)
    assert len(platform.bodies) == 1


async def test_busy_is_asked_again_because_it_said_no(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.errcodes = [-1]
    sender, _ = _sender(platform, session)
    assert await sender.send(TO, HELLO) == Sent()
    assert len(platform.bodies) == 2


@pytest.mark.parametrize("code", ["drop", "text"])
async def test_no_answer_is_unknown_and_not_sent_again(platform: Platform, session: aiohttp.ClientSession, code: str) -> None:
    platform.errcodes = [code]
    sender, _ = _sender(platform, session)
    assert isinstance(await sender.send(TO, HELLO), Unknown)
    assert len(platform.bodies) == 1


async def test_a_time_out_is_unknown(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, holder = _sender(platform, session)
    await holder.current()
    platform.pause_s = 1.0
    assert isinstance(await sender.send(TO, HELLO), Unknown)
    assert len(platform.bodies) == 1


async def test_nobody_there_is_refused_for_later(platform: Platform, session: aiohttp.ClientSession) -> None:
    _, holder = _sender(platform, session)
    sender = CustomerServiceSender("http://127.0.0.1:9", session, holder, can_push=True)
    assert await sender.send(TO, HELLO) == Refused("unreachable", "later")


async def test_no_token_is_no_send_and_tells_no_secret(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, holder = _sender(platform, session, base="http://127.0.0.1:9")
    result = await sender.send(TO, HELLO)
    assert isinstance(result, Refused)
    assert result.action == "alarm"
    with pytest.raises(PlatformFault) as caught:
        await holder.current()
    assert "secret" not in str(caught.value)


async def test_typing_never_raises(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, _ = _sender(platform, session)
    await sender.typing(TO)
    assert b"Typing" in platform.bodies[0]
    quiet, _ = _sender(platform, session, base="http://127.0.0.1:9")
    await quiet.typing(TO)


async def test_a_menu_is_sent_as_msgmenu(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender, _ = _sender(platform, session)
    menu = Menu((("rating:h_1:1", "满意"), ("rating:h_1:2", "不满意")), "点一下")
    assert await sender.send(TO, OutgoingText("b_1", "您满意吗？", menu=menu)) == Sent()
    assert json.loads(platform.bodies[0]) == {
        "touser": "oA",
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "您满意吗？",
            "list": [{"id": "rating:h_1:1", "content": "满意"}, {"id": "rating:h_1:2", "content": "不满意"}],
            "tail_content": "点一下",
        },
    }
    assert "不满意".encode() in platform.bodies[0]
