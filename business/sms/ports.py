"""How a short message leaves, and what may go wrong.

    runtime.errors.SourceFault
    └── SmsFailed        the gateway did not take it; `maybe_sent` says that no answer came, so it may arrive all the same
"""

from typing import Protocol

from runtime.errors import SourceFault


class SmsFailed(SourceFault):
    """The message was not taken, or nobody knows."""

    def __init__(self, reason: str, *, maybe_sent: bool = False) -> None:
        self.reason = reason
        self.maybe_sent = maybe_sent
        super().__init__(f"sms: {reason}")


class SmsSender(Protocol):
    """A gateway."""

    async def send(self, phone: str, text: str, key: str) -> None:
        """Hands one message over. A gateway that has seen `key` sends nothing again. Raises SmsFailed."""

    async def close(self) -> None:
        """Gives back connections."""
