"""What a message or event asks for, before anyone understands it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.rows import Inbound


@dataclass(frozen=True)
class Place:
    """Where on the map, in degrees as the channel gave them, and what it is called."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True)
class Say:
    """Words: for the bot, the queue or the agent."""

    text: str


@dataclass(frozen=True)
class Ask:
    """Something known without understanding: a menu key, a scene or a place that stands for an intent; empty for one nobody knows."""

    intent: str
    place: Place | None = None


@dataclass(frozen=True)
class Welcome:
    """A new follower, a follower who scanned a code, or a chat that was opened. `notice` is what it is greeted with, `tells` the event
    the bot is told of it ("": none), `scene` the code's, `ask` what the code stands for."""

    notice: str = "welcome"
    tells: str = "followed"
    scene: str = ""
    ask: Say | Ask | None = None


@dataclass(frozen=True)
class Goodbye:
    """Followed no more."""


@dataclass(frozen=True)
class Unreadable:
    """Something the bot cannot read; a person can. `empty` is a text without a sign in it."""

    kind: str
    empty: bool = False


@dataclass(frozen=True)
class Silent:
    """Nothing to say to: a link opened, a job done, a consent given."""


Trigger = Say | Ask | Welcome | Goodbye | Unreadable | Silent

# of events, those whose key stands for words the subscriber could have typed
KEYS_THAT_SPEAK = frozenset({"click", "scancode_waitmsg"})
_WELCOMED = {"subscribe": ("welcome", "followed"), "scan": ("welcome_back", "scanned"), "open": ("greeting", "")}


def classify(message: Inbound) -> Trigger:
    """By kind and, for events, by name; an unknown kind cannot be read, an unknown event wants no answer."""
    text = message.text.strip()
    if message.kind == "event":
        return _event(message.name, text, message.extra)
    if message.kind == "location":
        return _asked(message.extra) or Unreadable(message.kind)
    if message.kind == "text" or (message.kind == "voice" and text):
        return Say(text) if text else Unreadable("text", empty=True)
    return Unreadable(message.kind)


def is_said(trigger: Trigger) -> bool:
    """Whether it is something said to whoever has the chat."""
    return isinstance(trigger, Say | Ask | Unreadable)


def place_of(extra: Mapping[str, Any]) -> Place | None:
    """The place that came with a message."""
    latitude, longitude = extra.get("latitude"), extra.get("longitude")
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        return None
    return Place(latitude, longitude, str(extra.get("label", "")))


def _event(name: str, key: str, extra: Mapping[str, Any]) -> Trigger:
    if name == "unsubscribe":
        return Goodbye()
    if name in _WELCOMED:
        return Welcome(*_WELCOMED[name], str(extra.get("scene", "")), _asked(extra))
    if name in KEYS_THAT_SPEAK:
        return _asked(extra) or (Say(key) if key else Ask("") if name == "click" else Silent())
    return Silent()


def _asked(extra: Mapping[str, Any]) -> Say | Ask | None:
    words, intent = extra.get("words"), extra.get("intent")
    if isinstance(words, str) and words.strip():
        return Say(words.strip())
    return Ask(intent, place_of(extra)) if isinstance(intent, str) else None
