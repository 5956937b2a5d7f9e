"""The SMS gateway: POST /sms/send. It meets the same faults and is logged with WeChat's calls."""

import asyncio
import hmac
import time
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from sandbox.errors import ScriptRefusal
from sandbox.faults import Fault
from sandbox.platform.calls import peek_body
from sandbox.platform.errcodes import ERRMSG
from sandbox.platform.routes import fault_label
from sandbox.world import World

_PHONE_DIGITS = (5, 20)


class SmsGateway:
    """Takes short messages and shows them on the phones they are for."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: Request) -> HTTPResponse:
        began, at = time.monotonic(), self._world.now()
        body = peek_body(request.body)
        fault = self._world.faults.take(request.path)
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        status, answer = self._decide(request, body, fault)
        self._world.journal.add_call(
            path=request.path,
            account=None,
            openid=None,
            at=at,
            errcode=None if fault.drop else answer.get("errcode", 0 if status == 200 else status),
            size=len(request.body),
            body=body,
            ms=round((time.monotonic() - began) * 1000, 1),
            fault=fault_label(fault),
        )
        if fault.drop and request.transport:
            request.transport.close()
        return json_response(answer, status=status, ensure_ascii=False)

    def _decide(self, request: Request, body: dict[str, Any], fault: Fault) -> tuple[int, dict[str, Any]]:
        if fault.drop == "before":
            return 200, {}
        if fault.status:
            return fault.status, {"error": {"code": "proxy", "message": "The gateway is not there."}}
        if fault.errcode is not None:
            return 200, {"errcode": fault.errcode, "errmsg": ERRMSG.get(fault.errcode, "error")}
        try:
            return 200, self._send(request, body)
        except ScriptRefusal as refusal:
            return refusal.status, {"error": {"code": refusal.code, "message": refusal.message}}

    def _send(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        expected = f"Bearer {self._world.config.sms_token}".encode()
        if not hmac.compare_digest(str(request.headers.get("Authorization", "")).encode(), expected):
            raise ScriptRefusal("The bearer token of the SMS gateway is wrong.", code="bad_token", status=401)
        phone, text, key = (value if isinstance(value := body.get(name), str) else "" for name in ("phone", "text", "key"))
        if not phone.isdecimal() or not _PHONE_DIGITS[0] <= len(phone) <= _PHONE_DIGITS[1]:
            raise ScriptRefusal("phone must be a number of 5 to 20 digits.")
        if not text or not key:
            raise ScriptRefusal("text and key must be given.")
        sms, repeated = self._world.sms.send(phone, text, key, self._world.now())
        if not repeated:
            for chat in self._world.phones.chats():
                chat.touch()
        return {"sms_id": f"sms_{sms.n}", "repeated": repeated}


def add_sms_route(app: Sanic[Any, Any], world: World) -> None:
    """Puts /sms/send on the app."""
    app.add_route(SmsGateway(world).handle, "/sms/send", methods=["POST"], name="sms")
