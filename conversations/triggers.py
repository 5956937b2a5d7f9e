"""What a message or event asks for, before anyone understands it."""

from dataclasses import dataclass

from conversations.rows import Inbound


@dataclass(frozen=True)
class Say:
    """Words: for the bot, the queue or the agent."""

    text: str


@dataclass(frozen=True)
class Welcome:
    """A new follower, a follower who scanned the code again, or a chat that was opened; `notice` is what it is greeted with."""

    notice: str = "welcome"


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
    """Nothing to say to: a link opened, a place reported."""


Trigger = Say | Welcome | Goodbye | Unreadable | Silent

# of events, those whose key stands for words the subscriber could have typed
KEYS_THAT_SPEAK = frozenset({"click", "scancode_waitmsg"})
_WELCOMED = {"subscribe": "welcome", "scan": "welcome", "open": "greeting"}


def classify(message: Inbound) -> Trigger:
    """By kind and, for events, by name; an unknown kind cannot be read, an unknown event wants no answer."""
    text = message.text.strip()
    if message.kind == "event":
        return _event(message.name, text)
    if message.kind == "text" or (message.kind == "voice" and text):
        return Say(text) if text else Unreadable("text", empty=True)
    return Unreadable(message.kind)


def _event(name: str, key: str) -> Trigger:
    if name == "unsubscribe":
        return Goodbye()
    if name in _WELCOMED:
        return Welcome(_WELCOMED[name])
    if name in KEYS_THAT_SPEAK and key:
        return Say(key)
    return Silent()
