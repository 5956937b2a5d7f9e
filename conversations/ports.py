"""What conversations need of the outside. The real ones lie in adapters/ and connectors/, the fakes in fakes.py."""

from typing import Any, Protocol

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


class InboxPort(Protocol):
    """What a connector hands its messages to; conversations.inbox.Inbox is the real one."""

    async def accept(self, message: InboundMessage) -> Accepted:
        """Stores the message; it is durable when this returns. Raises StorageFault when it is not stored."""

    async def outcome(self, inbound_id: str, hold_s: float, *, final: bool = True) -> Answer:
        """Waits at most `hold_s` seconds for the turn; the same recorded answer for every caller. Not `final`: the channel will ask
        again, and may be left without an answer (Undecided) until then."""
