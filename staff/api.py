"""One registry of calls, from which the app's routes and the OpenAPI page are both made.

A call says what it takes and answers; the frame around it signs in, checks the page's token and the role, reads the body, and turns
refusals into their sentences.
"""

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from pydantic import BaseModel, ValidationError
from sanic import Request, Sanic
from sanic.exceptions import MethodNotAllowed, NotFound, PayloadTooLarge, SanicException
from sanic.response import HTTPResponse, raw

from runtime.errors import Refusal
from staff.accounts import Member
from staff.errors import BadRequest, Forbidden, NotSignedIn
from staff.sentences import Sentence, error_body
from staff.sessions import Sessions, check_csrf

COOKIE = "weiting_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = ("GET", "HEAD")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

_log = structlog.get_logger("staff")


@dataclass(frozen=True)
class Call:
    """One call, checked: who makes it, its body, the id in its path and its parameters."""

    request: Request
    member: Member
    csrf: str | None
    body: Any
    path_id: str
    address: str

    def parameter(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """A query parameter that must be one of a few. Raises BadRequest."""
        value = self.request.args.get(name, default)
        if value not in choices:
            raise BadRequest(name)
        return str(value)


@dataclass(frozen=True)
class FileBody:
    """A stranger's file. `inline`: a picture that a page may show; anything else is saved, never opened as a page."""

    content: bytes
    content_type: str
    name: str
    inline: bool


@dataclass(frozen=True)
class Reply:
    """What a handler answers: a model, a file, or nothing (204), with a cookie when it sets one ("" takes it away)."""

    body: BaseModel | None = None
    cookie: str | None = None
    file: FileBody | None = None


Handler = Callable[[Call], Awaitable[Reply | None]]


@dataclass(frozen=True)
class Route:
    """A call of the API. `open`: needs no sign-in. `roles`: who may; empty means everyone signed in."""

    method: str
    path: str
    handler: Handler
    summary: str
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    roles: tuple[str, ...] = ()
    open: bool = False
    refusals: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str, bool], ...] = ()
    stream: bool = False
    file: bool = False
    largest_body: int | None = None
    """Bytes, where a call takes more than the others."""


@dataclass(frozen=True)
class Frame:
    """What every call needs."""

    sessions: Sessions
    sentences: Mapping[str, Sentence]
    session_s: int
    secure_cookie: bool
    largest_body: int
    on_call: Callable[[Member], Awaitable[None]]


def install_routes(app: Sanic[Any, Any], routes: tuple[Route, ...], frame: Frame) -> None:
    """Puts the calls on the app and makes every refusal answer in the given shape."""
    for number, route in enumerate(routes):
        # the format named: else Sanic reads the handler's source to guess it, at every start
        install = app.route(route.path, methods=[route.method], name=f"call_{number}", error_format="json")
        install(_framed(route, frame))

    async def refused(_request: Request, error: Exception) -> HTTPResponse:
        return _refusal(frame, error)

    app.error_handler.add(Exception, refused)


def _framed(route: Route, frame: Frame) -> Callable[..., Coroutine[Any, Any, HTTPResponse | None]]:
    async def handle(request: Request, path_id: str = "") -> HTTPResponse | None:
        signed_in = None
        if len(request.body) > (route.largest_body or frame.largest_body):
            raise PayloadTooLarge("the body is too large")
        if not route.open:
            signed_in = await frame.sessions.who(request.cookies.get(COOKIE), request.headers.get("authorization"))
            if route.method not in _SAFE:
                check_csrf(signed_in, request.headers.get(CSRF_HEADER))
            if route.roles and signed_in.member.role not in route.roles:
                raise Forbidden
            await frame.on_call(signed_in.member)
        if path_id and not _ID.fullmatch(path_id):
            raise NotFound
        body = read_body(request, route.body) if route.body is not None else None
        member = signed_in.member if signed_in else Member("", "", "", "", ())
        csrf = signed_in.csrf if signed_in else None
        answer = await route.handler(Call(request, member, csrf, body, path_id, request.ip))
        # a stream has answered already
        return None if route.stream else _respond(answer or Reply(), frame)

    return handle


def read_body(request: Request, model: type[BaseModel]) -> BaseModel:
    """The body as the model. Raises BadRequest, naming the first field that is wrong."""
    try:
        parsed = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("JSON") from error
    try:
        return model.model_validate(parsed)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise BadRequest(place[:60] or "JSON") from error


def _respond(reply: Reply, frame: Frame) -> HTTPResponse:
    if reply.file is not None:
        return _hand_out(reply.file)
    body = reply.body.model_dump_json().encode() if reply.body is not None else b""
    response = raw(body, status=200 if body else 204, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if reply.cookie is not None:
        response.add_cookie(
            COOKIE,
            reply.cookie,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=frame.secure_cookie,
            max_age=frame.session_s if reply.cookie else 0,
        )
    return response


def _hand_out(file: FileBody) -> HTTPResponse:
    response = raw(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'{"inline" if file.inline else "attachment"}; filename="{file.name}"'
    # whatever the bytes are: no guessing of another type, no script, no frame, nothing kept
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refusal(frame: Frame, error: Exception) -> HTTPResponse:
    code, field, headers = _named(error)
    status, body = error_body(frame.sentences, code, field)
    if status >= 500:
        _log.error("call_failed", exc_info=error)
    response = raw(orjson.dumps(body), status=status, content_type="application/json", headers=headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _named(error: Exception) -> tuple[str, str, dict[str, str]]:
    if isinstance(error, BadRequest):
        return error.code, error.field, {}
    if isinstance(error, Refusal):
        return error.code, "", {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}
    if isinstance(error, NotFound):
        return "not_found", "", {}
    if isinstance(error, MethodNotAllowed):
        return "method_not_allowed", "", dict(error.headers)
    if isinstance(error, PayloadTooLarge):
        return "too_large", "", {}
    if isinstance(error, SanicException) and 400 <= (error.status_code or 500) < 500:
        return "bad_request", "HTTP", {}
    return "fault", "", {}
