"""The addresses of the scripting door (docs/sandbox.md)."""

from collections.abc import Callable, Coroutine
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from sandbox.script.native_desk import NativeDeskDoor
from sandbox.script.people import PeopleDoor
from sandbox.script.platform import PlatformDoor
from sandbox.script.subscriber import SubscriberDoor
from sandbox.world import World

Handler = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


def add_script_routes(app: Sanic[Any, Any], world: World) -> None:
    """Puts /api/… on the app."""
    subscriber, platform, desk, people = SubscriberDoor(world), PlatformDoor(world), NativeDeskDoor(world), PeopleDoor(world)
    routes: tuple[tuple[str, str, Handler], ...] = (
        ("POST", "/api/say", subscriber.say),
        ("POST", "/api/follow", subscriber.follow),
        ("POST", "/api/unfollow", subscriber.unfollow),
        ("POST", "/api/scan", subscriber.scan),
        ("POST", "/api/click", subscriber.click),
        ("GET", "/api/chat/<openid:str>", subscriber.chat),
        ("GET", "/api/sms/<phone:str>", people.sms),
        ("GET", "/api/payments", people.payments),
        ("GET", "/api/people", people.people),
        ("POST", "/api/people", people.add_person),
        ("POST", "/api/faults", platform.order_faults),
        ("GET", "/api/faults", platform.faults),
        ("POST", "/api/clock", platform.advance_clock),
        ("GET", "/api/clock", platform.clock),
        ("GET", "/api/api-calls", platform.api_calls),
        ("GET", "/api/deliveries", platform.deliveries),
        ("GET", "/api/quotas", platform.quotas),
        ("POST", "/api/quotas", platform.order_quotas),
        ("POST", "/api/tokens/revoke", platform.revoke_tokens),
        ("POST", "/api/verify", platform.verify),
        ("GET", "/api/menu", platform.menu),
        ("GET", "/api/codes", platform.codes),
        ("GET", "/api/kf", desk.see),
        ("POST", "/api/kf", desk.do),
    )
    blueprint = Blueprint("script")
    for method, path, handler in routes:
        blueprint.add_route(_as_json(handler), path, methods=[method], name=handler.__qualname__.replace(".", "_"))
    app.blueprint(blueprint)


def _as_json(handler: Handler) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
    async def answer(request: Request, **kwargs: str) -> HTTPResponse:
        return json_response(await handler(request, **kwargs), ensure_ascii=False, headers={"Cache-Control": "no-store"})

    return answer
