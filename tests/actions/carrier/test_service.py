"""Faults, complaints, nuisance calls, shops, messages."""

import pytest

from tests.actions.carrier.desk import CarrierDesk


async def test_a_complaint_is_recorded_in_its_own_words(desk: CarrierDesk) -> None:
    called = await desk.call("action_complain", "客服挂我电话，我要投诉")
    assert called.handoff is not None
    assert called.handoff["reason"] == "complaint"
    assert called.handoff["wish"] == "投诉，原话“客服挂我电话，我要投诉”"
    assert "抱歉" in called.texts[0]


@pytest.mark.parametrize("intent", ["report_fault", "report_spam", "find_store", "manage_notifications"])
async def test_the_rest_goes_to_the_same_desk_without_haste(desk: CarrierDesk, intent: str) -> None:
    called = await desk.call(f"action_{intent}", "家里没信号")
    assert called.handoff is not None
    assert (called.handoff["reason"], called.handoff["skill"], called.handoff["priority"]) == ("no_answer", "service", 0)


async def test_a_very_long_story_is_cut_in_the_wish(desk: CarrierDesk) -> None:
    called = await desk.call("action_report_fault", "网断了" * 1000)
    assert called.handoff is not None
    assert len(called.handoff["wish"]) < 200
