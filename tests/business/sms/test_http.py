"""The HTTP gateway against a server of its own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from business.sms.fakes import FakeSms
from business.sms.http import HttpSms, NoSms, make_sms
from business.sms.ports import SmsFailed, SmsSender
from runtime.settings import SmsSettings

pytestmark = pytest.mark.slow  # real servers and processes

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def gateway(answer: Answer, timeout_s: float = 3.0) -> AsyncIterator[HttpSms]:
    app = web.Application()
    app.router.add_post("/sms/send", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sms = HttpSms(SmsSettings(f"http://127.0.0.1:{port}/sms/send", "s3cret"), timeout_s)
    try:
        yield sms
    finally:
        await sms.close()
        await runner.cleanup()


async def test_a_message_goes_out_as_the_gateway_wants_it() -> None:
    seen: list[tuple[str | None, object]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.headers.get("Authorization"), await request.json()))
        return web.json_response({"ok": True}, status=202)

    async with gateway(answer) as sms:
        await sms.send("17900000001", "【微厅】123456", "k1")
        await sms.send("17900000001", "【微厅】654321", "k2")
    assert seen[0] == ("Bearer s3cret", {"phone": "17900000001", "text": "【微厅】123456", "key": "k1"})
    assert len(seen) == 2


@pytest.mark.parametrize(("status", "maybe_sent"), [(400, False), (401, False), (302, False), (429, False), (500, True), (503, True)])
async def test_anything_but_success_is_a_failure(status: int, maybe_sent: bool) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async with gateway(answer) as sms:
        with pytest.raises(SmsFailed) as failed:
            await sms.send("17900000001", "x", "k")
    assert failed.value.maybe_sent is maybe_sent
    assert "17900000001" not in str(failed.value)


async def test_a_silent_gateway_may_have_sent_it() -> None:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with gateway(answer, timeout_s=0.05) as sms:
        with pytest.raises(SmsFailed) as failed:
            await sms.send("17900000001", "x", "k")
    assert failed.value.maybe_sent


async def test_a_gateway_that_hangs_up_may_have_sent_it() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with gateway(answer) as sms:
        with pytest.raises(SmsFailed) as failed:
            await sms.send("17900000001", "x", "k")
    assert failed.value.maybe_sent


async def test_a_gateway_that_is_not_there_has_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sms = HttpSms(SmsSettings(f"http://127.0.0.1:{free.getsockname()[1]}/sms/send", "t"))
        with pytest.raises(SmsFailed) as failed:
            await sms.send("17900000001", "x", "k")
        await sms.close()
        await sms.close()
    assert not failed.value.maybe_sent


async def test_without_a_gateway_every_message_is_refused() -> None:
    sms: SmsSender = make_sms(None)
    assert isinstance(sms, NoSms)
    with pytest.raises(SmsFailed):
        await sms.send("17900000001", "x", "k")
    await sms.close()


async def test_the_fake_sends_once_per_key_as_a_gateway_does() -> None:
    sms = FakeSms()
    await sms.send("17900000001", "码123456。", "k1")
    await sms.send("17900000001", "码654321。", "k1")
    assert sms.code_for("17900000001") == "123456"
    with pytest.raises(LookupError):
        sms.code_for("17900000002")
