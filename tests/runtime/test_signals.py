"""Sanic's signals: quiet where nobody listens, heard where somebody does."""

import socket
from typing import Any

import aiohttp
import pytest
from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

from cli.listening import stop_listening
from runtime.ids import new_id
from runtime.signals import QuietSignals


@pytest.mark.parametrize("listens", [False, True])
async def test_a_request_is_answered_and_heard_of(listens: bool) -> None:
    app: Sanic[Any, Any] = Sanic(new_id("signals"), configure_logging=False, signal_router=QuietSignals())
    app.config.TOUCHUP = False
    heard: list[str] = []

    @app.get("/")
    async def root(_request: Request) -> HTTPResponse:
        return text("here")

    if listens:

        @app.signal("http.lifecycle.request")
        async def hear(**_context: Any) -> None:
            heard.append("request")

    listening = socket.create_server(("127.0.0.1", 0))
    server: Any = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.start_serving()
    try:
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
            assert await answer.text() == "here"
            missing = await session.get(f"http://127.0.0.1:{listening.getsockname()[1]}/none")
            assert missing.status == 404
    finally:
        await stop_listening(server)
    assert bool(heard) == listens
