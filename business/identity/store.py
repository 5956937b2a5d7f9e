"""What identity's steps need of a store: one unit of work that is atomic. Real: sql.py. Fake: fakes.py."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from business.identity.records import AuditRow, Binding, Challenge, CodeTry

T = TypeVar("T")


class Unit(Protocol):
    """One unit of work. A step must not raise once it has written: a store may have no way to take a write back."""

    def bindings(self, account: str, openid: str) -> tuple[Binding, ...]:
        """Those not unbound, locked until the end of the unit."""

    def other_holders(self, account: str, openid: str, line_id: str) -> int:
        """How many other openids of the account have that line bound."""

    def put_binding(self, binding: Binding) -> None:
        """Adds it, or replaces the one of its id."""

    def challenge_by_key(self, account: str, openid: str, request_key: str) -> Challenge | None:
        """The code asked for with that key."""

    def newest_challenge(self, account: str, openid: str, number_hmac: str) -> Challenge | None:
        """The last code stored or sent for this openid and number, locked until the end of the unit."""

    def challenges_by(self, account: str, openid: str, since: datetime) -> tuple[Challenge, ...]:
        """Codes this openid asked for since then."""

    def challenges_to(self, account: str, number_hmac: str, since: datetime) -> tuple[Challenge, ...]:
        """Codes asked for this number since then, by anyone."""

    def put_challenge(self, challenge: Challenge) -> None:
        """Adds it, or replaces the one of its id."""

    def try_by_key(self, account: str, openid: str, request_key: str) -> CodeTry | None:
        """The outcome recorded for that key."""

    def add_try(self, code_try: CodeTry) -> None:
        """Records an outcome."""

    def consented_at(self, account: str, openid: str) -> datetime | None:
        """When the notice was accepted."""

    def add_consent(self, account: str, openid: str, at: datetime) -> None:
        """Keeps it; a second one changes nothing."""

    def add_audit(self, row: AuditRow) -> None:
        """Adds a row to the audit."""

    def was_done(self, account: str, openid: str, action: str, key: str) -> bool:
        """Whether the audit has that action under that key."""

    def forget(self, account: str, openid: str, pseudonym: str) -> None:
        """Erases all of an openid's rows; its audit rows go on under the pseudonym."""


class Store(Protocol):
    """Runs units of work."""

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Runs it, committed on return. It may be run twice, the first time without effect."""

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Runs it on what is committed; it must not write."""
