"""Identity in memory: the same steps and rules over lists. `FakeIdentity` is what other parts test with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from business.identity import steps
from business.identity.records import AuditRow, Binding, Challenge, CodeTry, SendState
from business.identity.rules import CodeRules, normalise_phone
from business.identity.service import IdentityService
from business.identity.store import Unit
from business.identity.types import HeldLine, LineRef
from business.sms.fakes import FakeSms
from runtime.clock import Clock
from runtime.keys import Keyring
from runtime.masking import mask_phone

T = TypeVar("T")


class FakeDirectory:
    """Lines by account and number."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], HeldLine] = {}

    def add(self, account: str, line: HeldLine) -> None:
        """Adds a line, or replaces the one of its id."""
        self._lines[account, line.line_id] = line

    async def find(self, account: str, phone: str) -> HeldLine | None:
        return next(
            (line for (owner, _), line in self._lines.items() if owner == account and line.phone == phone and line.live), None
        )

    async def look_up(self, account: str, line_ids: tuple[str, ...]) -> dict[str, HeldLine]:
        return {one: self._lines[account, one] for one in line_ids if (account, one) in self._lines}


class MemoryUnit:
    """Lists instead of tables."""

    def __init__(self) -> None:
        self.all_bindings: dict[str, Binding] = {}
        self.challenges: dict[str, Challenge] = {}
        self.tries: dict[tuple[str, str, str], CodeTry] = {}
        self.consents: dict[tuple[str, str], datetime] = {}
        self.audit: list[AuditRow] = []

    def bindings(self, account: str, openid: str) -> tuple[Binding, ...]:
        return tuple(
            one
            for one in self.all_bindings.values()
            if (one.account, one.openid) == (account, openid) and one.unbound_at is None
        )

    def other_holders(self, account: str, openid: str, line_id: str) -> int:
        return sum(
            one.account == account and one.line_id == line_id and one.openid != openid and one.unbound_at is None
            for one in self.all_bindings.values()
        )

    def put_binding(self, binding: Binding) -> None:
        self.all_bindings[binding.binding_id] = binding

    def challenge_by_key(self, account: str, openid: str, request_key: str) -> Challenge | None:
        wanted = (account, openid, request_key)
        return next((one for one in self.challenges.values() if (one.account, one.openid, one.request_key) == wanted), None)

    def newest_challenge(self, account: str, openid: str, number_hmac: str) -> Challenge | None:
        usable = [
            one
            for one in self.challenges.values()
            if (one.account, one.openid, one.number_hmac) == (account, openid, number_hmac)
            and one.state in (SendState.STORED, SendState.SENT)
        ]
        return max(usable, key=lambda one: (one.created_at, one.challenge_id), default=None)

    def challenges_by(self, account: str, openid: str, since: datetime) -> tuple[Challenge, ...]:
        return tuple(
            one
            for one in self.challenges.values()
            if (one.account, one.openid) == (account, openid) and one.created_at >= since
        )

    def challenges_to(self, account: str, number_hmac: str, since: datetime) -> tuple[Challenge, ...]:
        return tuple(
            one
            for one in self.challenges.values()
            if (one.account, one.number_hmac) == (account, number_hmac) and one.created_at >= since
        )

    def put_challenge(self, challenge: Challenge) -> None:
        self.challenges[challenge.challenge_id] = challenge

    def try_by_key(self, account: str, openid: str, request_key: str) -> CodeTry | None:
        return self.tries.get((account, openid, request_key))

    def add_try(self, code_try: CodeTry) -> None:
        self.tries[code_try.account, code_try.openid, code_try.request_key] = code_try

    def consented_at(self, account: str, openid: str) -> datetime | None:
        return self.consents.get((account, openid))

    def add_consent(self, account: str, openid: str, at: datetime) -> None:
        self.consents.setdefault((account, openid), at)

    def add_audit(self, row: AuditRow) -> None:
        self.audit.append(row)

    def was_done(self, account: str, openid: str, action: str, key: str) -> bool:
        wanted = (account, openid, action, key)
        return any((row.account, row.openid, row.action, row.turn_id) == wanted for row in self.audit)

    def forget(self, account: str, openid: str, pseudonym: str) -> None:
        who = (account, openid)
        self.all_bindings = {key: one for key, one in self.all_bindings.items() if (one.account, one.openid) != who}
        self.challenges = {key: one for key, one in self.challenges.items() if (one.account, one.openid) != who}
        self.tries = {key: one for key, one in self.tries.items() if key[:2] != who}
        self.consents.pop(who, None)
        self.audit = [replace(row, openid=pseudonym) if (row.account, row.openid) == who else row for row in self.audit]


class MemoryStore:
    """One unit for ever."""

    def __init__(self) -> None:
        self.unit = MemoryUnit()

    async def write(self, work: Callable[[Unit], T]) -> T:
        return work(self.unit)

    async def read(self, work: Callable[[Unit], T]) -> T:
        return work(self.unit)


class FakeIdentity(IdentityService):
    """Identity over memory. `sms.code_for(phone)` reads the code that went out; `audit` is what was opened."""

    def __init__(self, clock: Clock, rules: CodeRules | None = None) -> None:
        self.sms = FakeSms()
        self.store = MemoryStore()
        self.directory = FakeDirectory()
        self.clock = clock
        keyring = Keyring(b"d" * 32, b"l" * 32)
        super().__init__(self.store, self.directory, self.sms, keyring, clock, "{code} ({minutes} min)", rules)

    @property
    def audit(self) -> list[AuditRow]:
        """Every row of the audit, oldest first."""
        return self.store.unit.audit

    def add_line(self, account: str, phone: str, customer_id: str = "", birth_year: int | None = 1990) -> LineRef:
        """A line that can be bound; its id is made of the number's tail."""
        number = normalise_phone(phone)
        line = HeldLine(f"line_{number[-5:]}", customer_id or f"cust_{number[-5:]}", number, mask_phone(number), birth_year)
        self.directory.add(account, line)
        return line.ref

    async def bind(self, account: str, openid: str, phone: str, *, fresh: bool = False) -> LineRef:
        """Consent and a bound line without a code; `fresh` as if the code had just been given. Raises LookupError."""
        held = await self.directory.find(account, normalise_phone(phone))
        if held is None:
            raise LookupError(phone)
        now = self.clock.now()
        self.store.unit.add_consent(account, openid, now)
        steps.bind(self.store.unit, account, openid, held, now, CodeRules(fresh_s=600 if fresh else 0), "fake")
        return held.ref
