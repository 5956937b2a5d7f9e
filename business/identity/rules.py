"""The rules of one-time codes and of being bound, without any I/O."""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from business.identity.errors import CodeLimitReached, CodeTooSoon, NumberNotServed
from business.identity.records import Binding, Challenge, SendState, Verdict
from business.identity.types import HeldLine

_PHONE = re.compile(r"1[3-9]\d{9}")
_SEPARATORS = re.compile(r"[\s\-‐-―－()（）.]+")
_UNDER_WAY = (SendState.STORED, SendState.SENT)
_ELDERLY_AGE = 65


@dataclass(frozen=True)
class CodeRules:
    """Design §6. Days are days of Asia/Shanghai, as the clock gives them."""

    ttl_s: int = 300
    tries: int = 5
    spacing_s: int = 60
    per_openid_a_day: int = 10
    per_number_a_day: int = 10
    fresh_s: int = 600


def normalise_phone(text: str) -> str:
    """ "+86 179-0000-0001", full-width digits too, becomes "17900000001". Raises NumberNotServed."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    for prefix in ("+86", "0086", "86"):
        if len(digits) == 11 + len(prefix) and digits.startswith(prefix):
            digits = digits.removeprefix(prefix)
            break
    if not (digits.isascii() and _PHONE.fullmatch(digits)):
        raise NumberNotServed("not a mobile number")
    return digits


def normalise_code(text: str) -> str | None:
    """Six ASCII digits, or None for what cannot be a code."""
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    return digits if len(digits) == 6 and digits.isascii() and digits.isdigit() else None


def start_of_day(now: datetime) -> datetime:
    """Midnight before `now`, in its own zone."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def check_may_send(rules: CodeRules, now: datetime, by_openid: Sequence[Challenge], to_number: Sequence[Challenge]) -> None:
    """Both lists hold today's and the last minute's. Raises CodeTooSoon, CodeLimitReached."""
    wait_s = max((_wait_s(rules, now, one) for one in (*by_openid, *to_number)), default=0)
    if wait_s > 0:
        raise CodeTooSoon(wait_s)
    midnight = start_of_day(now)
    asked = sum(one.state is not SendState.VOID and one.created_at >= midnight for one in by_openid)
    received = sum(one.state not in (SendState.VOID, SendState.UNSERVED) and one.created_at >= midnight for one in to_number)
    if asked >= rules.per_openid_a_day or received >= rules.per_number_a_day:
        raise CodeLimitReached


def _wait_s(rules: CodeRules, now: datetime, sent: Challenge) -> int:
    if sent.state not in _UNDER_WAY:
        return 0
    # a clock that was set back must not lock anyone out for longer than the spacing
    age_s = max((now - sent.created_at).total_seconds(), 0.0)
    return math.ceil(rules.spacing_s - age_s) if age_s < rules.spacing_s else 0


def judge(rules: CodeRules, challenge: Challenge | None, now: datetime, *, is_right: bool) -> tuple[Verdict, int]:
    """What a try comes to and how many tries are left after it. The fifth wrong one spends the code."""
    if challenge is None:
        return Verdict.NONE, 0
    if challenge.consumed_at is not None or challenge.tries >= rules.tries:
        return Verdict.SPENT, 0
    if now >= challenge.expires_at:
        return Verdict.EXPIRED, 0
    left = rules.tries - challenge.tries - 1
    if is_right:
        return Verdict.RIGHT, left
    return (Verdict.WRONG, left) if left > 0 else (Verdict.SPENT, 0)


def live(bindings: Iterable[Binding], held: dict[str, HeldLine]) -> tuple[Binding, ...]:
    """Bindings that still give a right: the line lives and is still the same customer's. The first is the default."""
    good = [
        one for one in bindings if (line := held.get(one.line_id)) and line.live and line.customer_id == one.customer_id
    ]
    return tuple(sorted(good, key=lambda one: (not one.is_default, one.bound_at, one.binding_id)))


def level_of(binding: Binding, now: datetime) -> int:
    """1, or 2 while the last code is fresh."""
    return 2 if binding.fresh_until is not None and now < binding.fresh_until else 1


def fresh_until(rules: CodeRules, now: datetime) -> datetime:
    """How long a code that was right just now counts as fresh."""
    return now + timedelta(seconds=rules.fresh_s)


def is_elderly(birth_year: int | None, now: datetime) -> bool:
    """65 by year of birth, which is all that is kept."""
    return birth_year is not None and now.year - birth_year >= _ELDERLY_AGE
