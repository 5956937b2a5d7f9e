"""wechatpy on a token of ours: what it would do without an end, or tell to a log, it does not."""

import asyncio
import logging
import socket
import threading
import traceback
from dataclasses import replace

import pytest
from aiohttp import web

from connectors.wechat.account.api import AccountApi, FixedToken
from connectors.wechat.errors import CallRefused, PlatformFault, TokenRefused, Unreached
from tests.connectors.wechat.account.platform import QUICK, FakeToken, Platform

_TAGS = "/cgi-bin/tags/get"
_SECRET = "".join(("SECRET", "-", "TOKEN"))  # not to be found in a line of this file


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_server_that_refuses_every_token_is_asked_twice_and_ends(
    api: AccountApi, platform: Platform, token: FakeToken, errcode: int
) -> None:
    platform.orders[_TAGS] = [{"errcode": errcode, "errmsg": "invalid credential"}] * 1000
    with pytest.raises(CallRefused) as caught:
        await api.call(lambda client: client.tag.get())
    assert caught.value.errcode == errcode
    assert (platform.counts[_TAGS], token.replaced) == (2, 1)
    assert platform.counts["/cgi-bin/token"] == platform.counts["/cgi-bin/stable_token"] == 0


async def test_a_token_that_has_ended_is_replaced_and_the_call_made(api: AccountApi, platform: Platform, token: FakeToken) -> None:
    platform.tokens = {"TOKEN-1"}
    assert [one["name"] for one in await api.call(lambda client: client.tag.get())] == ["星标组"]
    assert token.replaced == 1


async def test_when_no_token_is_to_be_had_that_is_what_is_told(platform: Platform) -> None:
    class Without(FakeToken):
        async def current(self) -> str:
            raise TokenRefused(40164)

    with pytest.raises(TokenRefused):
        await AccountApi(platform.account(), Without(), QUICK).call(lambda client: client.tag.get())
    assert not platform.counts


async def test_a_busy_platform_is_asked_three_times(api: AccountApi, platform: Platform) -> None:
    platform.orders[_TAGS] = [{"errcode": -1}, {"errcode": -1}]
    assert await api.call(lambda client: client.tag.get())
    platform.orders[_TAGS] = [{"errcode": -1}] * 10
    with pytest.raises(CallRefused):
        await api.call(lambda client: client.tag.get())
    assert platform.counts[_TAGS] == 6


async def test_a_call_without_an_answer_ends_and_is_not_repeated(api: AccountApi, platform: Platform) -> None:
    platform.orders["/cgi-bin/tags/create"] = [5.0]
    with pytest.raises(PlatformFault) as caught:
        await api.call(lambda client: client.tag.create("一"))
    assert not isinstance(caught.value, Unreached | CallRefused)
    assert platform.counts["/cgi-bin/tags/create"] == 1


async def test_the_loop_goes_on_while_a_call_waits(api: AccountApi, platform: Platform) -> None:
    platform.orders[_TAGS] = [0.5]
    waiting = asyncio.create_task(api.call(lambda client: client.tag.get()))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 5
    assert await waiting


@pytest.mark.slow
async def test_an_answer_that_drips_has_an_end() -> None:
    """Each byte comes in time, the whole never does."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            try:
                while True:
                    connection.sendall(b" ")
                    threading.Event().wait(0.05)
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        account = replace(Platform().account(), api_base=f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(PlatformFault, match="ReadTimeout"):
            await AccountApi(account, FakeToken(), QUICK).call(lambda client: client.tag.get())
    finally:
        listener.close()
        thread.join()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://wechat.invalid"])
async def test_nobody_there_is_unreached_and_tells_no_token(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = AccountApi(replace(Platform().account(), api_base=address), FakeToken(_SECRET), QUICK)
    with pytest.raises(Unreached) as caught:
        await api.call(lambda client: client.menu.get())
    _tells_nothing(caught.value, caplog)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=502, text="<html>Bad Gateway</html>"),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}),
        web.Response(text="<html>"),
        web.Response(text='{"errcode":0,"errm'),
        web.Response(text="[1]"),
        web.Response(text='{"errcode": "zero"}'),
        web.Response(text='{"errcode": true}'),
        web.Response(text='{"other": 1}'),
        web.Response(body=b" " * 300_000),
    ],
)
async def test_what_is_no_answer_is_a_fault_that_tells_no_token(
    platform: Platform, answer: web.Response, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.tokens = {_SECRET}
    platform.orders[_TAGS] = [answer]
    with pytest.raises(PlatformFault, match="tags/get") as caught:
        await AccountApi(platform.account(), FakeToken(_SECRET), QUICK).call(lambda client: client.tag.get())
    assert platform.counts.total() == 1
    _tells_nothing(caught.value, caplog)


async def test_a_refusal_tells_no_token_and_its_own_call(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    platform.orders[_TAGS] = [{"errcode": 40164, "errmsg": "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist"}]
    with pytest.raises(CallRefused) as caught:
        await AccountApi(platform.account(), FakeToken(_SECRET), QUICK).call(lambda client: client.tag.get())
    assert (caught.value.call, caught.value.address) == ("tags/get", "203.0.113.9")
    _tells_nothing(caught.value, caplog)
    assert any("access_token=…" in record.getMessage() for record in caplog.records)


async def test_calls_with_an_address_of_their_own_go_where_the_account_goes(api: AccountApi, platform: Platform) -> None:
    await api.call(lambda client: client.customservice.get_wait_case())
    assert platform.counts["/customservice/kfsession/getwaitcase"] == 1


async def test_a_client_fetches_no_token_by_itself(api: AccountApi, platform: Platform) -> None:
    with pytest.raises(PlatformFault, match="fetches no tokens"):
        await api.call(lambda client: client.fetch_access_token())
    assert not platform.counts


async def test_a_fixed_token_stays(platform: Platform) -> None:
    platform.tokens = set()
    with pytest.raises(CallRefused):
        await AccountApi(platform.account(), FixedToken("OLD"), QUICK).call(lambda client: client.tag.get())
    assert platform.counts.total() == platform.counts[_TAGS] == 1


def _tells_nothing(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    told = "".join(traceback.format_exception(error)) + repr(error)
    # the double's own log is not the product's
    told += "".join(one.getMessage() for one in caplog.records if one.name != "aiohttp.access")
    seen: BaseException | None = error
    while seen is not None:
        told += repr(seen) + repr(vars(seen))
        seen = seen.__context__
    assert _SECRET not in told
