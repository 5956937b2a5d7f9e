"""Rules without any store."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.identity.errors import CodeTooSoon, NumberNotServed
from business.identity.records import Challenge, SendState, Verdict
from business.identity.rules import CodeRules, check_may_send, judge, normalise_code, normalise_phone
from runtime.clock import FakeClock

NOW = FakeClock().now()
RULES = CodeRules()


def challenge(age_s: float, state: SendState = SendState.SENT, tries: int = 0, *, used: bool = False) -> Challenge:
    at = NOW - timedelta(seconds=age_s)
    return Challenge(
        "c", "demo", "oA", "h", "m", "k", "x", 1, state, tries, at, at + timedelta(seconds=300), at if used else None
    )


@pytest.mark.parametrize(
    "said",
    ["17900000001", " 179 0000 0001", "179-0000-0001", "+8617900000001", "+86 (179) 0000-0001", "008617900000001", "１７９００００0001"],
)
def test_one_number_written_in_many_ways(said: str) -> None:
    assert normalise_phone(said) == "17900000001"


@given(st.text(max_size=40))
def test_any_text_is_a_number_of_eleven_digits_or_refused(said: str) -> None:
    try:
        number = normalise_phone(said)
    except NumberNotServed:
        return
    assert len(number) == 11
    assert number.isascii()
    assert number.isdigit()


@given(st.text(max_size=12))
def test_any_text_is_six_ascii_digits_or_no_code(said: str) -> None:
    code = normalise_code(said)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())


def test_leading_zeros_of_a_code_stay() -> None:
    assert normalise_code("000042") == "000042"


@pytest.mark.parametrize(
    ("code", "is_right", "verdict", "left"),
    [
        (None, False, Verdict.NONE, 0),
        (challenge(0), True, Verdict.RIGHT, 4),
        (challenge(0), False, Verdict.WRONG, 4),
        (challenge(0, tries=3), False, Verdict.WRONG, 1),
        (challenge(0, tries=4), False, Verdict.SPENT, 0),
        (challenge(0, tries=4), True, Verdict.RIGHT, 0),
        (challenge(0, tries=5), True, Verdict.SPENT, 0),
        (challenge(0, used=True), True, Verdict.SPENT, 0),
        (challenge(299.9), True, Verdict.RIGHT, 4),
        (challenge(300), True, Verdict.EXPIRED, 0),
        (challenge(9999, used=True), True, Verdict.SPENT, 0),
    ],
)
def test_what_a_try_comes_to(code: Challenge | None, is_right: bool, verdict: Verdict, left: int) -> None:
    assert judge(RULES, code, NOW, is_right=is_right) == (verdict, left)


def test_only_messages_that_went_out_keep_the_distance() -> None:
    for state in (SendState.VOID, SendState.DOUBTFUL, SendState.UNSERVED):
        check_may_send(RULES, NOW, [challenge(1, state)], [])
    for state in (SendState.SENT, SendState.STORED):
        with pytest.raises(CodeTooSoon):
            check_may_send(RULES, NOW, [], [challenge(1, state)])


def test_a_clock_set_back_locks_nobody_out_for_longer_than_a_minute() -> None:
    with pytest.raises(CodeTooSoon) as early:
        check_may_send(RULES, NOW, [challenge(-86_400)], [])
    assert early.value.wait_s == 60
