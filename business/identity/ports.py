"""Identity as others ask it, and what it needs of a carrier. Real: service.py. Fakes: fakes.py."""

from typing import Protocol

from business.identity.types import Access, CodeSent, HeldLine, LineRef


class Identity(Protocol):
    """Who has proved what. `openid` comes from the conversation, never from what was said.

    `key` makes a write idempotent: it is made of the turn's id (and of what is done), and the same key gives the same outcome
    without a second message, try or row. `phone` may be written in any usual way; None means the default bound line's own
    number, which nobody needs to type.
    """

    async def access_figures(
        self, account: str, openid: str, level: int, purpose: str, turn_id: str, line_id: str | None = None
    ) -> Access:
        """The only way to a subscriber's figures; writes the audit row, refused or not.

        `line_id` picks one of the bound lines (None: the default). Raises NotBound, ProofNeeded(level, masked).
        """

    async def proof_level(self, account: str, openid: str) -> int:
        """0 nothing, 1 a line is bound, 2 with a code of the last 10 minutes for the default line."""

    async def lines(self, account: str, openid: str) -> tuple[LineRef, ...]:
        """The bound lines, the default first."""

    async def is_elderly(self, account: str, openid: str) -> bool:
        """Whether the customer of the default line turns 65 this year or did before. False when nothing is bound or known."""

    async def has_consented(self, account: str, openid: str) -> bool:
        """Whether the consent notice has been accepted."""

    async def record_consent(self, account: str, openid: str, key: str) -> None:
        """Keeps that the notice was accepted, and when."""

    async def send_code(self, account: str, openid: str, phone: str | None, key: str) -> CodeSent:
        """Sends a one-time code.

        Raises NumberNotServed, CodeTooSoon(wait_s), CodeLimitReached, CodeNotSent, ConsentMissing; NotBound when phone is None.
        """

    async def check_code(self, account: str, openid: str, phone: str | None, code: str, key: str) -> LineRef:
        """Binds the line when the code is right; that is also level 2 for 10 minutes. The first line bound is the default.

        Raises CodeWrong(tries_left), CodeExpired, CodeSpent, NoCodeSent; NotBound when phone is None and nothing is bound.
        """

    async def set_default(self, account: str, openid: str, line_id: str, key: str) -> LineRef:
        """Makes a bound line the one that answers are about. Raises NotBound."""

    async def unbind(self, account: str, openid: str, line_id: str, key: str) -> None:
        """Unties a line; the longest-bound other one becomes the default. Raises NotBound."""

    async def forget(self, account: str, openid: str, key: str) -> None:
        """Erases bindings, codes and consent of someone who left; audit rows stay under a pseudonym."""


class LineDirectory(Protocol):
    """A carrier's own knowledge of its lines, for identity alone: what it answers proves nothing about who asks."""

    async def find(self, account: str, phone: str) -> HeldLine | None:
        """The live line of an 11-digit number."""

    async def look_up(self, account: str, line_ids: tuple[str, ...]) -> dict[str, HeldLine]:
        """Lines by id; those unknown in this account are missing."""
