"""The scripting door /api/: a stranger's script, and the phone page, play a subscriber from end to end (docs/sandbox.md)."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from sandbox.chats import Chat
from sandbox.errors import ScriptRefusal
from sandbox.world import World

_WAIT_MOST_S = 60.0
Handler = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


class ScriptDoor:
    """The handlers of /api/; each returns the body of a 200."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def say(self, request: Request) -> dict[str, Any]:
        body = _body(request)
        line, delivery = self._world.subscribers.act(body)
        answer: dict[str, Any] = {"n": line.n, "msg_id": line.msg_id}
        if body.get("wait"):
            settings = self._world.faults.settings
            limit = self._world.config.callback_timeout_s * settings.deliveries + 5
            done, _ = await asyncio.wait({delivery}, timeout=limit)
            outcome = delivery.result() if done and not delivery.cancelled() else None
            answer["outcome"] = outcome.ended if outcome else "pending"
            answer["attempts"] = outcome.attempts if outcome else None
            answer["detail"] = outcome.detail if outcome else None
            answer["reply"] = outcome.reply.as_json() if outcome and outcome.reply else None
        return answer

    async def chat(self, request: Request, openid: str) -> dict[str, Any]:
        account = self._world.phones.account(request.args.get("account"))
        chat = self._world.phones.chat(account, openid)
        if chat is None:
            raise ScriptRefusal("Nobody has this openid.", code="unknown_openid", status=404)
        after = _whole_arg(request, "after")
        sms_after = _whole_arg(request, "sms_after")
        known = request.args.get("version")
        ends = time.monotonic() + _wait_arg(request)
        while time.monotonic() < ends:
            news = str(chat.version) != known if known is not None else bool(chat.after(after))
            if news:
                break
            await chat.wait_change(ends - time.monotonic())
        return self._chat_json(chat, after, sms_after)

    def _chat_json(self, chat: Chat, after: int, sms_after: int) -> dict[str, Any]:
        now, reading = self._world.clock.seconds(), self._world.faults.settings.purse_reading
        purse = chat.purse
        return {
            "messages": [line.as_json() for line in chat.after(after)],
            "typing": now < chat.typing_until,
            "typing_left_s": round(max(0.0, chat.typing_until - now), 1),
            "following": chat.following,
            "purse": {
                "reading": reading,
                "left": purse.left(now, reading),
                "message": {"left": purse.message.left_at(now), "of": purse.message.size, "ends_in_s": _left_s(purse.message.until, now)},
                "event": {"left": purse.event.left_at(now), "of": purse.event.size, "ends_in_s": _left_s(purse.event.until, now)},
            },
            "sms": [asdict(sms) for sms in self._world.sms.after(sms_after) if self._is_for(chat, sms.phone)],
            "version": chat.version,
            "now": self._world.now(),
        }

    def _is_for(self, chat: Chat, phone: str) -> bool:
        """A code shows on the phone it was sent to, and on the one whose owner typed the number into the chat."""
        if chat.person.phone == phone:
            return True
        return any(line.sender == "subscriber" and phone in line.text for line in chat.messages)

    async def sms(self, request: Request, phone: str) -> dict[str, Any]:
        after = _whole_arg(request, "after")
        return {"messages": [asdict(sms) for sms in self._world.sms.to(phone, after)]}

    async def payments(self, request: Request) -> dict[str, Any]:
        return {"payments": []}

    async def order_faults(self, request: Request) -> dict[str, Any]:
        self._world.faults.order(_body(request))
        for chat in self._world.phones.chats():
            chat.touch()
        return self._world.faults.as_json()

    async def faults(self, request: Request) -> dict[str, Any]:
        return self._world.faults.as_json()

    async def advance_clock(self, request: Request) -> dict[str, Any]:
        seconds = _body(request).get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ScriptRefusal("advance_s must be a number of seconds.")
        self._world.clock.advance(float(seconds))
        for chat in self._world.phones.chats():
            chat.touch()
        return await self.clock(request)

    async def clock(self, request: Request) -> dict[str, Any]:
        return {"now": self._world.now(), "offset_s": self._world.clock.offset_s()}

    async def api_calls(self, request: Request) -> dict[str, Any]:
        return {"calls": self._world.journal.calls_after(_whole_arg(request, "after"), request.args.get("openid", ""))}

    async def deliveries(self, request: Request) -> dict[str, Any]:
        return {"deliveries": self._world.journal.deliveries_after(_whole_arg(request, "after"), request.args.get("openid", ""))}

    async def people(self, request: Request) -> dict[str, Any]:
        accounts = self._world.phones.accounts()
        menus = {account.key: [asdict(key) for key in account.menu] for account in accounts}
        return {
            "accounts": [{"key": account.key, "name": account.name, "menu": menus[account.key]} for account in accounts],
            "people": [asdict(person) for person in self._world.phones.people()],
        }

    async def add_person(self, request: Request) -> dict[str, Any]:
        body = _body(request)
        given = {key: body.get(key) for key in ("openid", "name", "phone")}
        if any(value is not None and not isinstance(value, str) for value in given.values()):
            raise ScriptRefusal("openid, name and phone must be texts.")
        person = self._world.phones.add_person(given["openid"], given["name"], given["phone"], following=body.get("following") is not False)
        return asdict(person)


def add_script_routes(app: Sanic[Any, Any], world: World) -> None:
    """Puts /api/… on the app."""
    door = ScriptDoor(world)
    routes: tuple[tuple[str, str, Handler], ...] = (
        ("POST", "/api/say", door.say),
        ("GET", "/api/chat/<openid:str>", door.chat),
        ("GET", "/api/sms/<phone:str>", door.sms),
        ("GET", "/api/payments", door.payments),
        ("POST", "/api/faults", door.order_faults),
        ("GET", "/api/faults", door.faults),
        ("POST", "/api/clock", door.advance_clock),
        ("GET", "/api/clock", door.clock),
        ("GET", "/api/api-calls", door.api_calls),
        ("GET", "/api/deliveries", door.deliveries),
        ("GET", "/api/people", door.people),
        ("POST", "/api/people", door.add_person),
    )
    blueprint = Blueprint("script")
    for method, path, handler in routes:
        blueprint.add_route(_as_json(handler), path, methods=[method], name=handler.__name__)
    app.blueprint(blueprint)


def _as_json(handler: Handler) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    async def answer(request: Request, **kwargs: str) -> HTTPResponse:
        return json_response(await handler(request, **kwargs), ensure_ascii=False, headers={"Cache-Control": "no-store"})

    return answer


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception as error:  # Sanic wraps every parser's error in its own BadRequest
        raise ScriptRefusal("The body must be JSON.") from error
    if not isinstance(body, dict):
        raise ScriptRefusal("The body must be a JSON object.")
    return body


def _whole_arg(request: Request, name: str) -> int:
    value = request.args.get(name, "0")
    if not value.isdecimal() or len(value) > 18:
        raise ScriptRefusal(f"{name} must be a whole number, 0 or more.")
    return int(value)


def _wait_arg(request: Request) -> float:
    try:
        seconds = float(request.args.get("wait_s", "0"))
    except ValueError as error:
        raise ScriptRefusal("wait_s must be a number of seconds.") from error
    if not math.isfinite(seconds) or seconds < 0:
        raise ScriptRefusal("wait_s must be a number of seconds, 0 or more.")
    return min(seconds, _WAIT_MOST_S)


def _left_s(until: float, now: float) -> int:
    return max(0, int(until - now))
