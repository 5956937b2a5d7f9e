"""The public side's server (BASE+0)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.log import error_logger
from sanic.response import HTTPResponse, json

from connectors.registry import Connector
from conversations.ports import InboxPort
from runtime.signals import QuietSignals

LARGEST_BODY = 64 * 1024


Health = Callable[[], Awaitable[Mapping[str, object]]]
"""Answers `{"ready": bool, …}`."""


def make_app(connectors: Sequence[Connector], inbox: InboxPort, health: Health, name: str = "weiting_public") -> Sanic[Any, Any]:
    """A Sanic app with every connector's routes and /healthz. It is served by its composer, several in one process."""
    app = Sanic(name, configure_logging=False, signal_router=QuietSignals())
    app.config.TOUCHUP = False
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.REQUEST_TIMEOUT = 10
    app.config.RESPONSE_TIMEOUT = 15
    app.config.ACCESS_LOG = False

    async def healthz(_request: Request) -> HTTPResponse:
        found = await health()
        return json(found, status=200 if found["ready"] else 503, headers={"Cache-Control": "no-store"})

    async def failed(_request: Request, error: Exception) -> HTTPResponse:
        if isinstance(error, SanicException):
            return json({"error": {"code": type(error).__name__.lower(), "message": str(error)}}, status=error.status_code)
        # WeChat asks again after anything that is no answer: what was not stored is then stored
        error_logger.exception("the callback failed")
        return json({"error": {"code": "fault", "message": "not taken; ask again"}}, status=503)

    app.add_route(healthz, "/healthz", methods=["GET"], name="healthz")
    app.exception(Exception)(failed)
    for connector in connectors:
        connector.add_routes(app, inbox)
    return app
