"""Reads what a script wants a subscriber to do: the body of POST /api/say."""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import ScriptRefusal
from sandbox.events import EVENTS
from sandbox.kinds import MESSAGE_KINDS, Action, SentMedia, message_from

EVENT_KINDS = tuple(EVENTS)
_NO_FILE = SentMedia()


def action_from(data: Mapping[str, Any], media: SentMedia = _NO_FILE) -> Action:
    """The action of a body.

    Raises:
        ScriptRefusal: unknown kind, missing text or key.
    """
    kind = data.get("kind") or "text"
    if kind in MESSAGE_KINDS:
        return message_from(kind, data, media)
    if isinstance(kind, str) and kind in EVENTS:
        return EVENTS[kind](data, media)
    raise ScriptRefusal(f"kind must be one of {', '.join(MESSAGE_KINDS + EVENT_KINDS)}.")
