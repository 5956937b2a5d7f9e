"""Identity itself: the steps in their order, with the directory and the gateway around them."""

import secrets

from business.identity import rules as rule
from business.identity import steps
from business.identity.errors import (
    CodeExpired,
    CodeNotSent,
    CodeSpent,
    CodeWrong,
    IdentityRefusal,
    NoCodeSent,
    NotBound,
    NumberNotServed,
    ProofNeeded,
)
from business.identity.ports import LineDirectory
from business.identity.records import AuditRow, Binding, CodeTry, SendState, Verdict
from business.identity.store import Store
from business.identity.types import Access, CodeSent, HeldLine, LineRef, open_access
from business.sms.ports import SmsFailed, SmsSender
from runtime.clock import Clock
from runtime.ids import new_id
from runtime.keys import Keyring
from runtime.masking import mask_phone

Held = dict[str, HeldLine]


class IdentityService:
    """Implements ports.Identity over any store, directory and gateway. `code_text` is the message with `{code}` and `{minutes}`."""

    def __init__(
        self,
        store: Store,
        directory: LineDirectory,
        sms: SmsSender,
        keyring: Keyring,
        clock: Clock,
        code_text: str,
        rules: rule.CodeRules | None = None,
    ) -> None:
        self._store = store
        self._directory = directory
        self._sms = sms
        self._hash = keyring.lookup_hash
        self._clock = clock
        self._code_text = code_text
        self._rules = rules or rule.CodeRules()

    async def access_figures(
        self, account: str, openid: str, level: int, purpose: str, turn_id: str, line_id: str | None = None
    ) -> Access:
        bindings, held = await self._live(account, openid)
        chosen = next((one for one in bindings if line_id in (None, one.line_id)), None)
        now = self._clock.now()
        proved = rule.level_of(chosen, now) if chosen is not None else 0
        # whoever asks for less than a bound line still reads a subscriber's figures
        needed = max(level, 1)
        outcome = "not_bound" if chosen is None else "granted" if proved >= needed else "proof_needed"
        row = AuditRow(
            audit_id=new_id("audit"),
            account=account,
            openid=openid,
            actor="subscriber",
            action="access_figures",
            outcome=outcome,
            line_id=chosen.line_id if chosen is not None else line_id,
            purpose=purpose,
            level=needed,
            turn_id=turn_id,
            at=now,
        )
        await self._store.write(lambda unit: unit.add_audit(row))
        if chosen is None:
            raise NotBound
        line = held[chosen.line_id].ref
        if proved < needed:
            raise ProofNeeded(needed, line.masked)
        lines = tuple(held[one.line_id].ref for one in bindings)
        return open_access(account, openid, line, lines, proved, purpose, turn_id)

    async def proof_level(self, account: str, openid: str) -> int:
        bindings, _ = await self._live(account, openid)
        return rule.level_of(bindings[0], self._clock.now()) if bindings else 0

    async def lines(self, account: str, openid: str) -> tuple[LineRef, ...]:
        bindings, held = await self._live(account, openid)
        return tuple(held[one.line_id].ref for one in bindings)

    async def is_elderly(self, account: str, openid: str) -> bool:
        bindings, held = await self._live(account, openid)
        return bool(bindings) and rule.is_elderly(held[bindings[0].line_id].birth_year, self._clock.now())

    async def has_consented(self, account: str, openid: str) -> bool:
        return await self._store.read(lambda unit: unit.consented_at(account, openid)) is not None

    async def record_consent(self, account: str, openid: str, key: str) -> None:
        now = self._clock.now()
        await self._store.write(lambda unit: unit.add_consent(account, openid, now))

    async def send_code(self, account: str, openid: str, phone: str | None, key: str) -> CodeSent:
        number = await self._number(account, openid, phone)
        held = await self._directory.find(account, number)
        code = f"{secrets.randbelow(1_000_000):06d}"
        request = steps.SendRequest(
            account, openid, number, mask_phone(number), held is not None and held.live, key, code, self._clock.now()
        )
        reserved = await self._store.write(lambda unit: steps.reserve_code(unit, request, self._rules, self._hash))
        if isinstance(reserved, IdentityRefusal):
            raise reserved
        challenge = reserved.challenge
        if reserved.is_new:
            text = self._code_text.format(code=code, minutes=self._rules.ttl_s // 60)
            await self._hand_over(request, text, f"{challenge.challenge_id}.{challenge.attempt}")
        elif challenge.state is not SendState.SENT:
            raise CodeNotSent
        return CodeSent(challenge.masked, challenge.expires_at, not reserved.is_new)

    async def check_code(self, account: str, openid: str, phone: str | None, code: str, key: str) -> LineRef:
        number = await self._number(account, openid, phone)
        held = await self._directory.find(account, number)
        if held is not None and not held.live:
            held = None
        request = steps.CheckRequest(account, openid, number, rule.normalise_code(code), held, key, self._clock.now())
        outcome = await self._store.write(lambda unit: steps.try_code(unit, request, self._rules, self._hash))
        if outcome.verdict is not Verdict.RIGHT:
            raise _refusal(outcome)
        if held is None or held.line_id != outcome.line_id:
            raise NumberNotServed
        return held.ref

    async def set_default(self, account: str, openid: str, line_id: str, key: str) -> LineRef:
        bindings, held = await self._live(account, openid)
        if all(one.line_id != line_id for one in bindings):
            raise NotBound
        now = self._clock.now()
        if not await self._store.write(lambda unit: steps.set_default(unit, account, openid, line_id, key, now)):
            raise NotBound
        return held[line_id].ref

    async def unbind(self, account: str, openid: str, line_id: str, key: str) -> None:
        _, held = await self._live(account, openid)
        now = self._clock.now()
        if not await self._store.write(lambda unit: steps.unbind(unit, account, openid, line_id, key, now, held)):
            raise NotBound

    async def forget(self, account: str, openid: str, key: str) -> None:
        pseudonym = "gone_" + self._hash(f"{account}|{openid}")[:24]
        await self._store.write(lambda unit: unit.forget(account, openid, pseudonym))

    async def _live(self, account: str, openid: str) -> tuple[tuple[Binding, ...], Held]:
        bindings = await self._store.read(lambda unit: unit.bindings(account, openid))
        if not bindings:
            return (), {}
        held = await self._directory.look_up(account, tuple(one.line_id for one in bindings))
        return rule.live(bindings, held), held

    async def _number(self, account: str, openid: str, phone: str | None) -> str:
        if phone is not None:
            return rule.normalise_phone(phone)
        bindings, held = await self._live(account, openid)
        if not bindings:
            raise NotBound
        return held[bindings[0].line_id].phone

    async def _hand_over(self, request: steps.SendRequest, text: str, sms_key: str) -> None:
        failed: SmsFailed | None = None
        state = SendState.SENT
        try:
            await self._sms.send(request.number, text, sms_key)
        except SmsFailed as error:
            failed = error
            state = SendState.DOUBTFUL if error.maybe_sent else SendState.VOID
        await self._store.write(
            lambda unit: steps.mark_sent(unit, request.request_key, request.account, request.openid, state)
        )
        if failed is not None:
            raise CodeNotSent from failed


def _refusal(outcome: CodeTry) -> IdentityRefusal:
    if outcome.verdict is Verdict.WRONG:
        return CodeWrong(outcome.tries_left)
    return {Verdict.EXPIRED: CodeExpired, Verdict.SPENT: CodeSpent, Verdict.NONE: NoCodeSent}[outcome.verdict]()
