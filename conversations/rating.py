"""The rating at the end of a person's service: asked in the message that says the assistant is back, counted once.

The row of that message holds it as it is read: notice, empty line, question, a line per choice, closing line. Its reference names the
handoff and so do the ids of the choices, which are believed only in the handoff's own conversation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from conversations import bubbles
from conversations.model import Menu, OutgoingText, Status
from conversations.notices import RatingTexts, normalise
from conversations.records import Records
from conversations.rows import HandoffStatus, Inbound, Outbound, Rating

_PREFIX = "rating:"
_WITHDRAWN = "human_ended"
_CHOICE = "choice"
_ID = re.compile(r"rating:([A-Za-z0-9_]{1,48}):([123])")
_REACHED = (Status.SENT, Status.UNKNOWN)
_RATINGS: Sequence[Rating] = tuple(Rating)


@dataclass(frozen=True)
class Rated:
    """What a subscriber thought of one handoff's service."""

    handoff_id: str
    rating: Rating


def ask(notice: str, texts: RatingTexts) -> str:
    """The notice with the question, as it will be read."""
    return "\n".join((bubbles.merge((notice, texts.question)), *texts.labels, texts.tail))


def reference_of(handoff_id: str) -> str:
    """What the message that asks for a rating refers to."""
    return f"{_PREFIX}{handoff_id}"


def outgoing(row: Outbound, texts: RatingTexts) -> OutgoingText:
    """The bubble as the channel gets it: one that asks for a rating carries its choices apart."""
    if not _asks(row):
        return OutgoingText(row.outbound_id, row.text, row.speaker, speaker_id=row.agent_id)
    choices = tuple((f"{row.reference}:{number}", label) for number, label in enumerate(texts.labels, start=1))
    head = row.text.removesuffix("\n".join(("", *texts.labels, texts.tail)))
    return OutgoingText(row.outbound_id, head, row.speaker, Menu(choices, texts.tail), row.agent_id)


def withdraw(records: Records, row: Outbound) -> Outbound:
    """The bubble without the question: it could not be asked at once, and later nobody wants to be asked. Saved when that changes it."""
    if not _asks(row):
        return row
    notice, _, _ = row.text.rpartition(bubbles.JOINER)
    plain = replace(row, text=notice or row.text, reference=_WITHDRAWN)
    records.save_wording(plain)
    return plain


def recognise(records: Records, message: Inbound, texts: RatingTexts) -> Rated | None:
    """The rating that a message is: a tap on a choice of this conversation, or its words typed right after the question."""
    choice = message.extra.get(_CHOICE)
    tapped = _ID.fullmatch(choice) if isinstance(choice, str) else None
    if tapped is not None:
        return _of(records, message, tapped[1], int(tapped[2]))
    if message.kind != "text":
        return None
    number = texts.number_of(normalise(message.text))
    return None if number is None else _typed(records, message, number)


def count(records: Records, rated: Rated, now: datetime) -> bool:
    """Writes it down; False, and nothing changed, when the handoff was rated before."""
    handoff = records.handoff(rated.handoff_id)
    if handoff is None or handoff.rating is not None:
        return False
    records.save_handoff(replace(handoff, rating=rated.rating, rated_at=now))
    return True


def _asks(row: Outbound) -> bool:
    return row.reference.startswith(_PREFIX)


def _typed(records: Records, message: Inbound, number: int) -> Rated | None:
    before = records.outbound_at(message.conversation_id, message.position - 1)
    if before is None or not _asks(before) or before.status not in _REACHED:
        return None
    # written before the question had arrived, the words meant something else
    if before.ended_at is None or before.ended_at > message.received_at:
        return None
    return _of(records, message, before.reference.removeprefix(_PREFIX), number)


def _of(records: Records, message: Inbound, handoff_id: str, number: int) -> Rated | None:
    handoff = records.handoff(handoff_id)
    if handoff is None or handoff.conversation_id != message.conversation_id or handoff.status != HandoffStatus.RESOLVED:
        return None
    return Rated(handoff.handoff_id, _RATINGS[number - 1])
