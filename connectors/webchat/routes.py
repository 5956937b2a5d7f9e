"""The addresses of web chat: who calls, how often, from which site; refusals as answers."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, empty, json, raw, redirect

from connectors.webchat import pages
from connectors.webchat.calls import Calls, read_number
from connectors.webchat.errors import CallRefused, TooMany
from connectors.webchat.limits import Limit, find_caller
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.stream import Streams
from connectors.webchat.tokens import Session
from runtime.clock import Clock
from runtime.settings import AccountSettings

Answer = HTTPResponse | None
Handler = Callable[[Request, "Served"], Awaitable[Answer]]
_METHODS = "GET, POST, DELETE"
_HEADERS = "Authorization, Content-Type, Last-Event-ID"


@dataclass(frozen=True)
class Served:
    """One account's page: its settings and its calls."""

    account: AccountSettings
    calls: Calls


class Limits:
    """Everything that is counted."""

    def __init__(self, settings: WebChatSettings, clock: Clock) -> None:
        self.sessions = Limit(settings.address_sessions, clock)
        self.calls = Limit(settings.address_calls, clock)
        self.visitor_calls = Limit(settings.visitor_calls, clock)
        self.visitor_messages = Limit(settings.visitor_messages, clock)


class Routes:
    """Puts the addresses on an app."""

    def __init__(
        self, served: Mapping[str, Served], streams: Streams, limits: Limits, trusted_proxies: tuple[str, ...], counts: Counter[str]
    ) -> None:
        self._served = served
        self._streams = streams
        self._limits = limits
        self._trusted = trusted_proxies
        self._counts = counts

    def add_to(self, app: Sanic[Any, Any]) -> None:
        """Pages and calls; calls also answer what a browser asks before it calls from another site."""
        app.add_route(self._page, "/chat/<account:str>", methods=["GET", "HEAD"], name="chat_page")
        app.add_route(self._script, "/chat/<account:str>/embed.js", methods=["GET", "HEAD"], name="chat_script")
        app.add_route(self._file, "/chat/-/<name:path>", methods=["GET", "HEAD"], name="chat_file")
        calls: tuple[tuple[str, str, Handler], ...] = (
            ("POST", "session", self._begin),
            ("DELETE", "session", self._end),
            ("POST", "greeting", self._greet),
            ("POST", "messages", self._say),
            ("GET", "messages", self._read),
            ("GET", "pictures", self._picture),
            ("GET", "events", self._follow),
        )
        for method, name, handler in calls:
            app.add_route(self._call(handler), f"/chat/<account:str>/{name}", methods=[method], name=f"chat_{method}_{name}".lower())
        for name in dict.fromkeys(name for _, name, _ in calls):
            app.add_route(self._preflight, f"/chat/<account:str>/{name}", methods=["OPTIONS"], name=f"chat_options_{name}")

    async def _page(self, request: Request, account: str) -> HTTPResponse:
        served = self._find(account)
        if request.path.endswith("/"):
            # the page names its files relative to its own address
            return redirect(f"../{account}", status=308)
        return pages.page(request, served.account)

    async def _script(self, request: Request, account: str) -> HTTPResponse:
        self._find(account)
        return pages.script(request)

    async def _file(self, request: Request, name: str) -> HTTPResponse:
        return pages.file(request, name)

    async def _begin(self, request: Request, served: Served) -> HTTPResponse:
        if "authorization" not in request.headers:
            self._limits.sessions.take(self._caller(request))
        begun = await served.calls.begin(request.headers.get("authorization"))
        return json(begun | {"name": served.account.name})

    async def _end(self, request: Request, served: Served) -> HTTPResponse:
        await served.calls.end(self._visitor(request, served))
        return empty()

    async def _greet(self, request: Request, served: Served) -> HTTPResponse:
        await served.calls.greet(self._visitor(request, served))
        return json({}, status=202)

    async def _say(self, request: Request, served: Served) -> HTTPResponse:
        session = self._visitor(request, served)
        self._limits.visitor_messages.take(f"{served.account.key} {session.openid}")
        return json(await served.calls.say(session, request.body), status=202)

    async def _read(self, request: Request, served: Served) -> HTTPResponse:
        session = self._visitor(request, served)
        query = {name: values[0] for name, values in request.args.items() if values}
        return json(await served.calls.read(session, query))

    async def _picture(self, request: Request, served: Served) -> HTTPResponse:
        session = self._visitor(request, served)
        query = {name: values[0] for name, values in request.args.items() if values}
        content_type, content = await served.calls.picture(session, query)
        # whatever the bytes are: no guessing of another type, no script
        safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return raw(content, content_type=content_type, headers=safe)

    async def _follow(self, request: Request, served: Served) -> None:
        session = self._visitor(request, served)
        asked = [value for value in (request.args.get("after"), request.headers.get("last-event-id")) if value]
        after = max((read_number(value, "after") for value in asked), default=0)
        headers = _cross_site(request, served)
        await self._streams.serve(request, served.calls.address(session), session, after, headers)

    async def _preflight(self, request: Request, account: str) -> HTTPResponse:
        allowed = _cross_site(request, self._find(account))
        if "Access-Control-Allow-Origin" in allowed:
            allowed |= {"Access-Control-Allow-Methods": _METHODS, "Access-Control-Allow-Headers": _HEADERS, "Access-Control-Max-Age": "600"}
        return empty(headers=allowed)

    def _call(self, handler: Handler) -> Callable[[Request, str], Coroutine[Any, Any, Answer]]:
        async def call(request: Request, account: str) -> Answer:
            served = self._find(account)
            try:
                self._limits.calls.take(self._caller(request))
                answer = await handler(request, served)
            except CallRefused as refused:
                self._counts[f"web_refused_{refused.code}"] += 1
                answer = _refusal(refused)
            if answer is not None:
                answer.headers.update({"Cache-Control": "no-store"} | _cross_site(request, served))
            return answer

        return call

    def _visitor(self, request: Request, served: Served) -> Session:
        session = served.calls.who(request.headers.get("authorization"))
        self._limits.visitor_calls.take(f"{served.account.key} {session.openid}")
        return session

    def _caller(self, request: Request) -> str:
        return find_caller(request.ip, request.headers.getall("x-forwarded-for", []), self._trusted)

    def _find(self, account: str) -> Served:
        if account not in self._served:
            raise NotFound("no such chat")
        return self._served[account]


def _refusal(refused: CallRefused) -> HTTPResponse:
    error: dict[str, Any] = {"code": refused.code, "message": str(refused)}
    if isinstance(refused, TooMany):
        wait_s = max(1, math.ceil(refused.wait_s))
        return json({"error": error | {"retry_after_s": wait_s}}, status=refused.status, headers={"Retry-After": str(wait_s)})
    return json({"error": error}, status=refused.status)


def _cross_site(request: Request, served: Served) -> dict[str, str]:
    """Lets a page of a site that the account names read the answer. The token is no cookie: there are no credentials to allow."""
    origin = request.headers.get("origin", "")
    return {"Vary": "Origin"} | ({"Access-Control-Allow-Origin": origin} if origin in served.account.webchat_origins else {})
