"""The bot over HTTP: several processes, any of which answers any turn (docs/architecture.md, core → bot)."""

import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
import structlog

from conversations.errors import BrainDown, IntentUnknown, StateUnreadable
from conversations.model import BotAnswer, BotRequest, HandoffRequest, Reason

_log = structlog.get_logger(__name__)
_STATE_VERSION = 1
_REST_S = 1.0
_CONFLICT = 409
_BAD_REQUEST = 400
_UNKNOWN_INTENT = "unknown_intent"


class HttpBrain:
    """`conversations.ports.Brain`. A process that cannot be reached is left alone for a second and the next one asked: a turn may be
    asked twice, since state comes with it and what actions write goes under a key made of turn_id."""

    def __init__(
        self, urls: Sequence[str], secret: str | None = None, timeout_s: float = 8.0, actions_url: str | None = None
    ) -> None:
        """`actions_url`: where the bots find this process's own action server; None: where they were told at their start."""
        self._actions = {"actions_url": actions_url} if actions_url else {}
        self._urls = tuple(url.rstrip("/") for url in urls)
        self._headers = {"Content-Type": "application/json"} | ({"X-Weiting-Secret": secret} if secret else {})
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=1.0)
        self._resting: dict[str, float] = {}
        self._turn = 0
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, request: BotRequest) -> BotAnswer:
        """Raises BrainDown, StateUnreadable, IntentUnknown."""
        status, body = await self._post("/turn", _request_body(request) | self._actions)
        if status == _CONFLICT:
            raise StateUnreadable
        if status == _BAD_REQUEST:
            raise IntentUnknown
        return _answer_of(body)

    async def understand(self, industry: str, text: str) -> dict[str, Any]:
        """Raises BrainDown."""
        _, body = await self._post("/parse", {"industry": industry, "text": text})
        return body

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        data = orjson.dumps(body)
        problem = "no bot process is known"
        for url in self._candidates():
            try:
                status, answer = await self._ask(url + path, data)
            except (aiohttp.ClientConnectionError, ConnectionError) as error:
                # nothing came back: another process may be alive
                self._resting[url] = time.monotonic() + _REST_S
                problem = type(error).__name__
                continue
            except (TimeoutError, aiohttp.ClientError, ValueError) as error:
                raise BrainDown(type(error).__name__) from error
            code = str(answer.get("error", {}).get("code", "")) if isinstance(answer.get("error"), dict) else ""
            if status == 200 or (path == "/turn" and (status == _CONFLICT or code == _UNKNOWN_INTENT)):  # noqa: PLR2004
                return status, answer
            raise BrainDown(f"the bot answered {status} {code}")
        raise BrainDown(problem)

    async def _ask(self, url: str, data: bytes) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        async with self._session.post(url, data=data) as response:
            answer = orjson.loads(await response.read())
            if not isinstance(answer, dict):
                raise ValueError("not an object")
            return response.status, answer

    def _candidates(self) -> list[str]:
        """All processes, the next in turn first, those that rest last."""
        self._turn += 1
        start, now = self._turn % max(len(self._urls), 1), time.monotonic()
        order = [*self._urls[start:], *self._urls[:start]]
        return sorted(order, key=lambda url: self._resting.get(url, 0.0) > now)


def _request_body(request: BotRequest) -> dict[str, Any]:
    place = {} if request.place is None else {"place": request.place}
    return {
        "turn_id": request.turn_id,
        "account": request.address.account,
        "industry": request.industry,
        "openid": request.address.openid,
        "now": request.now.isoformat(),
        "state_version": _STATE_VERSION,
        "state": request.state,
        "message": {"kind": request.kind, "text": request.text.encode("utf-8", "replace").decode(), **place},
        "events": list(request.events),
    }


def _answer_of(body: dict[str, Any]) -> BotAnswer:
    """Raises BrainDown for an answer that is not of the agreed shape."""
    try:
        handoff = body.get("handoff")
        return BotAnswer(
            replies=tuple(str(reply["text"]) for reply in body["replies"]),
            understanding=dict(body.get("understanding") or {}),
            decision=str(body["decision"]),
            state=body["state"],
            handoff=None if handoff is None else _handoff_of(handoff),
            receipts=tuple(dict(one) for one in body.get("receipts") or ()),
            actions=tuple(dict(one) for one in body.get("actions") or ()),
            timings={str(name): float(value) for name, value in (body.get("timings") or {}).items()},
            model=str(body.get("model") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrainDown(f"the bot's answer cannot be read: {error!r}") from error


def _handoff_of(table: dict[str, Any]) -> HandoffRequest:
    reason = str(table.get("reason") or Reason.ASKED)
    return HandoffRequest(
        reason=Reason(reason) if reason in tuple(Reason) else Reason.ASKED,
        intent=table.get("intent"),
        wish=str(table.get("wish") or ""),
        skill=str(table.get("skill") or "general"),
        priority=int(table.get("priority") or 0),
        proof_level=int(table.get("proof_level") or 0),
        ticket=table.get("ticket"),
        slots=dict(table.get("slots") or {}),
    )
