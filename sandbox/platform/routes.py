"""Serves WeChat's calls and the public addresses of files. Every call is logged, counted, and may meet a fault."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, raw
from sanic.response import json as json_response

from sandbox.errors import PlatformRefusal
from sandbox.faults import Fault
from sandbox.platform.calls import Answer, Asked, Blob, Call, Upload, peek_body, read_body
from sandbox.platform.tokens import refused_ip
from sandbox.records import TOKEN_PATHS
from sandbox.script.reading import form_of
from sandbox.world import World

_SECRETS = frozenset({"secret", "appsecret", "access_token", "password"})
_PROXY_PAGE = b"<html><head><title>Bad Gateway</title></head><body><center><h1>Bad Gateway</h1></center></body></html>"
_OPENID_NAMES = ("touser", "openid")
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


class Serving:
    """Takes the envelope off a call, hands it to its module, and puts the answer into WeChat's form."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._under_way: set[asyncio.Task[HTTPResponse]] = set()

    async def handle(self, request: Request, **_path: str) -> HTTPResponse:
        # Who hangs up does not undo the call: WeChat has it and carries it out.
        task = asyncio.create_task(self._serve(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def file(self, _request: Request, media_id: str, **_path: str) -> HTTPResponse:
        """What lies at the address of a picture or a video; nobody need say who asks."""
        media = self._world.platform.media.look(media_id)
        if media is None:
            return HTTPResponse(status=404)
        return raw(media.content, content_type=media.content_type)

    async def stop(self, _app: Sanic[Any, Any]) -> None:
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _serve(self, request: Request) -> HTTPResponse:
        world = self._world
        began, at = time.monotonic(), world.now()
        call = world.platform.calls.get(request.path)
        body = peek_body(request.body) if "json" in _form(call) else {}
        openid = next((value for name in _OPENID_NAMES if isinstance(value := body.get(name) or request.args.get(name), str)), None)
        fault = world.faults.take(request.path, openid or "", with_token=bool(call and call.token))
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        answer, account = self._decide(request, call, fault)
        world.journal.add_call(
            path=request.path,
            account=account,
            openid=openid,
            at=at,
            errcode=None if fault.drop or fault.status else (0 if isinstance(answer, Blob) else answer.get("errcode", 0)),
            size=len(request.body),
            body={name: "…" if name in _SECRETS else value for name, value in body.items()},
            ms=round((time.monotonic() - began) * 1000, 1),
            fault=fault_label(fault),
            query={name: "…" if name in _SECRETS else request.args.get(name) for name in request.args},
        )
        if fault.drop and request.transport:
            # The caller sees its connection die and cannot know whether the call was done.
            request.transport.close()
        return _respond(answer, fault)

    def _decide(self, request: Request, call: Call | None, fault: Fault) -> tuple[Answer, str | None]:
        account = None
        try:
            if fault.drop == "before" or fault.status:
                return {}, None
            if fault.errcode is not None:
                # WeChat names the address, and operators read it from there.
                raise PlatformRefusal(fault.errcode, refused_ip(request.ip) if fault.errcode == 40164 else None)
            if call is None:
                raise PlatformRefusal(40066)
            if call.method not in ("ANY", request.method):
                raise PlatformRefusal(43001 if call.method == "GET" else 43002)
            account = self._account_of(request, call)
            return call.handle(self._asked(request, call, account)), account
        except PlatformRefusal as refusal:
            # Every refusal of WeChat's ends with the request's id, so nobody may compare the words.
            rid = f"{int(self._world.clock.seconds()):x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
            return {"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: {rid}"}, account

    def _account_of(self, request: Request, call: Call) -> str | None:
        """Who calls, after token, permission and the day's count; None where a call needs no token."""
        platform = self._world.platform
        if not call.token:
            if call.path not in TOKEN_PATHS:
                return None
            given = peek_body(request.body) if call.body == "json" else {name: request.args.get(name) for name in request.args}
            account = platform.token_calls.account_of(given)
            if account:
                platform.quotas.count(account.key, call.path)
            return account.key if account else None
        key = platform.account_of(request.args.get("access_token", ""))
        if call.verified and self._world.phones.account(key).kind == "subscription":
            raise PlatformRefusal(48001)
        platform.quotas.count(key, call.path)
        return key

    def _asked(self, request: Request, call: Call, account: str | None) -> Asked:
        args = {name: str(request.args.get(name)) for name in request.args}
        body: dict[str, Any] = {}
        upload = None
        if call.body == "form":
            body = dict(form_of(request))
            if request.files and "media" in request.files:
                file = request.files["media"][0]
                upload = Upload(file.name, file.type, file.body)
        elif call.body == "json" and request.method == "POST":
            body = read_body(request.body)
        speaker = self._world.phones.account(account) if account and call.token else None
        return Asked(args, body, upload, self._world.address.url, request.ip, speaker)


def add_platform_routes(app: Sanic[Any, Any], world: World) -> None:
    """Puts /cgi-bin/…, /customservice/… and /mmbiz/… on the app."""
    serving = Serving(world)
    blueprint = Blueprint("platform")
    for n, path in enumerate(("/cgi-bin/<path:path>", "/customservice/<path:path>")):
        blueprint.add_route(serving.handle, path, methods=["GET", "POST"], name=f"call_{n}")
    blueprint.add_route(serving.file, "/mmbiz/<media_id:str>", methods=["GET"], name="file")
    blueprint.add_route(serving.file, "/mmbiz/<media_id:str>/<size:str>", methods=["GET"], name="sized_file")
    app.blueprint(blueprint)
    app.before_server_stop(serving.stop)


def fault_label(fault: Fault) -> str | None:
    """A fault in words, for the journal; None for no fault."""
    parts = (
        (fault.errcode is not None, f"errcode {fault.errcode}"),
        (fault.delay_ms, f"delay {fault.delay_ms} ms"),
        (fault.drop, f"drop {fault.drop}"),
        (fault.status, f"status {fault.status}"),
        (fault.garbage, "garbage"),
    )
    return ", ".join(words for holds, words in parts if holds) or None


def _form(call: Call | None) -> str:
    return call.body if call else "json"


def _respond(answer: Answer, fault: Fault) -> HTTPResponse:
    if fault.status:
        return raw(_PROXY_PAGE, status=fault.status, content_type="text/html")
    if fault.garbage:
        return raw(b'{"errcode":0,"errm', content_type="application/json")
    if isinstance(answer, Blob):
        headers = {"Content-Disposition": f'attachment; filename="{quote(answer.name)}"'} if answer.name else {}
        return raw(answer.content, content_type=answer.content_type, headers=headers)
    return json_response(answer, ensure_ascii=False)
