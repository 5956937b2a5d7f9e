"""What the desk needs of conversations: the shapes of its `Ownership` and `Reading`, and who watches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from conversations.adapters.reading import Detail, Summary, Waiting
from conversations.media import Media
from conversations.model import Reason
from conversations.rows import Conversation, Line


class Ownership(Protocol):
    """Changes of owner and the agent's words, inside the caller's transaction (docs/architecture.md, desk → conversations)."""

    def assign(
        self, connection: Connection, conversation_id: str, *, expected_epoch: int, agent_id: str, agent_name: str, now: datetime
    ) -> Conversation:
        """waiting → agent. Raises EpochMoved, NotOwner, NoSuchConversation."""

    def resolve(
        self,
        conn: Connection,
        conversation_id: str,
        *,
        expected_epoch: int,
        agent_id: str,
        note: str = "",
        learned: dict[str, Any] | None = ...,
        now: datetime,
    ) -> Conversation:
        """agent → bot. Raises EpochMoved, NotOwner, NoSuchConversation."""

    def release(
        self,
        conn: Connection,
        conversation_id: str,
        *,
        expected_epoch: int,
        agent_id: str,
        reason: Reason = ...,
        skill: str | None = None,
        now: datetime,
    ) -> Conversation:
        """agent → waiting, waiting time kept. Raises EpochMoved, NotOwner, NoSuchConversation."""

    def write_agent_message(
        self,
        conn: Connection,
        conversation_id: str,
        *,
        expected_epoch: int,
        agent_id: str,
        agent_name: str,
        text: str,
        client_id: str,
        seen_position: int | None = None,
        picture: Media | None = None,
        now: datetime,
    ) -> Line:
        """Queues one bubble. Raises EpochMoved, NotOwner, NewerMessage, NoSuchConversation."""


class Reading(Protocol):
    """What pages show. Texts are decrypted here."""

    def read_conversation(self, connection: Connection, conversation_id: str, now: datetime) -> Detail:
        """Raises NoSuchConversation."""

    def read_waiting(self, connection: Connection, accounts: Sequence[str], now: datetime) -> tuple[Waiting, ...]:
        """In the order of the queue."""

    def read_summaries(
        self, connection: Connection, accounts: Sequence[str], now: datetime, *, agent_id: str | None = None, limit: int = 50
    ) -> tuple[Summary, ...]:
        """Of one agent's conversations, or the latest of these accounts."""


class Typing(Protocol):
    """Shows the subscriber that someone writes."""

    async def __call__(self, conversation_id: str) -> None:
        """Never raises for what the channel does."""


class Witness(Protocol):
    """Told of every act inside its transaction; what it writes stands or falls with the act."""

    def __call__(self, connection: Connection, act: str, *, account: str, conversation_id: str, purpose: str = "") -> None:
        """act: opened | accepted | replied | resolved | released | declined."""
