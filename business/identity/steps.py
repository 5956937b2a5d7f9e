"""What identity does inside one unit of work. A step returns its outcome, and a refusal is an outcome: raised, it would undo the row
that counts it."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from business.identity.errors import CodeLimitReached, CodeTooSoon, ConsentMissing, IdentityRefusal, NumberNotServed
from business.identity.records import AuditRow, Binding, Challenge, CodeTry, SendState, Verdict
from business.identity.rules import CodeRules, check_may_send, fresh_until, judge, live, start_of_day
from business.identity.store import Unit
from business.identity.types import HeldLine
from runtime.ids import new_id

Hash = Callable[[str], str]


@dataclass(frozen=True)
class SendRequest:
    """A wish for a code, with what is known of the number. `code` is fresh and random."""

    account: str
    openid: str
    number: str
    masked: str
    served: bool
    request_key: str
    code: str
    now: datetime


@dataclass(frozen=True)
class CheckRequest:
    """A try. `code` is None for what cannot be a code; `held` is None when the number is not served."""

    account: str
    openid: str
    number: str
    code: str | None
    held: HeldLine | None
    request_key: str
    now: datetime


@dataclass(frozen=True)
class Reserved:
    """A stored challenge. `is_new` says that its message is still to be sent."""

    challenge: Challenge
    is_new: bool


def hash_code(hash_: Hash, challenge_id: str, account: str, openid: str, number: str, code: str) -> str:
    """Binds a code to its challenge, its asker and its number: no other code, openid or number gives this."""
    return hash_("|".join(("code", challenge_id, account, openid, number, code)))


def reserve_code(unit: Unit, request: SendRequest, rules: CodeRules, hash_: Hash) -> Reserved | IdentityRefusal:
    """Stores the challenge before its message goes out. A repeated key gives what it gave."""
    known = unit.challenge_by_key(request.account, request.openid, request.request_key)
    if known is not None:
        return _again(unit, known, request, rules, hash_)
    if unit.consented_at(request.account, request.openid) is None:
        return ConsentMissing()
    number_hmac = hash_(request.number)
    since = min(start_of_day(request.now), request.now - timedelta(seconds=rules.spacing_s))
    try:
        check_may_send(
            rules,
            request.now,
            unit.challenges_by(request.account, request.openid, since),
            unit.challenges_to(request.account, number_hmac, since),
        )
    except (CodeTooSoon, CodeLimitReached) as refusal:
        return refusal
    challenge = _challenge(request, rules, hash_, number_hmac)
    unit.put_challenge(challenge)
    return Reserved(challenge, is_new=True) if request.served else NumberNotServed()


def _challenge(request: SendRequest, rules: CodeRules, hash_: Hash, number_hmac: str) -> Challenge:
    challenge_id = new_id("code")
    return Challenge(
        challenge_id=challenge_id,
        account=request.account,
        openid=request.openid,
        number_hmac=number_hmac,
        masked=request.masked,
        request_key=request.request_key,
        code_hmac=hash_code(hash_, challenge_id, request.account, request.openid, request.number, request.code),
        attempt=1,
        state=SendState.STORED if request.served else SendState.UNSERVED,
        tries=0,
        created_at=request.now,
        expires_at=request.now + timedelta(seconds=rules.ttl_s),
    )


def _again(unit: Unit, known: Challenge, request: SendRequest, rules: CodeRules, hash_: Hash) -> Reserved | IdentityRefusal:
    if known.state is SendState.UNSERVED:
        return NumberNotServed()
    if known.state is not SendState.STORED:
        return Reserved(known, is_new=False)
    # stored and never marked as sent: the process died in between, and the code itself is not kept, so a new one goes out
    fresh = replace(
        known,
        code_hmac=hash_code(hash_, known.challenge_id, request.account, request.openid, request.number, request.code),
        attempt=known.attempt + 1,
        expires_at=request.now + timedelta(seconds=rules.ttl_s),
    )
    unit.put_challenge(fresh)
    return Reserved(fresh, is_new=True)


def mark_sent(unit: Unit, request_key: str, account: str, openid: str, state: SendState) -> None:
    """Keeps what became of the message."""
    challenge = unit.challenge_by_key(account, openid, request_key)
    if challenge is not None and challenge.state is SendState.STORED:
        unit.put_challenge(replace(challenge, state=state))


def try_code(unit: Unit, request: CheckRequest, rules: CodeRules, hash_: Hash) -> CodeTry:
    """Judges a try, counts it and, when it is right, binds. A repeated key gives its recorded outcome."""
    known = unit.try_by_key(request.account, request.openid, request.request_key)
    if known is not None:
        return known
    challenge = unit.newest_challenge(request.account, request.openid, hash_(request.number))
    is_right = challenge is not None and request.held is not None and _is_right(challenge, request, hash_)
    verdict, left = judge(rules, challenge, request.now, is_right=is_right)
    if challenge is not None and verdict is Verdict.WRONG and request.code is None:
        left += 1  # what cannot be a code is told so, and costs nothing
    elif challenge is not None and verdict in (Verdict.RIGHT, Verdict.WRONG, Verdict.SPENT):
        consumed = request.now if verdict is Verdict.RIGHT else challenge.consumed_at
        unit.put_challenge(replace(challenge, tries=min(challenge.tries + 1, rules.tries), consumed_at=consumed))
    line_id = request.held.line_id if verdict is Verdict.RIGHT and request.held else None
    outcome = CodeTry(request.account, request.openid, request.request_key, verdict, left, line_id, request.now)
    unit.add_try(outcome)
    if verdict is Verdict.RIGHT and request.held is not None:
        bind(unit, request.account, request.openid, request.held, request.now, rules, request.request_key)
    return outcome


def _is_right(challenge: Challenge, request: CheckRequest, hash_: Hash) -> bool:
    if request.code is None:
        return False
    given = hash_code(hash_, challenge.challenge_id, request.account, request.openid, request.number, request.code)
    return hmac.compare_digest(given, challenge.code_hmac)


def bind(unit: Unit, account: str, openid: str, held: HeldLine, now: datetime, rules: CodeRules, key: str) -> None:
    """Ties the line, or renews the tie. That others have it bound too is allowed by the code and kept in the audit."""
    bindings = unit.bindings(account, openid)
    same = next((one for one in bindings if one.line_id == held.line_id), None)
    others = unit.other_holders(account, openid, held.line_id)
    if same is None:
        unit.put_binding(
            Binding(
                binding_id=new_id("bind"),
                account=account,
                openid=openid,
                line_id=held.line_id,
                customer_id=held.customer_id,
                is_default=not any(one.is_default for one in bindings),
                verified_by="sms_otp",
                fresh_until=fresh_until(rules, now),
                bound_at=now,
            )
        )
    else:
        unit.put_binding(replace(same, customer_id=held.customer_id, fresh_until=fresh_until(rules, now)))
    outcome = "shared" if others else "bound" if same is None else "renewed"
    unit.add_audit(_audit(account, openid, "bind", outcome, held.line_id, key, now))


def tie(unit: Unit, account: str, openid: str, line_id: str, customer_id: str, at: datetime, *, is_default: bool) -> None:
    """A binding that comes with loaded subscribers, with its consent. One that is there stays as its subscriber left it."""
    unit.add_consent(account, openid, at)
    bindings = unit.bindings(account, openid)
    same = next((one for one in bindings if one.line_id == line_id), None)
    if same is not None:
        if same.customer_id != customer_id:
            unit.put_binding(replace(same, customer_id=customer_id, fresh_until=None))
        return
    holder = next((one for one in bindings if one.is_default), None)
    if is_default and holder is not None:
        unit.put_binding(replace(holder, is_default=False))
    first = is_default or holder is None
    binding = Binding(new_id("bind"), account, openid, line_id, customer_id, first, "loaded", None, at)
    unit.put_binding(binding)
    unit.add_audit(_audit(account, openid, "bind", "loaded", line_id, "load", at))


def set_default(unit: Unit, account: str, openid: str, line_id: str, key: str, now: datetime) -> bool:
    """False when the line is not bound."""
    bindings = unit.bindings(account, openid)
    if all(one.line_id != line_id for one in bindings):
        return False
    # the old default first: there is never a moment with two
    for one in sorted(bindings, key=lambda binding: not binding.is_default):
        if one.is_default != (one.line_id == line_id):
            unit.put_binding(replace(one, is_default=one.line_id == line_id))
    unit.add_audit(_audit(account, openid, "set_default", "done", line_id, key, now))
    return True


def unbind(unit: Unit, account: str, openid: str, line_id: str, key: str, now: datetime, held: dict[str, HeldLine]) -> bool:
    """False when the line is not bound; True again for a repeated key."""
    bindings = unit.bindings(account, openid)
    gone = next((one for one in bindings if one.line_id == line_id), None)
    if gone is None:
        return unit.was_done(account, openid, "unbind", key)
    unit.put_binding(replace(gone, is_default=False, fresh_until=None, unbound_at=now, unbind_reason="asked"))
    rest = live((one for one in bindings if one.line_id != line_id), held)
    if gone.is_default and rest:
        unit.put_binding(replace(rest[0], is_default=True))
    unit.add_audit(_audit(account, openid, "unbind", "done", line_id, key, now))
    return True


def _audit(account: str, openid: str, action: str, outcome: str, line_id: str, key: str, now: datetime) -> AuditRow:
    return AuditRow(new_id("audit"), account, openid, "subscriber", action, outcome, line_id, action, 0, key, now)
