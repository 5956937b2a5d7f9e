"""A line of a visitor's page: as it is kept, and as the page is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from conversations.bubbles import clean
from conversations.model import OutgoingText

_OWN = "v:"
_BUBBLE = "m:"


@dataclass(frozen=True)
class Line:
    """What one side said. `own`: the visitor; `choice`: the id of the menu entry that was tapped."""

    source: str
    own: bool
    text: str
    speaker: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    choice: str | None = None
    picture: str = ""
    """Its type, where the line is a picture: asked for by the line's number."""

    def as_json(self) -> str:
        """For the encrypted column."""
        kept = {name: value for name, value in vars(self).items() if name != "source"}
        return orjson.dumps(kept).decode()


@dataclass(frozen=True)
class Numbered:
    """A line in its place."""

    seq: int
    at: datetime
    line: Line

    def as_told(self) -> dict[str, Any]:
        """For the page: see docs/architecture.md, web chat."""
        line = self.line
        told: dict[str, Any] = {"seq": self.seq, "from": "visitor" if line.own else "service", "text": line.text, "at": self.at.isoformat()}
        if line.own:
            return told | {"client_id": line.source.removeprefix(_OWN), "choice": line.choice}
        choices = [{"id": name, "label": label} for name, label in line.choices]
        return told | {"speaker": line.speaker, "choices": choices, "tail": line.tail, "picture": bool(line.picture)}


def own_line(client_id: str, text: str, choice: str | None) -> Line:
    """What the visitor wrote or tapped."""
    return Line(_OWN + client_id, True, text, choice=choice)


def line_of(message: OutgoingText) -> Line:
    """A bubble; the page has menus."""
    text, menu = clean(message.text), message.menu
    speaker = None if message.speaker is None else clean(message.speaker)
    if menu is None:
        picture = message.picture.content_type if message.picture else ""
        return Line(_BUBBLE + message.outbound_id, False, text, speaker, picture=picture)
    choices = tuple((clean(name), clean(label)) for name, label in menu.choices)
    return Line(_BUBBLE + message.outbound_id, False, text, speaker, choices, clean(menu.tail))


def read_line(source: str, kept: str) -> Line:
    """As it was kept."""
    value = orjson.loads(kept)
    return Line(source, **{**value, "choices": tuple((name, label) for name, label in value["choices"])})
