"""What conversations need of the outside. The real ones lie in adapters/ and connectors/, the fakes in fakes.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from conversations.media import Fetching, Media
from conversations.model import (
    Accepted,
    Address,
    Answer,
    BotAnswer,
    BotRequest,
    InboundMessage,
    OutgoingText,
    Refused,
    Sent,
    Stopped,
    Unknown,
)


class Way(Protocol):
    """What a channel can do: passive replies of so many bytes, and messages outside them."""

    passive_bytes: int
    """The longest passive reply, in UTF-8 bytes; 0 when the channel has none."""

    can_push: bool
    """Whether messages may be sent outside a passive reply."""

    native_desk: bool
    """Whether people are asked for at the channel's own desk instead of ours: by `Transfer` as the answer to a message, and known
    afterwards by the channel's events (native.py)."""

    def stopped(self) -> Stopped | None:
        """Why nothing goes out now, as far as is known; None when it does. What is held for it follows once that has passed."""


class Channel(Way, Protocol):
    """A connector's way out of one account."""

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        """Sends one bubble once. Never raises for what the channel or the network does."""

    async def typing(self, to: Address) -> None:
        """Shows that someone is writing, where the channel can; failures are swallowed."""


class Channels(Protocol):
    """Every way out there is. An account may have several: which one reaches a subscriber is told by the address."""

    def of(self, address: Address) -> Channel:
        """The channel that reaches that address. Raises KeyError for an account that is not served here."""


class Brain(Protocol):
    """The bot. Stateless: any process answers any turn."""

    async def answer(self, request: BotRequest) -> BotAnswer:
        """Raises BrainDown when no process answers in time, StateUnreadable when the state must be dropped."""

    async def understand(self, industry: str, text: str) -> dict[str, Any]:
        """One understanding object, nothing done. Raises BrainDown."""


class DirectAnswers(Protocol):
    """What is asked of business without the bot: menu keys and short codes when the bot is down, and to forget who has left."""

    async def answer(self, address: Address, text: str, turn_id: str) -> tuple[str, tuple[dict[str, Any], ...]] | None:
        """(text, receipts), or None when it is not a short code or its proof is missing."""

    async def forget(self, address: Address, turn_id: str) -> None:
        """Erases what business tied to someone who follows no more. Twice is once; what it raises is tried again with the turn."""


class MediaSource(Protocol):
    """Where one account's files come from. Registered by its connector under the account's key."""

    async def fetch(self, reference: str, kind: str) -> Fetching:
        """The file that came with a message of that kind. Never raises for what the channel or the network does."""


class MediaFiles(Protocol):
    """Where files lie, each under the id of its row. Synchronous: called in a thread."""

    def put(self, media_id: str, content: bytes) -> None:
        """Whole on disk when this returns; the same again replaces it. Raises StorageFault."""

    def get(self, media_id: str) -> bytes | None:
        """None when there is none. Raises StorageFault for one that cannot be read."""

    def remove(self, media_id: str) -> None:
        """Nothing to do for one that is not there. Raises StorageFault."""

    def names(self, older_than_s: float) -> list[str]:
        """Ids of the files that were written so long ago."""


class MediaRows(Protocol):
    """The files' rows, each move a transaction of its own."""

    async def claim(self, now: datetime, mono: float, lease_s: float, limit: int) -> list[Media]:
        """Those that have something to do and nobody at it, from now on leased to the caller under a new token."""

    async def finish(self, row: Media) -> bool:
        """Writes down what became of a wanted file; False, and nothing changed, when it is the caller's no more."""

    async def forget(self, media_id: str) -> None:
        """Takes the row of an erased file away."""

    async def age(self, before: datetime, limit: int) -> int:
        """Marks files that are older for erasing; answers how many."""

    async def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these ids, those that have no row."""


class InboxPort(Protocol):
    """What a connector hands its messages to; conversations.inbox.Inbox is the real one."""

    async def accept(self, message: InboundMessage) -> Accepted:
        """Stores the message; it is durable when this returns. Raises StorageFault when it is not stored."""

    async def outcome(self, inbound_id: str, hold_s: float, *, final: bool = True) -> Answer:
        """Waits at most `hold_s` seconds for the turn; the same recorded answer for every caller. Not `final`: the channel will ask
        again, and may be left without an answer (Undecided) until then."""
