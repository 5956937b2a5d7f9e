"""POST /turn, POST /parse, GET /status. docs/architecture.md, core → bot."""

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Mapping

import orjson
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from bot.engine.actions import SECRET_HEADER
from bot.engine.bot import Bot
from bot.engine.errors import BadRequest, BadSecret, RequestRefused, UnknownIndustry
from bot.engine.request import read_parse, read_turn

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024


def create_app(bots: Mapping[str, Bot], secret: str = "") -> Sanic:
    """An app over loaded bots, by industry. With a secret, every call but /status must carry it."""
    app = Sanic(f"weiting_bot_{id(bots)}", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BODY
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.0
    app.config.ACCESS_LOG = False

    async def turn(request: Request) -> HTTPResponse:
        return await _answered(request, secret, lambda body: _turn(bots, body))

    async def parse(request: Request) -> HTTPResponse:
        return await _answered(request, secret, lambda body: _parse(bots, body))

    async def status(_request: Request) -> HTTPResponse:
        return _json({"ready": True, "models": {name: bot.model for name, bot in bots.items()}})

    async def refused(_request: Request, error: Exception) -> HTTPResponse:
        """Everything that never reached a handler: unknown path, wrong method, a body that is too large."""
        code = getattr(error, "status_code", 500)
        return _json({"error": {"code": "bad_request" if code < 500 else "fault"}}, code)

    app.add_route(turn, "/turn", methods=["POST"])
    app.add_route(parse, "/parse", methods=["POST"])
    app.add_route(status, "/status", methods=["GET"])
    app.exception(SanicException)(refused)
    return app


async def _turn(bots: Mapping[str, Bot], body: Any) -> Dict[str, Any]:
    request = read_turn(body)
    return await _bot(bots, request.industry).turn(request)


async def _parse(bots: Mapping[str, Bot], body: Any) -> Dict[str, Any]:
    request = read_parse(body)
    return await _bot(bots, request.industry).parse(request)


def _bot(bots: Mapping[str, Bot], industry: str) -> Bot:
    if industry not in bots:
        raise UnknownIndustry("No model was started for this industry.")
    return bots[industry]


async def _answered(request: Request, secret: str, answer: Callable[[Any], Awaitable[Dict[str, Any]]]) -> HTTPResponse:
    """Runs one call; a refusal becomes its status and code, anything else a 500 without its text."""
    try:
        if secret and not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret.encode()):
            raise BadSecret("The shared secret is missing or wrong.")
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise BadRequest("The body must be JSON.") from error
        return _json(await answer(body))
    except RequestRefused as refusal:
        return _json({"error": {"code": refusal.code, "message": str(refusal)}}, refusal.status)
    except Exception:
        log.exception("A call to %s failed.", request.path)
        return _json({"error": {"code": "fault"}}, 500)


def _json(body: Dict[str, Any], status: int = 200) -> HTTPResponse:
    return raw(orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS), status=status, content_type="application/json")
