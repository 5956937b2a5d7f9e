"""The app of the staff side: the API, its description, and the built pages. Made by a factory; nothing happens at import."""

import secrets
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import orjson
from sanic import Request, Sanic
from sanic.response import HTTPResponse, raw

from desk.desk import Desk
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring
from runtime.metrics import CONTENT_TYPE
from runtime.version import VERSION
from staff.api import Frame, install_routes
from staff.desk_calls import DeskCalls
from staff.event_stream import Bell, EventStream
from staff.metrics import describe
from staff.openapi import build_openapi
from staff.passwords import Passwords
from staff.routes import make_routes
from staff.sentences import load_sentences
from staff.services import Presence, Services
from staff.sessions import Sessions
from staff.settings import StaffSettings
from staff.site import install_site

StaffApp = Sanic[Any, Any]
Page = Callable[[], Awaitable[str]]


def make_app(
    db: Database,
    keyring: Keyring,
    clock: Clock,
    bus: Bus,
    desk: Desk,
    web_dist: Path | None = None,
    *,
    settings: StaffSettings | None = None,
    passwords: Passwords | None = None,
    metrics: Page | None = None,
) -> StaffApp:
    """The app, ready to be served in a process and on a loop that others share. `metrics` makes the page of /metrics."""
    settings = settings or StaffSettings()
    app: StaffApp = Sanic(f"staff_{secrets.token_hex(6)}", configure_logging=False)
    app.config.TOUCHUP = False
    app.config.AUTO_EXTEND = False
    app.config.ACCESS_LOG = False
    app.config.MOTD = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    sessions = Sessions(db, keyring, clock, settings, passwords or Passwords())
    services = Services(db, clock, bus, desk, sessions, settings)
    sentences = load_sentences()
    bell = Bell(bus)
    routes = make_routes(services, DeskCalls(services), EventStream(services, bell))
    # what a call takes less is refused by the call
    app.config.REQUEST_MAX_SIZE = max(settings.largest_body, *(route.largest_body or 0 for route in routes))
    frame = Frame(sessions, sentences, settings.session_s, settings.secure_cookie, settings.largest_body, Presence(desk, clock).seen)
    install_routes(app, routes, frame)
    # made when first asked for: it takes longer than all the rest of the start
    description = cache(lambda: orjson.dumps(build_openapi(routes, sentences, VERSION)))
    _install_plain(app, description, services, metrics or partial(describe, desk))
    install_site(app, web_dist)

    async def stop(_app: StaffApp) -> None:
        await bell.close()

    app.register_listener(stop, "before_server_stop")
    return app


def _install_plain(
    app: StaffApp, description: Callable[[], bytes], services: Services, page: Page
) -> None:
    async def openapi(_request: Request) -> HTTPResponse:
        return raw(description(), content_type="application/json")

    async def healthz(_request: Request) -> HTTPResponse:
        await services.desk.newest_event()
        return raw(b'{"ok":true}', content_type="application/json", headers={"Cache-Control": "no-store"})

    async def metrics(_request: Request) -> HTTPResponse:
        return raw((await page()).encode(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    for path, handler in (("/api/openapi.json", openapi), ("/healthz", healthz), ("/metrics", metrics)):
        app.route(path, methods=["GET"], name=handler.__name__, error_format="json")(handler)

