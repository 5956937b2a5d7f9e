"""The line itself: what a person does with it, and how fast."""

import pytest

from tests.actions.carrier.desk import ACCOUNT, ELDER, OPENID, CarrierDesk


@pytest.mark.parametrize("intent", ["suspend_line", "resume_line", "query_puk"])
async def test_who_can_receive_no_code_cannot_wait(desk: CarrierDesk, intent: str) -> None:
    called = await desk.call(f"action_{intent}", "手机丢了")
    assert called.handoff is not None
    assert called.handoff["reason"] == "no_code"
    assert called.handoff["priority"] == 9
    assert called.handoff["proof_level"] == 0
    assert "身份还没有核实" in called.handoff["wish"]


async def test_urgent_comes_before_old_age(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, ELDER)
    urgent, usual = await desk.call("action_suspend_line", "挂失"), await desk.call("action_replace_sim", "补卡")
    assert urgent.handoff is not None
    assert usual.handoff is not None
    assert urgent.handoff["priority"] > usual.handoff["priority"] > 0


async def test_inside_a_form_it_closes_everything(desk: CarrierDesk) -> None:
    waiting = [{"intent": "query_bill", "values": {}}]
    called = await desk.call("action_port_out", "携号转网", loop="proof_form", slots={"pending": waiting})
    assert called.closed_loop
    assert called.handoff is not None
    assert called.handoff["intent"] == "port_out"
    assert called.handoff["slots"]["pending"] == ["query_bill"]
