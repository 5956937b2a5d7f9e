"""The door to the rows. Everything that changes a conversation is written once, over these two ports.

`adapters/sql_records.py` keeps the rows in the database, `fakes.py` in memory; one contract suite holds both.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from conversations.consents import Consent
from conversations.media import Media
from conversations.model import Address
from conversations.rows import Conversation, Handoff, Inbound, Line, Memory, Outbound, Turn

T = TypeVar("T")


class Records(Protocol):
    """The rows inside one transaction. Synchronous; what is read by `conversation` and `conversations_at` stays locked to its end."""

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The row, locked."""

    def conversations_at(self, addresses: Sequence[Address]) -> dict[Address, Conversation]:
        """Those subscribers' rows, as far as there are any, locked in one order for every process."""

    def add_conversations(self, rows: Sequence[Conversation]) -> None:
        """Adds them; where another process was first, its row stays."""

    def free_lanes(self) -> int:
        """Ends every lease; answers how many there were."""

    def save_conversation(self, row: Conversation) -> None:
        """All of it but the memory."""

    def memory(self, conversation_id: str) -> Memory:
        """What the bot will be told next."""

    def save_memory(self, conversation_id: str, memory: Memory) -> None:
        """Replaces it."""

    def add_arrivals(self, rows: Sequence[tuple[Inbound, Conversation]]) -> set[str]:
        """Adds messages, and saves of each one's conversation what a message changes (`rows.ARRIVAL`); of different conversations.
        Answers the ids of those added: one whose (account, openid, dedup_key) is stored already changes nothing."""

    def inbound(self, inbound_id: str) -> Inbound | None:
        """By its name."""

    def inbound_by_key(self, address: Address, dedup_key: str) -> Inbound | None:
        """By what the channel calls it."""

    def next_inbound(self, conversation_id: str) -> Inbound | None:
        """The first one without a turn, in order of arrival."""

    def save_inbound(self, row: Inbound) -> None:
        """Its status, reply, passive text, turn and deliveries."""

    def add_outbound(self, rows: Sequence[Outbound]) -> None:
        """New bubbles."""

    def pending(self, conversation_id: str) -> list[Outbound]:
        """Those queued, held or sending, in order of position."""

    def outbound(self, outbound_id: str) -> Outbound | None:
        """By its name."""

    def outbound_by_client(self, conversation_id: str, client_id: str) -> Outbound | None:
        """By the name the agent's page gave it."""

    def save_outbound(self, row: Outbound) -> None:
        """Where it is: status, reason, attempts and times."""

    def save_wording(self, row: Outbound) -> None:
        """Its text and reference."""

    def outbound_at(self, conversation_id: str, position: int) -> Outbound | None:
        """The bubble in that place of the transcript."""

    def add_turn(self, turn: Turn) -> None:
        """Breaks when the message has had one: exactly one turn per message."""

    def recent_turns(self, conversation_id: str, limit: int) -> list[Turn]:
        """The last ones, oldest first."""

    def live_handoff(self, conversation_id: str) -> Handoff | None:
        """The one that waits or is assigned."""

    def handoff(self, handoff_id: str) -> Handoff | None:
        """By its name, live or over."""

    def last_handoff(self, conversation_id: str) -> Handoff | None:
        """The newest one, live or over."""

    def add_handoff(self, row: Handoff) -> None:
        """Breaks when the conversation has a live one."""

    def save_handoff(self, row: Handoff) -> None:
        """All of it but the packet."""

    def ahead(self, row: Handoff) -> int:
        """How many of its account wait before it: higher priority first, then the longest waiting."""

    def transcript(self, conversation_id: str, *, after: int = 0, limit: int = 500) -> list[Line]:
        """The last `limit` lines after a position, oldest first."""


    def erase(self, conversation: Conversation, position: int) -> None:
        """Everything personal that was said up to that place of the transcript: texts both ways, what turns understood and showed, what
        packets and memory hold, consents; files are marked for erasing. What happened, when and with what outcome stays."""

    def add_media(self, row: Media) -> None:
        """A file to be fetched."""

    def consent(self, address: Address, topic: str) -> Consent | None:
        """How the subscriber's consent to a topic stands."""

    def save_consent(self, row: Consent) -> None:
        """Adds or replaces it."""


class Survey(Protocol):
    """What the sweep and the audit look for; names only, each is then handled in a transaction of its own."""

    def left_behind(self, mono: float, longest_s: float, behind_s: float, limit: int) -> list[str]:
        """Conversations with work to do and no live lease; a message counts when it was accepted `behind_s` ago."""

    def stopped(self, account: str, limit: int) -> list[tuple[str, Address]]:
        """Conversations with messages held because their channel sent nothing, the longest held first."""

    def open_since(self, mono: float, hold_s: float, limit: int) -> list[str]:
        """Messages whose reply is undecided for longer than `hold_s`, or since before the machine was started. One that came
        while the sweep looks is neither."""

    def overdue(self, now: datetime, limit: int) -> list[str]:
        """Waiting or owned conversations whose deadline has passed."""

    def next_in_line(self, limit: int) -> list[str]:
        """Conversations first in their account's queue that were not told so."""

    def crooked(self, limit: int) -> list[str]:
        """Conversations whose owner, handoff and deadline do not agree."""


class Store(Protocol):
    """Transactions over the rows."""

    async def write(self, work: Callable[[Records], T]) -> T:
        """Runs `work` in one transaction and returns once it is durable; what it raises takes all of it back."""

    async def survey(self, look: Callable[[Survey], T]) -> T:
        """Runs `look` over what is committed."""
