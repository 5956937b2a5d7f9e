"""Balance and bills as subscribers read them."""

from dataclasses import replace

import pytest

from actions.carrier.billing import months_of
from actions.turn import Ask
from business.carrier.errors import SourceFailed
from business.carrier.fakes import SOURCE
from business.carrier.model import BillState, PayMode
from tests.actions.carrier.desk import ACCOUNT, OPENID, PHONE, SECOND, CarrierDesk, at

KEY = (ACCOUNT, "line_00001")


async def test_a_balance_names_the_line_the_unit_the_moment_and_the_next_step(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_balance", "查话费")
    assert called.texts == [
        "【话费】179****0001 可用余额32.80元，赠款10.00元，本月已消费26.40元（截至11-22 08:05）。回“账单”看本月账单，“人工”转客服"
    ]
    assert called.receipts[0]["figures"]["available_fen"] == 3280
    assert called.receipts[0]["line"] == "179****0001"
    assert called.receipts[0]["proof_level"] == 1
    assert called.outcomes == ["ok"]
    assert len(called.texts[0].encode()) <= 600


async def test_arrears_are_said_as_arrears_and_never_as_a_negative_balance(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.balances[KEY] = replace(desk.source.balances[KEY], available_fen=-1230, arrears_fen=1230, reserves=(), month_fen=None)
    called = await desk.call("action_query_balance")
    assert "欠费12.30元" in called.texts[0]
    assert "-12.30" not in called.texts[0]


async def test_a_postpaid_line_may_have_credit_and_something_due(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    balance = desk.source.balances[KEY]
    desk.source.balances[KEY] = replace(balance, pay_mode=PayMode.POSTPAID, available_fen=0, arrears_fen=5900, frozen_fen=100)
    text = (await desk.call("action_query_balance")).texts[0]
    assert "可用余额0.00元，欠费59.00元，冻结1.00元" in text


async def test_the_default_of_two_lines_is_used_and_named(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.clock.advance(1)
    await desk.identity.bind(ACCOUNT, OPENID, SECOND)
    assert "179****0001（默认号码）" in (await desk.call("action_query_balance")).texts[0]


async def test_another_of_ones_own_lines_is_answered_when_it_is_named(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.clock.advance(1)
    await desk.identity.bind(ACCOUNT, OPENID, SECOND)
    called = await desk.call("action_query_balance", entities=[("phone_number", SECOND)])
    assert "179****0002 可用余额32.81元" in called.texts[0]


async def test_the_other_line(desk: CarrierDesk) -> None:
    other = {"ask": {"intent": "query_balance", "values": {"line": "other"}}}
    assert (await desk.call("action_query_balance", slots=other)).slots["proof_needed"] == 1
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    assert (await desk.call("action_query_balance", slots=other)).said == ["utter_no_other_line"]
    assert desk.source.asked == []
    desk.clock.advance(1)
    await desk.identity.bind(ACCOUNT, OPENID, SECOND)
    assert "179****0002 可用余额32.81元" in (await desk.call("action_query_balance", slots=other)).texts[0]


async def test_a_number_that_is_not_bound_here_is_refused_and_nothing_is_read(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_balance", entities=[("phone_number", SECOND)])
    assert called.said == ["utter_not_your_number"]
    assert desk.source.asked == []
    assert called.receipts == []
    assert called.outcomes == ["refused"]


async def test_without_a_bound_line_the_ask_waits_with_its_values(desk: CarrierDesk) -> None:
    called = await desk.call("action_query_bill", "上个月账单", entities=[("period", "2026-10")])
    assert called.texts == []
    assert called.slots["pending"] == [{"intent": "query_bill", "values": {"period": "2026-10"}}]
    assert called.slots["proof_needed"] == 1
    assert desk.source.asked == []


async def test_the_number_in_the_ask_is_the_number_to_be_proved(desk: CarrierDesk) -> None:
    called = await desk.call("action_query_balance", entities=[("phone_number", PHONE)])
    assert called.slots["proof_phone"] == PHONE


async def test_inside_a_form_an_ask_without_proof_is_put_behind_what_waits(desk: CarrierDesk) -> None:
    waiting = [{"intent": "query_bill", "values": {}}]
    called = await desk.call("action_query_balance", loop="proof_form", slots={"pending": waiting})
    assert [ask["intent"] for ask in called.slots["pending"]] == ["query_bill", "query_balance"]
    assert called.said == ["utter_after_proof"]
    assert "proof_needed" not in called.slots


async def test_the_same_ask_twice_waits_once_and_is_not_announced_again(desk: CarrierDesk) -> None:
    waiting = [{"intent": "query_balance", "values": {}}]
    called = await desk.call("action_query_balance", loop="proof_form", slots={"pending": waiting})
    assert called.slots["pending"] == waiting
    assert called.said == []


async def test_a_failed_source_is_named_with_its_time_and_a_person_is_asked_for(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.failing = SourceFailed(SOURCE, at(11, 22, 7, 30))
    called = await desk.call("action_query_balance", "查话费")
    assert "话费系统从11-22 07:30" in called.texts[0]
    assert called.handoff is not None
    assert called.handoff["reason"] == "action_failed"
    assert called.handoff["skill"] == "billing"
    assert called.handoff["proof_level"] == 1
    assert called.receipts == []
    assert called.outcomes == ["failed"]
    assert not any(digit in called.texts[0] for digit in ("32.80", "26.40"))


async def test_a_source_that_never_answered_has_no_time_but_now(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.failing = SourceFailed(SOURCE, None)
    assert "11-22 20:00" in (await desk.call("action_query_bill")).texts[0]


async def test_a_running_bill_says_that_it_runs(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    text = (await desk.call("action_query_bill")).texts[0]
    assert "2026年11月截至目前消费26.40元（套餐费20.00，套餐外通话6.40），还没出账" in text


async def test_a_disputed_bill_says_so_and_what_is_due(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    text = (await desk.call("action_query_bill", entities=[("period", "2026-09")])).texts[0]
    assert "有争议，正在核查，待缴69.50元" in text


async def test_a_month_without_a_bill_is_said_plainly(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_bill", entities=[("period", "2025-03")])
    assert called.said == ["utter_no_such_bill"]
    assert "2025年3月" in called.texts[0]
    assert called.receipts == []
    assert called.outcomes == ["ok"]


async def test_a_month_to_come_is_not_looked_for_as_if_it_were_lost(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_bill", entities=[("period", "2027-02")])
    assert called.said == ["utter_bill_not_yet"]
    assert "2027年2月" in called.texts[0]
    assert called.asked
    assert Ask.of_slot(called.slots["last_ask"]) == Ask("query_bill")


async def test_several_months_are_one_bubble_with_a_receipt_each(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_bill", entities=[("period", "2026-08-01/2026-11-22")])
    assert len(called.texts) == 1
    assert called.texts[0].splitlines()[1:5] == [
        "2026年9月：128.50元，有争议，正在核查，待缴69.50元",
        "2026年10月：59.00元，已缴清",
        "2026年11月：26.40元，还没出账",
        "2026年8月：没有账单",
    ]
    assert [receipt["figures"]["month"] for receipt in called.receipts] == ["2026-09", "2026-10", "2026-11"]


async def test_a_month_there_is_none_of_is_asked_back_before_anything_is_proved_or_read(desk: CarrierDesk) -> None:
    wrong = {"ask": {"intent": "query_bill", "values": {"impossible": {"period": "13月"}, "part": "items"}}}
    called = await desk.call("action_query_bill", "13月账单明细", slots=wrong)
    assert called.said == ["utter_no_such_month"]
    assert "“13月”" in called.texts[0]
    assert called.asked
    assert Ask.of_slot(called.slots["last_ask"]) == Ask("query_bill", {"part": "items"})
    assert "proof_needed" not in called.slots
    assert desk.source.asked == []


async def test_what_one_message_asked_for_is_remembered_together(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    first = await desk.call("action_query_bill", entities=[("period", "2026-09")])
    second = await desk.call("action_query_points", slots={"last_ask": first.slots["last_ask"]})
    assert second.slots["last_ask"]["intent"] == "query_points"
    assert second.slots["last_ask"]["beside"] == [{"intent": "query_bill", "values": {"period": "2026-09"}}]
    later = await desk.call("action_query_balance", turn_id="t_2", slots={"last_ask": second.slots["last_ask"]})
    assert later.slots["last_ask"]["beside"] == []


async def test_items_need_a_fresh_code(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    items = {"intent": "query_bill", "values": {"part": "items"}}
    called = await desk.call("action_query_bill", "明细", slots={"ask": items})
    assert called.texts == []
    assert called.slots["proof_needed"] == 2
    assert desk.source.asked == []


async def test_items_are_of_the_month_that_was_asked_for_last(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE, fresh=True)
    slots = {
        "ask": {"intent": "query_bill", "values": {"part": "items"}},
        "last_ask": {"intent": "query_bill", "values": {"period": "2026-09"}},
    }
    called = await desk.call("action_query_bill", "明细", slots=slots)
    assert called.texts[0].splitlines()[:3] == [
        "【账单明细】179****0001 2026年9月合计128.50元（截至11-22 08:05）",
        "畅享59套餐月费 59.00元",
        "套餐外通话 69.50元",
    ]
    assert called.receipts[0]["proof_level"] == 2


async def test_items_are_of_the_month_a_person_learned(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE, fresh=True)
    slots = {"ask": {"intent": "query_bill", "values": {"part": "items"}}, "period": "2026-10"}
    assert "2026年10月" in (await desk.call("action_query_bill", "明细", slots=slots)).texts[0]


async def test_a_bill_of_nothing_is_a_bill(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    bill = desk.source.bills[(*KEY, "2026-10")]
    desk.source.bills[(*KEY, "2026-10")] = replace(bill, total_fen=0, paid_fen=0, state=BillState.SETTLED, by_category=(), items=())
    assert "2026年10月账单0.00元，已缴清" in (await desk.call("action_query_bill", entities=[("period", "2026-10")])).texts[0]


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2026-10", ["2026-10"]),
        ("2027-01", ["2027-01"]),
        ("2026-11-03/2026-11-05", ["2026-11"]),
        ("2025-12-20/2026-01-02", ["2025-12", "2026-01"]),
        ("2026-01-01/2026-12-31", ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]),
        ("2026-11-22", ["2026-11"]),
        ("2027-03-01/2027-03-31", ["2027-03"]),
    ],
)
def test_a_period_is_the_months_it_touches(period: str, months: list[str]) -> None:
    assert months_of(period, "2026-11") == months
