"""Codes: what every identity must do. Runs over the one in memory and the one in the database."""

import pytest

from business.identity.errors import (
    CodeExpired,
    CodeLimitReached,
    CodeNotSent,
    CodeSpent,
    CodeTooSoon,
    CodeWrong,
    ConsentMissing,
    NoCodeSent,
    NotBound,
    NumberNotServed,
    ProofNeeded,
)
from business.sms.ports import SmsFailed
from tests.business.identity.conftest import MINE, OTHER, Stage


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_stranger_has_proved_nothing(ready: Stage) -> None:
    identity = ready.identity
    assert await identity.proof_level("demo", "oA") == 0
    assert await identity.lines("demo", "oA") == ()
    assert not await identity.is_elderly("demo", "oA")
    with pytest.raises(NotBound):
        await identity.access_figures("demo", "oA", 1, "query_balance", "t1")
    with pytest.raises(NotBound):
        await identity.access_figures("demo", "oA", 0, "query_balance", "t1")


async def test_the_right_code_binds_and_is_fresh_for_ten_minutes(ready: Stage) -> None:
    identity = ready.identity
    sent = await identity.send_code("demo", "oA", "+86 179-0000-0001", "t1")
    assert (sent.masked, sent.repeated) == ("179****0001", False)
    line = await identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "t2")
    assert line.masked == "179****0001"
    access = await identity.access_figures("demo", "oA", 2, "query_bill", "t3")
    assert (access.line, access.lines, access.level) == (line, (line,), 2)
    ready.clock.advance(599)
    assert await identity.proof_level("demo", "oA") == 2
    ready.clock.advance(1)
    assert await identity.proof_level("demo", "oA") == 1
    assert (await identity.access_figures("demo", "oA", 1, "query_balance", "t4")).level == 1
    with pytest.raises(ProofNeeded) as needed:
        await identity.access_figures("demo", "oA", 2, "query_bill", "t5")
    assert (needed.value.level, needed.value.masked) == (2, "179****0001")


async def test_a_step_up_needs_no_number(ready: Stage) -> None:
    line_id = await ready.bind("demo", "oA", MINE)
    ready.clock.advance(3600)
    await ready.identity.send_code("demo", "oA", None, "t8")
    line = await ready.identity.check_code("demo", "oA", None, ready.sms.code_for(MINE), "t9")
    assert line.line_id == line_id
    assert (await ready.identity.access_figures("demo", "oA", 2, "p", "t10")).level == 2
    with pytest.raises(NotBound):
        await ready.identity.send_code("demo", "oStranger", None, "t11")
    with pytest.raises(NotBound):
        await ready.identity.check_code("demo", "oStranger", None, "000000", "t12")


async def test_full_width_and_spaced_codes_are_codes(ready: Stage) -> None:
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    code = ready.sms.code_for(MINE)
    spread = " ".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert (await ready.identity.check_code("demo", "oA", MINE, spread, "t2")).masked == "179****0001"


async def test_five_wrong_tries_spend_a_code(ready: Stage) -> None:
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    code = ready.sms.code_for(MINE)
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as refusal:
            await ready.identity.check_code("demo", "oA", MINE, wrong(code), f"try{left}")
        assert refusal.value.tries_left == left
    with pytest.raises(CodeSpent):
        await ready.identity.check_code("demo", "oA", MINE, wrong(code), "try0")
    with pytest.raises(CodeSpent):
        await ready.identity.check_code("demo", "oA", MINE, code, "late")
    assert await ready.identity.proof_level("demo", "oA") == 0


async def test_what_cannot_be_a_code_costs_no_try(ready: Stage) -> None:
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    for at, said in enumerate(("等一下", "12345", "1234567", "", "１２３", "-12345", "12 34 5x")):
        with pytest.raises(CodeWrong) as refusal:
            await ready.identity.check_code("demo", "oA", MINE, said, f"try{at}")
        assert refusal.value.tries_left == 5
    await ready.identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "t2")


async def test_a_code_is_good_for_five_minutes_once(ready: Stage) -> None:
    sent = await ready.identity.send_code("demo", "oA", MINE, "t1")
    assert (sent.expires_at - ready.clock.now()).total_seconds() == 300
    ready.clock.advance(300)
    with pytest.raises(CodeExpired):
        await ready.identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "t2")
    await ready.identity.send_code("demo", "oA", MINE, "t3")
    ready.clock.advance(299.9)
    await ready.identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "t4")
    with pytest.raises(CodeSpent):
        await ready.identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "t5")


async def test_codes_keep_a_minute_between_them(ready: Stage) -> None:
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    ready.clock.advance(59.5)
    with pytest.raises(CodeTooSoon) as early:
        await ready.identity.send_code("demo", "oA", OTHER, "t2")
    assert early.value.wait_s == 1
    await ready.identity.record_consent("demo", "oB", "t2")
    with pytest.raises(CodeTooSoon):
        await ready.identity.send_code("demo", "oB", MINE, "t2")
    ready.clock.advance(0.5)
    await ready.identity.send_code("demo", "oB", MINE, "t3")
    assert len(ready.sms.sent) == 2


async def test_the_newer_code_is_the_only_one(ready: Stage) -> None:
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    first = ready.sms.code_for(MINE)
    ready.clock.advance(60)
    await ready.identity.send_code("demo", "oA", MINE, "t2")
    second = ready.sms.code_for(MINE)
    if first != second:
        with pytest.raises(CodeWrong):
            await ready.identity.check_code("demo", "oA", MINE, first, "t3")
    await ready.identity.check_code("demo", "oA", MINE, second, "t4")


async def test_ten_codes_a_day_for_an_openid_and_for_a_number(ready: Stage) -> None:
    for at in range(10):
        await ready.identity.send_code("demo", "oA", MINE, f"t{at}")
        ready.clock.advance(60)
    with pytest.raises(CodeLimitReached):
        await ready.identity.send_code("demo", "oA", OTHER, "over")
    await ready.identity.record_consent("demo", "oB", "c")
    with pytest.raises(CodeLimitReached):
        await ready.identity.send_code("demo", "oB", MINE, "over")
    await ready.identity.send_code("demo", "oB", OTHER, "free")
    ready.clock.advance(24 * 3600)
    await ready.identity.send_code("demo", "oA", MINE, "tomorrow")


async def test_numbers_cannot_be_tried_out_without_end(ready: Stage) -> None:
    for at in range(10):
        with pytest.raises(NumberNotServed):
            await ready.identity.send_code("demo", "oA", f"1791111{at:04d}", f"t{at}")
    with pytest.raises(CodeLimitReached):
        await ready.identity.send_code("demo", "oA", MINE, "t99")
    assert ready.sms.sent == []


@pytest.mark.parametrize("said", ["", "12345", "179000000011", "27900000001", "12900000001", "一七九", "1790000000a", "+1 7900000001"])
async def test_what_is_no_mobile_number_is_not_served(ready: Stage, said: str) -> None:
    with pytest.raises(NumberNotServed):
        await ready.identity.send_code("demo", "oA", said, "t1")
    with pytest.raises(NumberNotServed):
        await ready.identity.check_code("demo", "oA", said, "000000", "t2")


async def test_no_code_before_consent(ready: Stage) -> None:
    assert not await ready.identity.has_consented("demo", "oB")
    with pytest.raises(ConsentMissing):
        await ready.identity.send_code("demo", "oB", MINE, "t1")
    await ready.identity.record_consent("demo", "oB", "t2")
    await ready.identity.record_consent("demo", "oB", "t2")
    assert await ready.identity.has_consented("demo", "oB")
    assert not await ready.identity.has_consented("other", "oB")
    await ready.identity.send_code("demo", "oB", MINE, "t3")


async def test_a_repeated_turn_sends_no_second_message_and_burns_no_second_try(ready: Stage) -> None:
    first = await ready.identity.send_code("demo", "oA", MINE, "t1")
    again = await ready.identity.send_code("demo", "oA", MINE, "t1")
    assert (again.masked, again.expires_at, again.repeated) == (first.masked, first.expires_at, True)
    assert len(ready.sms.sent) == 1
    code = ready.sms.code_for(MINE)
    for _ in range(7):
        with pytest.raises(CodeWrong) as refusal:
            await ready.identity.check_code("demo", "oA", MINE, wrong(code), "t2")
        assert refusal.value.tries_left == 4
    bound = await ready.identity.check_code("demo", "oA", MINE, code, "t3")
    assert await ready.identity.check_code("demo", "oA", MINE, code, "t3") == bound
    assert [row.action for row in await ready.audit()].count("bind") == 1


async def test_a_repeat_gives_a_number_not_served_again(ready: Stage) -> None:
    for _ in range(12):
        with pytest.raises(NumberNotServed):
            await ready.identity.send_code("demo", "oA", "17911110000", "t1")
    await ready.identity.send_code("demo", "oA", MINE, "t2")


async def test_a_failing_gateway_costs_no_minute_and_its_code_is_void(ready: Stage) -> None:
    ready.sms.failing = SmsFailed("answered 503", maybe_sent=True)
    with pytest.raises(CodeNotSent):
        await ready.identity.send_code("demo", "oA", MINE, "t1")
    with pytest.raises(NoCodeSent):
        await ready.identity.check_code("demo", "oA", MINE, "123456", "t2")
    with pytest.raises(CodeNotSent):
        await ready.identity.send_code("demo", "oA", MINE, "t1")
    ready.sms.failing = None
    assert not (await ready.identity.send_code("demo", "oA", MINE, "t3")).repeated


async def test_refused_messages_do_not_count_against_the_day_but_doubtful_ones_do(ready: Stage) -> None:
    ready.sms.failing = SmsFailed("cannot be reached")
    for at in range(30):
        with pytest.raises(CodeNotSent):
            await ready.identity.send_code("demo", "oA", MINE, f"refused{at}")
    ready.sms.failing = SmsFailed("gave no answer", maybe_sent=True)
    for at in range(10):
        with pytest.raises(CodeNotSent):
            await ready.identity.send_code("demo", "oA", MINE, f"doubtful{at}")
    ready.sms.failing = None
    with pytest.raises(CodeLimitReached):
        await ready.identity.send_code("demo", "oA", MINE, "over")
