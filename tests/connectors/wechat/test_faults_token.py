"""Faults that a widely used client was seen to have around tokens and sending: ours must not.

Seen in wechatpy 1.8.18 and 2.0.0a26: an answer of 40001 for ever makes 497 token calls and then a RecursionError; 20 threads make 20 token
calls; the token call has no time-out; the secret stands in its address and so in its errors; a token without its end is never renewed.
"""

import asyncio
import io
import json
import logging
import traceback
from collections import Counter

import aiohttp
import pytest
import structlog

from connectors.wechat.errors import PlatformFault, TokenFault, TokenUnusable
from connectors.wechat.messages import Image, MediaFile, Text
from connectors.wechat.shelf import Token
from connectors.wechat.token import TokenSettings
from connectors.wechat.way_out import WayOut
from conversations.model import Sent, Unknown
from runtime.clock import FakeClock
from runtime.logs import configure_logging
from tests.connectors.wechat.platform_double import HELLO, NOWHERE, SECRET, TO, Platform, make_way

pytestmark = pytest.mark.slow  # real servers and processes

TOKEN = "ACCESS-TOKEN-OF-THE-ACCOUNT"  # noqa: S105


async def test_a_call_is_repeated_once_and_not_for_ever(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.errcode = 40001
    with pytest.raises(TokenUnusable) as caught:
        await make_way(platform, session).client.typing("oA")
    assert caught.value.errcode == 40001
    assert (platform.tokens, len(platform.bodies)) == (2, 2)


async def test_twenty_at_once_fetch_one_token(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.token_pause_s = 0.2
    way = make_way(platform, session)
    assert set(await asyncio.gather(*(way.sender.send(TO, HELLO) for _ in range(20)))) == {Sent()}
    assert platform.tokens == 1


async def test_twenty_at_once_replace_one_token(platform: Platform, session: aiohttp.ClientSession) -> None:
    way = make_way(platform, session)
    await way.token.current()
    platform.stale, platform.token_pause_s = ("T0", 42001), 0.2
    assert set(await asyncio.gather(*(way.sender.send(TO, HELLO) for _ in range(20)))) == {Sent()}
    assert (platform.tokens, platform.forced) == (2, 1)


async def test_a_token_call_that_hangs_ends(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.token_pause_s = 5.0
    with pytest.raises(TokenFault) as caught:
        async with asyncio.timeout(3):
            await make_way(platform, session, total_s=0.3).token.current()
    assert caught.value.code == "token_unreachable"


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": TOKEN}, {"access_token": TOKEN, "expires_in": None}, {"access_token": TOKEN, "expires_in": "7200"},
        {"access_token": TOKEN, "expires_in": -1}, {"access_token": TOKEN, "expires_in": True},
    ],
)  # fmt: skip
async def test_a_token_whose_end_is_missing_is_not_believed_for_ever(
    platform: Platform, session: aiohttp.ClientSession, answer: dict[str, object]
) -> None:
    clock = FakeClock()
    way = make_way(platform, session, clock)
    platform.token_body = answer
    assert await way.token.current() == TOKEN
    clock.advance(301)
    platform.token_body = {"access_token": "NEXT", "expires_in": 7200}
    assert await way.token.current() == "NEXT"


@pytest.mark.parametrize("answer", [{}, [], "T", {"access_token": ""}, {"access_token": 5}, {"access_token": TOKEN, "errcode": 40125}])
async def test_what_is_no_token_is_a_fault(platform: Platform, session: aiohttp.ClientSession, answer: object) -> None:
    platform.token_body = answer
    with pytest.raises(TokenFault):
        await make_way(platform, session).token.current()


def test_nothing_that_is_printed_shows_a_secret() -> None:
    shown = repr((TokenSettings("demo", "wx", SECRET), Token(TOKEN, 1.0), MediaFile("image", "a.png", b"\x89PICTURE")))
    assert not any(one in shown for one in (SECRET, TOKEN, "PICTURE"))


async def _provoke(way: WayOut, platform: Platform) -> list[BaseException]:
    """Everything that can go wrong, one after the other; answers what was raised."""
    raised: list[BaseException] = []
    for code in ("drop", "text", "redirect", 40001, 45009, 43004, -1):
        platform.errcodes = [code] * 3
        for attempt in (
            way.client.typing("oA"), way.client.upload(MediaFile("image", "a", b"x")), way.token.replace(TOKEN, 40001),
        ):  # fmt: skip
            try:
                await attempt
            except PlatformFault as error:
                raised.append(error)
        await way.client.send("oA", Text("好"))
        await way.client.send("oA", Image(source=MediaFile("image", "a", b"x")))
    return raised


async def test_no_secret_and_no_token_stands_in_an_error_a_result_or_a_log(platform: Platform, session: aiohttp.ClientSession) -> None:
    out, kept = io.StringIO(), logging.getLogger().handlers[:]
    platform.token_body = {"access_token": TOKEN, "expires_in": 7200}
    configure_logging(out, logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        here, nowhere = make_way(platform, session, total_s=0.5), make_way(platform, session, base=NOWHERE)
        raised = await _provoke(here, platform) + await _provoke(nowhere, platform)
        nowhere.client._token = here.token  # had while WeChat was there
        raised += await _provoke(nowhere, platform)
        results = [await way.sender.send(TO, HELLO) for way in (here, nowhere)]
        for error in raised:
            logging.getLogger("test").error("failed", exc_info=error)
            structlog.get_logger("test").error("failed", exc_info=error)
    finally:
        logging.getLogger().handlers[:] = kept
        logging.getLogger().setLevel(logging.WARNING)
        structlog.reset_defaults()
    assert len(raised) > 20
    written = out.getvalue() + repr(results) + "".join("".join(traceback.format_exception(error)) for error in raised)
    assert "failed" in written
    assert SECRET not in written
    assert TOKEN not in written
    assert "access_token=" not in written
    assert all(error.__cause__ is None and error.__context__ is None or isinstance(error, TokenFault) for error in raised)


async def test_an_answer_that_is_no_number_is_not_taken_for_sent(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.errcodes = ["0", True, 0]
    way = make_way(platform, session)
    results = [await way.sender.send(TO, HELLO) for _ in range(3)]
    assert results == [Unknown("no errcode"), Unknown("no errcode"), Sent()]


async def test_the_secret_travels_in_a_body_only(platform: Platform, session: aiohttp.ClientSession) -> None:
    counts = Counter[str]()
    await make_way(platform, session, counts=counts).sender.send(TO, HELLO)
    assert SECRET not in json.dumps(counts)
    assert all(SECRET not in body.decode() for body in platform.bodies)
