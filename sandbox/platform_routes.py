"""The doors the product calls: WeChat's interface under /cgi-bin and the SMS gateway. Every call is logged and may meet a fault."""

import asyncio
import hmac
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from sandbox.errors import PlatformRefusal, ScriptRefusal
from sandbox.faults import Fault
from sandbox.platform import read_body
from sandbox.world import World

_SECRETS = ("secret", "access_token")
_PHONE_DIGITS = (5, 20)
Call = Callable[[World, Request, dict[str, Any]], dict[str, Any]]


@dataclass
class _Answer:
    status: int
    body: dict[str, Any]
    account: str | None = None


def add_platform_routes(app: Sanic[Any, Any], world: World) -> None:
    """Puts /cgi-bin/… and /sms/send on the app."""
    blueprint = Blueprint("platform")
    under_way: set[asyncio.Task[HTTPResponse]] = set()
    for path, call in _ROUTES:
        blueprint.add_route(_handler(world, call, under_way), path, methods=["GET", "POST"], name=call.__name__)
    app.blueprint(blueprint)

    async def stop(_app: Sanic[Any, Any]) -> None:
        for task in list(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    app.before_server_stop(stop)


def _handler(world: World, call: Call, under_way: set[asyncio.Task[HTTPResponse]]) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    async def handle(request: Request, **_path: str) -> HTTPResponse:
        # Who hangs up does not undo the call: WeChat has it and carries it out.
        task = asyncio.create_task(_serve(world, request, call))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return await asyncio.shield(task)

    return handle


async def _serve(world: World, request: Request, call: Call) -> HTTPResponse:
    began, at = time.monotonic(), world.now()
    body = _peek(request.body)
    openid = _text_or_none(body.get("touser"))
    fault = world.faults.take(request.path, openid or "")
    if fault.delay_ms:
        await asyncio.sleep(fault.delay_ms / 1000)
    answer = _decide(world, request, call, fault)
    world.journal.add_call(
        path=request.path,
        account=answer.account,
        openid=openid,
        at=at,
        errcode=None if fault.drop else answer.body.get("errcode", 0 if answer.status == 200 else answer.status),
        size=len(request.body),
        body={key: "…" if key in _SECRETS else value for key, value in body.items()},
        ms=round((time.monotonic() - began) * 1000, 1),
        fault=_fault_label(fault),
    )
    if fault.drop and request.transport:
        # The caller sees its connection die and cannot know whether the call was done.
        request.transport.close()
    return json_response(answer.body, status=answer.status, ensure_ascii=False)


def _decide(world: World, request: Request, call: Call, fault: Fault) -> _Answer:
    account = None
    try:
        if fault.drop == "before":
            return _Answer(200, {})
        if fault.errcode is not None:
            raise PlatformRefusal(fault.errcode)
        if request.method != "POST":
            raise PlatformRefusal(43002)
        if call in (_send, _typing):
            account = world.platform.account_of(request.args.get("access_token", "")).key
        body = read_body(request.body) if call is not _send_sms else _peek(request.body)
        return _Answer(200, call(world, request, body), account or _account_of_app(world, body))
    except PlatformRefusal as refusal:
        return _Answer(200, {"errcode": refusal.errcode, "errmsg": refusal.errmsg}, account)
    except ScriptRefusal as refusal:
        return _Answer(refusal.status, {"error": {"code": refusal.code, "message": refusal.message}})


def _issue_token(world: World, _request: Request, body: dict[str, Any]) -> dict[str, Any]:
    return world.platform.issue_token(body)


def _send(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    world.platform.send(world.platform.account_of(request.args.get("access_token", "")), body)
    return {"errcode": 0, "errmsg": "ok"}


def _typing(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    world.platform.set_typing(world.platform.account_of(request.args.get("access_token", "")), body)
    return {"errcode": 0, "errmsg": "ok"}


def _unknown(_world: World, _request: Request, _body: dict[str, Any]) -> dict[str, Any]:
    raise PlatformRefusal(40066)


def _send_sms(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    expected = f"Bearer {world.config.sms_token}".encode()
    if not hmac.compare_digest(str(request.headers.get("Authorization", "")).encode(), expected):
        raise ScriptRefusal("The bearer token of the SMS gateway is wrong.", code="bad_token", status=401)
    phone, text, key = (_text_or_none(body.get(name)) for name in ("phone", "text", "key"))
    if not phone or not phone.isdecimal() or not _PHONE_DIGITS[0] <= len(phone) <= _PHONE_DIGITS[1]:
        raise ScriptRefusal("phone must be a number of 5 to 20 digits.")
    if not text or not key:
        raise ScriptRefusal("text and key must be given.")
    sms, repeated = world.sms.send(phone, text, key, world.now())
    if not repeated:
        for chat in world.phones.chats():
            chat.touch()
    return {"sms_id": f"sms_{sms.n}", "repeated": repeated}


_ROUTES: tuple[tuple[str, Call], ...] = (
    ("/cgi-bin/stable_token", _issue_token),
    ("/cgi-bin/message/custom/send", _send),
    ("/cgi-bin/message/custom/typing", _typing),
    ("/cgi-bin/<path:path>", _unknown),
    ("/sms/send", _send_sms),
)


def _account_of_app(world: World, body: dict[str, Any]) -> str | None:
    app_id = body.get("appid")
    return next((account.key for account in world.phones.accounts() if account.app_id == app_id), None)


def _peek(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fault_label(fault: Fault) -> str | None:
    parts = [f"errcode {fault.errcode}" if fault.errcode is not None else "", f"delay {fault.delay_ms} ms" if fault.delay_ms else ""]
    parts.append(f"drop {fault.drop}" if fault.drop else "")
    return ", ".join(part for part in parts if part) or None
