"""Putting bubbles into a conversation: numbered, timed, tied to what they answer. Sending them is delivery's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from conversations.model import Author
from conversations.records import Records
from conversations.rows import Conversation, Outbound, Purpose
from runtime.ids import new_id
from runtime.masking import mask_text

_SHOWN = 80

# notices that say something true only for a while: dropped when they cannot leave at once or the chat has changed hands
POSITION = "queue_position"
NEXT_IN_LINE = "next_in_line"
RATED = "rated"
ANSWER_LATER = "answer_later"
COMES_WITH_NEXT = "comes_with_next"
TRANSFER_NEXT = "transfer_next"
PERISHABLE = frozenset({POSITION, NEXT_IN_LINE, RATED, ANSWER_LATER, COMES_WITH_NEXT, TRANSFER_NEXT})
# what is said before a chat goes to the channel's own desk: sent as messages of their own, since the callback carries the transfer
BEFORE_TRANSFER = "before_transfer"


@dataclass(frozen=True)
class Words:
    """What someone says, and why it may leave."""

    bubbles: Sequence[str]
    author: Author
    purpose: Purpose
    reference: str = ""
    inbound_id: str | None = None
    turn_id: str | None = None
    speaker: str | None = None
    agent_id: str | None = None
    client_id: str | None = None


def say(records: Records, conversation: Conversation, words: Words, now: datetime) -> tuple[Conversation, tuple[Outbound, ...]]:
    """Queues the bubbles under the conversation's epoch. Answers the conversation, not yet saved, and the new rows.

    Only the first bubble keeps the client_id as it is: the others carry it with their number.
    """
    rows = tuple(
        Outbound(
            outbound_id=new_id("m"),
            conversation_id=conversation.conversation_id,
            account=conversation.address.account,
            position=conversation.next_position + number,
            author=words.author,
            text=bubble,
            purpose=words.purpose,
            reference=words.reference,
            epoch=conversation.epoch,
            created_at=now,
            inbound_id=words.inbound_id,
            turn_id=words.turn_id,
            speaker=words.speaker,
            agent_id=words.agent_id,
            client_id=f"{words.client_id}#{number + 1}" if words.client_id and number else words.client_id,
        )
        for number, bubble in enumerate(words.bubbles)
    )
    if not rows:
        return conversation, ()
    records.add_outbound(rows)
    last_text = conversation.last_text if words.author == Author.NOTICE else shown(rows[-1].text)
    return replace(conversation, next_position=conversation.next_position + len(rows), last_text=last_text, last_at=now), rows


def shown(text: str) -> str:
    """The beginning of a text as lists show it: masked, one line."""
    return " ".join(mask_text(text).split())[:_SHOWN]
