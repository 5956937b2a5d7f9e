"""The sandbox's web server: one Sanic, one process, one port. `make_app` builds it, `start_sandbox` serves it."""

import asyncio
import logging
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import BaseHTTPResponse, HTTPResponse
from sanic.response import json as json_response

from sandbox.config import SandboxConfig
from sandbox.errors import ConfigError, ScriptRefusal
from sandbox.platform.routes import add_platform_routes
from sandbox.script.routes import add_script_routes
from sandbox.sms_routes import add_sms_route
from sandbox.world import World, make_world

_STATIC = Path(__file__).parent / "static"
# The page may load and call only this server; a text that smuggled in markup could do nothing. Covers of articles lie anywhere.
_PAGE_POLICY = "default-src 'self'; img-src 'self' data: blob: http: https:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
_SWEEP_S = 1.0
_log = logging.getLogger("sandbox")


@dataclass
class RunningSandbox:
    """A sandbox that serves; `stop` ends it and frees the port."""

    url: str
    port: int
    world: World
    _app: Sanic[Any, Any]
    _server: Any  # sanic.server.AsyncioServer, whose methods carry no types

    async def stop(self) -> None:
        await self._server.before_stop()
        closing = self._server.close()
        for connection in list(self._server.connections):
            connection.abort()
        if closing:
            await closing
        await self._server.after_stop()
        Sanic.unregister_app(self._app)


def make_app(config: SandboxConfig) -> Sanic[Any, Any]:
    """The Sanic application; its World is `app.ctx.world`."""
    world = make_world(config)
    app: Sanic[Any, Any] = Sanic(f"sandbox_{uuid.uuid4().hex[:12]}", configure_logging=False)
    # Sanic rewrites its own methods for one app; a second sandbox in the same process could not start after that.
    app.config.TOUCHUP = False
    app.config.AUTO_EXTEND = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    # The largest file WeChat takes is 10 MB; a little more, so that a larger one is refused by its code and not by the server.
    app.config.REQUEST_MAX_SIZE = 16 * 1024 * 1024
    app.config.RESPONSE_TIMEOUT = 700
    app.config.KEEP_ALIVE_TIMEOUT = 60
    app.ctx.world = world
    add_platform_routes(app, world)
    add_sms_route(app, world)
    add_script_routes(app, world)
    app.static("/", _STATIC, index="index.html", name="page")
    app.exception(Exception)(_answer_error)
    app.register_middleware(_add_headers, "response")

    sweeping: list[asyncio.Task[None]] = []

    async def start(_app: Sanic[Any, Any]) -> None:
        await world.postman.start()
        sweeping.append(asyncio.create_task(_sweep(world)))

    async def stop(_app: Sanic[Any, Any]) -> None:
        for task in sweeping:
            task.cancel()
        await asyncio.gather(*sweeping, return_exceptions=True)
        await world.postman.stop()

    app.before_server_start(start)
    app.before_server_stop(stop)
    return app


async def start_sandbox(config: SandboxConfig) -> RunningSandbox:
    """Serves in the running event loop; port 0 takes a free one.

    Raises:
        ConfigError: when the port is taken.
    """
    listening = _listen(config.host, config.port)
    port = int(listening.getsockname()[1])
    app = make_app(config)
    server: Any = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    if server is None:
        raise ConfigError("The sandbox's server could not be made.")
    await server.startup()
    await server.before_start()
    await server.after_start()
    await server.start_serving()
    url = app.ctx.world.address.url = f"http://{config.host}:{port}"
    return RunningSandbox(url, port, app.ctx.world, app, server)


async def _sweep(world: World) -> None:
    """Ends what time ends, whether or not anybody looks."""
    while True:
        await asyncio.sleep(_SWEEP_S)
        world.desk.sweep()


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError(f"The sandbox cannot listen on {host}:{port}: {error.strerror}.") from error
    listening.setblocking(False)
    return listening


async def _answer_error(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, ScriptRefusal):
        return _error(error.code, error.message, error.status)
    if isinstance(error, SanicException):
        return _error("refused", str(error) or "This call is not possible.", error.status_code)
    if isinstance(error, asyncio.CancelledError):
        raise error
    _log.exception("the sandbox failed at %s", request.path)
    return _error("fault", "The sandbox itself failed at this call; its log says where.", 500)


def _error(code: str, message: str, status: int) -> HTTPResponse:
    return json_response({"error": {"code": code, "message": message}}, status=status, ensure_ascii=False)


async def _add_headers(_request: Any, response: BaseHTTPResponse) -> None:
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
