"""Changes of owner over the caller's own transaction: the desk's rows and the conversation's change together or not at all.

After the commit the caller wakes the lane: `bus.publish("lane", {"conversation_id": …})`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from conversations.adapters.rowwise import Cipher
from conversations.adapters.sql_records import SqlRecords
from conversations.media import Media, picture_of
from conversations.model import Reason
from conversations.notices import Texts
from conversations.ownership import Transitions
from conversations.rows import Conversation, Line, Outbound
from conversations.settings import ConversationSettings
from runtime.keys import Keyring


class Ownership:
    """Every method locks the conversation's row, checks `expected_epoch` and raises EpochMoved, NotOwner or NoSuchConversation."""

    def __init__(self, keyring: Keyring, texts: Texts, settings: ConversationSettings) -> None:
        self._cipher = Cipher(keyring)
        self._transitions = Transitions(texts, settings)

    def assign(
        self, connection: Connection, conversation_id: str, *, expected_epoch: int, agent_id: str, agent_name: str, now: datetime
    ) -> Conversation:
        """waiting → agent."""
        return self._transitions.assign(
            self._records(connection), conversation_id, expected_epoch=expected_epoch, agent_id=agent_id, agent_name=agent_name, now=now
        )

    def resolve(
        self, connection: Connection, conversation_id: str, *, expected_epoch: int, agent_id: str, note: str = "",
        learned: dict[str, Any] | None = None, now: datetime,
    ) -> Conversation:
        """agent → bot: the bot is told `note` and the slots in `learned`, the subscriber that the assistant is back."""
        return self._transitions.resolve(
            self._records(connection), conversation_id, expected_epoch=expected_epoch, agent_id=agent_id, note=note,
            learned=learned, now=now,
        )  # fmt: skip

    def release(
        self, connection: Connection, conversation_id: str, *, expected_epoch: int, agent_id: str | None = None,
        reason: Reason = Reason.TRANSFERRED, skill: str | None = None, now: datetime,
    ) -> Conversation:
        """agent → waiting, the waiting time kept: a transfer, or Reason.AGENT_LOST."""
        return self._transitions.release(
            self._records(connection), conversation_id, expected_epoch=expected_epoch, agent_id=agent_id, reason=reason,
            skill=skill, now=now,
        )  # fmt: skip

    def leave_queue(self, connection: Connection, conversation_id: str, *, expected_epoch: int, now: datetime) -> Conversation:
        """waiting → bot, because the subscriber wants so."""
        return self._transitions.leave_queue(self._records(connection), conversation_id, expected_epoch=expected_epoch, now=now)

    def time_out(self, connection: Connection, conversation_id: str, *, expected_epoch: int, now: datetime) -> Conversation:
        """waiting → bot with a ticket, because nobody came."""
        return self._transitions.time_out(self._records(connection), conversation_id, expected_epoch=expected_epoch, now=now)

    def write_agent_message(
        self, connection: Connection, conversation_id: str, *, expected_epoch: int, agent_id: str, agent_name: str, text: str,
        client_id: str, seen_position: int | None = None, picture: Media | None = None, now: datetime,
    ) -> Line:
        """Queues what the agent says, or a picture; a repeated `client_id` answers the line it made. Raises NewerMessage when the
        subscriber has written after `seen_position`."""
        row = self._transitions.write_agent_message(
            self._records(connection), conversation_id, expected_epoch=expected_epoch, agent_id=agent_id, agent_name=agent_name,
            text=text, client_id=client_id, seen_position=seen_position, picture=picture, now=now,
        )  # fmt: skip
        return line_of(row)

    def _records(self, connection: Connection) -> SqlRecords:
        return SqlRecords(connection, self._cipher)


def line_of(row: Outbound) -> Line:
    """A bubble as the transcript shows it; a picture's file is not looked up."""
    return Line(
        position=row.position, author=row.author, text=row.text, at=row.created_at, status=str(row.status), name=row.speaker,
        reason=row.reason, turn_id=row.turn_id, client_id=row.client_id, kind="text" if picture_of(row.reference) is None else "image",
    )  # fmt: skip
