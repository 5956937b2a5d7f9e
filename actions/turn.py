"""The turn an action serves: who writes, what was said, what is still to be answered."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet

from runtime.errors import Fault

Event = dict[str, Any]
PENDING_LIMIT = 4
KEPT_VALUES = ("period", "phone_number")


@dataclass(frozen=True)
class Ask:
    """What a subscriber wants answered: an intent of the catalogue with its values.

    Beside values by kind: `part` (what of the answer is meant), `line` ("other"), `impossible` (kind → words that name nothing: 13月),
    `confirmed` (read back and agreed to), `deferred` (waited for the asks beside it).
    """

    intent: str
    values: dict[str, Any] = field(default_factory=dict)

    def as_slot(self) -> dict[str, Any]:
        """The form in which an ask lies in the slots `ask`, `pending` and `last_ask`."""
        return {"intent": self.intent, "values": self.values}

    @classmethod
    def of_slot(cls, raw: Any) -> "Ask | None":
        """None for anything that is no ask: a state may be older than this code."""
        if not isinstance(raw, dict) or not isinstance(raw.get("intent"), str):
            return None
        values = raw.get("values")
        return cls(raw["intent"], dict(values) if isinstance(values, dict) else {})


@dataclass(frozen=True)
class Turn:
    """One message and what the tracker knows around it. `openid` is the conversation's, never something that was said."""

    account: str
    openid: str
    turn_id: str
    now: datetime
    text: str
    intent: str
    entities: dict[str, tuple[Any, ...]]
    candidates: tuple[str, ...]
    slots: dict[str, Any]
    loop: str | None
    place: tuple[float, float] | None = None
    """Where on the map the subscriber says to be: latitude, longitude in degrees."""

    @classmethod
    def of(cls, tracker: Tracker) -> "Turn":
        """Raises Fault when the message does not say whose turn it is."""
        message = tracker.latest_message or {}
        metadata = message.get("metadata") or {}
        understanding = message.get("understanding") or {}
        try:
            account, openid, turn_id = (str(metadata[key]) for key in ("account", "openid", "turn_id"))
            now = datetime.fromisoformat(metadata["now"])
        except (KeyError, TypeError, ValueError) as missing:
            raise Fault("the message carries no account, openid, turn_id or now") from missing
        return cls(
            account=account,
            openid=openid,
            turn_id=turn_id,
            now=now,
            text=message.get("text") or "",
            intent=str((message.get("intent") or {}).get("name") or ""),
            entities=_by_name(message.get("entities") or []),
            candidates=_intents(understanding.get("candidates")),
            slots=dict(tracker.slots),
            loop=(tracker.active_loop or {}).get("name"),
            place=_place(metadata.get("place")),
        )

    def key(self, what: str) -> str:
        """The idempotency key of a write in this turn."""
        return f"{self.turn_id}:{what}"

    def entity(self, name: str) -> Any:
        """The first value of an entity, or None."""
        return next(iter(self.entities.get(name, ())), None)

    def ask_for(self, intent: str) -> Ask:
        """The ask that the action of `intent` serves now.

        The `ask` slot says so when the policy chose it (a digit, a pending ask, one of several); otherwise the message itself is the ask.
        """
        chosen = Ask.of_slot(self.slots.get("ask"))
        if chosen is not None and chosen.intent == intent:
            return chosen
        return Ask(intent, {name: self.entity(name) for name in KEPT_VALUES if name in self.entities})

    @property
    def pending(self) -> list[Ask]:
        """What is still to be answered, oldest first."""
        found = (Ask.of_slot(raw) for raw in self.slots.get("pending") or [])
        return [ask for ask in found if ask is not None]

    @property
    def last_ask(self) -> Ask | None:
        """What was asked last, answered or not."""
        return self.pending[0] if self.pending else Ask.of_slot(self.slots.get("last_ask"))


def pending_slot(asks: list[Ask]) -> Event:
    """The stack with each ask once, at most PENDING_LIMIT of them."""
    once: list[Ask] = []
    for ask in asks:
        if ask not in once:
            once.append(ask)
    event: Event = SlotSet("pending", [ask.as_slot() for ask in once[:PENDING_LIMIT]])
    return event


def drop_everything() -> list[Event]:
    """Closes an open form and forgets what was under way: after a cancellation and when a person takes over."""
    slots = ("ask", "pending", "confirming", "proof_needed", "proof_phone", "consent", "sms_code", "confirmed", "heard", "choices")
    return [ActiveLoop(None), SlotSet("requested_slot", None), *(SlotSet(name, None) for name in slots)]


def _by_name(entities: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for entity in entities:
        found[entity["entity"]] = (*found.get(entity["entity"], ()), entity.get("value"))
    return found


def _intents(raw: Any) -> tuple[str, ...]:
    names = (one.get("intent") if isinstance(one, dict) else one for one in raw or ())
    return tuple(name for name in names if isinstance(name, str))


def _place(raw: Any) -> tuple[float, float] | None:
    try:
        return float(raw["latitude"]), float(raw["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
