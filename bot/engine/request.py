"""What the core asks, checked. docs/architecture.md, core → bot."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, Mapping, Optional, Tuple

from bot.engine.errors import BadRequest

MAX_TEXT = 10_000
"""Characters of one message; WeChat's own limit is far below."""

MESSAGE_KINDS = ("text", "intent")
EVENT_KINDS = ("human_ended", "queue_left", "queue_timed_out", "followed", "scanned")


@dataclass(frozen=True)
class TurnRequest:
    """One turn. `now` is the product's time, ISO 8601 with zone; `intent` is set instead of `text` for a menu key."""

    turn_id: str
    account: str
    industry: str
    openid: str
    now: str
    state_version: Optional[int]
    state: Optional[Dict[str, Any]]
    text: str
    intent: Optional[str] = None
    events: Tuple[Mapping[str, Any], ...] = field(default=())
    place: Optional[Dict[str, Any]] = None
    """Where on the map an intent is asked for: latitude, longitude in degrees, label."""
    actions_url: str = ""
    """The action server of the core that asks; empty: the one this process was started with."""

    @property
    def sender_id(self) -> str:
        """An openid is unique within its account only."""
        return f"{self.account}:{self.openid}"

    @property
    def metadata(self) -> Dict[str, Any]:
        """What lies on the tracker's latest message; the only place an action may take the openid from."""
        whole = {"account": self.account, "openid": self.openid, "turn_id": self.turn_id, "now": self.now}
        return whole if self.place is None else {**whole, "place": self.place}


@dataclass(frozen=True)
class ParseRequest:
    """One text to understand, nothing done. `now` is empty when the caller gave none."""

    industry: str
    text: str
    now: str = ""


def read_turn(body: Any) -> TurnRequest:
    """Raises BadRequest with the name of the field that is wrong."""
    fields = _object(body, "body")
    message = _object(fields.get("message"), "message")
    kind = message.get("kind", "text")
    if kind not in MESSAGE_KINDS:
        raise BadRequest(f"message.kind must be one of {', '.join(MESSAGE_KINDS)}.")
    text = _text({"message.text": message.get("text")}, "message.text", MAX_TEXT, may_be_empty=kind == "text")
    return TurnRequest(
        turn_id=_text(fields, "turn_id", 200),
        account=_text(fields, "account", 200),
        industry=_text(fields, "industry", 200),
        openid=_text(fields, "openid", 200),
        now=_moment(fields.get("now"), "now"),
        state_version=_version(fields.get("state_version")),
        state=None if fields.get("state") is None else _object(fields["state"], "state"),
        text=text,
        intent=text if kind == "intent" else None,
        events=tuple(_event(event) for event in _list(fields.get("events", []), "events")),
        place=_place(message.get("place")),
        actions_url=_address(fields.get("actions_url")),
    )


def read_parse(body: Any) -> ParseRequest:
    """Raises BadRequest with the name of the field that is wrong."""
    fields = _object(body, "body")
    now = fields.get("now")
    return ParseRequest(
        industry=_text(fields, "industry", 200),
        text=_text(fields, "text", MAX_TEXT, may_be_empty=True),
        now="" if now is None else _moment(now, "now"),
    )


def _object(value: Any, name: str) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object.")
    return value


def _list(value: Any, name: str) -> list:
    if not isinstance(value, list):
        raise BadRequest(f"{name} must be a list.")
    return value


def _text(fields: Mapping[str, Any], name: str, longest: int, may_be_empty: bool = False) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or (not value and not may_be_empty):
        raise BadRequest(f"{name} must be a text.")
    if len(value) > longest:
        raise BadRequest(f"{name} is longer than {longest} characters.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRequest(f"{name} is not valid Unicode.") from error
    return value


def _moment(value: Any, name: str) -> str:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return value.replace("Z", "+00:00")
    raise BadRequest(f"{name} must be a moment, ISO 8601 with zone.")


def _address(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(("http://", "https://")) and len(value) <= 300:
        return value.rstrip("/")
    raise BadRequest("actions_url must be an address such as http://127.0.0.1:8003.")


def _place(value: Any) -> Optional[Dict[str, Any]]:
    if value is None:
        return None
    place = _object(value, "message.place")
    spot = {name: place.get(name) for name in ("latitude", "longitude")}
    if not all(isinstance(one, (int, float)) and not isinstance(one, bool) and abs(one) <= 180 for one in spot.values()):
        raise BadRequest("message.place must have latitude and longitude in degrees.")
    return {**spot, "label": str(place.get("label") or "")[:200]}


def _version(value: Any) -> Optional[int]:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadRequest("state_version must be a number.")


def _event(value: Any) -> Mapping[str, Any]:
    event = _object(value, "events[]")
    if event.get("kind") not in EVENT_KINDS:
        raise BadRequest(f"events[].kind must be one of {', '.join(EVENT_KINDS)}.")
    _object(event.get("learned") or {}, "events[].learned")
    return event
