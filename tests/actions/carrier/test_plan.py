"""The plan and services of a line."""

from dataclasses import replace

from business.carrier.model import PlanItem
from tests.actions.carrier.desk import ACCOUNT, OPENID, PHONE, CarrierDesk, at

KEY = (ACCOUNT, "line_00001")


async def test_what_is_ordered_with_fees_and_ends(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_plan", "我是什么套餐")
    assert "畅享59元套餐：每月59.00元，合约到2027-10-31\n彩铃：每月5.00元，11-30到期" in called.texts[0]
    assert "截至11-22 08:05" in called.texts[0]
    assert [one["monthly_fee_fen"] for one in called.receipts[0]["figures"]["plans"]] == [5900, 500]


async def test_what_begins_later_says_when(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    later = PlanItem("轻享19元套餐", "main", 1900, at(12, 1), None, None)
    desk.source.plans[KEY] = replace(desk.source.plans[KEY], items=(later,))
    assert "轻享19元套餐：每月19.00元，12-01起生效" in (await desk.call("action_query_plan")).texts[0]


async def test_a_line_without_any_plan(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.plans[KEY] = replace(desk.source.plans[KEY], items=())
    called = await desk.call("action_query_plan")
    assert called.said == ["utter_no_plan"]
    assert called.receipts[0]["figures"] == {"plans": []}


async def test_many_services_are_cut_and_counted(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    one = desk.source.plans[KEY].items[1]
    desk.source.plans[KEY] = replace(desk.source.plans[KEY], items=(one,) * 15)
    assert "另有3项" in (await desk.call("action_query_plan")).texts[0]


async def test_unbound_nothing_is_read(desk: CarrierDesk) -> None:
    called = await desk.call("action_query_plan")
    assert called.slots["proof_needed"] == 1
    assert desk.source.asked == []


async def test_what_changes_a_plan_is_a_persons(desk: CarrierDesk) -> None:
    for action in ("action_change_plan", "action_cancel_service", "action_query_roaming"):
        called = await desk.call(action, "帮我办一下")
        assert called.handoff is not None
        assert called.handoff["skill"] == "plan"
