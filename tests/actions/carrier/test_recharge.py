"""Recharging, and what goes wrong with it."""

from tests.actions.carrier.desk import SECOND, CarrierDesk


async def test_recharging_goes_to_a_person_with_the_number_masked(desk: CarrierDesk) -> None:
    called = await desk.call("action_recharge", f"给{SECOND}充50", entities=[("phone_number", SECOND)])
    assert called.handoff is not None
    assert (called.handoff["reason"], called.handoff["skill"], called.handoff["priority"]) == ("no_answer", "recharge", 0)
    assert called.handoff["slots"]["phone_number"] == "179****0002"
    assert SECOND not in str(called.handoff)
    assert "没有扣款" in called.texts[0]


async def test_money_that_did_not_arrive_is_a_dispute(desk: CarrierDesk) -> None:
    called = await desk.call("action_recharge_problem", "充了一百没到账")
    assert called.handoff is not None
    assert called.handoff["reason"] == "dispute"
    assert called.handoff["wish"] == "对费用有疑问（核实充值），原话“充了一百没到账”"
