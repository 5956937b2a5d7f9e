"""What an industry plugs into the action server and into the core. `actions/NAME/compose.py` makes one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rasa_sdk import Action


class AddressLike(Protocol):
    """Whoever writes: an openid of an account."""

    @property
    def account(self) -> str:
        """The account's key."""

    @property
    def openid(self) -> str:
        """Its subscriber."""


class DirectAnswer(Protocol):
    """Menu keys and short codes answered without the bot."""

    async def answer(self, address: AddressLike, text: str, turn_id: str) -> tuple[str, tuple[dict[str, Any], ...]] | None:
        """(text, receipts), or None when it is none of them or proof is missing."""


class Forgetful(Protocol):
    """What an industry keeps of a subscriber beside its own books."""

    async def forget(self, account: str, openid: str, key: str) -> None:
        """Erases bindings, codes and consent of someone who left; twice is once."""


@dataclass(frozen=True)
class Industry:
    """One industry of this process. `close` gives back what it opened; `identity` forgets who unsubscribed."""

    name: str
    actions: Sequence[Action]
    direct: DirectAnswer | None = None
    close: Callable[[], Awaitable[None]] | None = None
    identity: Forgetful | None = None
