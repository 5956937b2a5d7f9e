"""Faults, complaints, nuisance calls, shops, messages."""

from typing import Any

import pytest

from business.carrier.stores import Shop
from tests.actions.carrier.desk import CarrierDesk, at


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


NEAR = (Shop("a", "天河路营业厅", "天河路208号", "9:00-20:00", at(11, 22)), 23.1326, 113.3275)
FAR = (Shop("b", "番禺广场营业厅", "清河东路6号", "9:00-17:30", at(11, 22)), 22.9375, 113.3841)
PLACE = {"latitude": 23.1289, "longitude": 113.3212, "label": "体育西路"}


async def test_a_place_is_answered_with_the_nearest_shops(desk: CarrierDesk) -> None:
    desk.stores.shops = [FAR, NEAR]
    called = await desk.call("action_find_store", "find_store", place=PLACE)
    assert called.texts == [
        "离您最近的营业厅：\n1. 天河路营业厅（约760米）\n天河路208号，9:00-20:00\n2. 番禺广场营业厅（约22.2公里）\n清河东路6号，9:00-17:30"
    ]
    assert called.handoff is None
    assert called.receipts[0]["figures"] == {"a": 764, "b": 22235}
    assert called.outcomes == ["ok"]


async def test_a_place_that_is_named_is_looked_for_in_names_and_addresses(desk: CarrierDesk) -> None:
    desk.stores.shops = [FAR, NEAR]
    called = await desk.call("action_find_store", "天河路有营业厅吗", entities=[("place", "天河路")])
    assert called.texts == ["找到这些营业厅：\n1. 天河路营业厅\n天河路208号，9:00-20:00"]


async def test_without_a_place_one_is_asked_for(desk: CarrierDesk) -> None:
    desk.stores.shops = [NEAR]
    called = await desk.call("action_find_store", "附近营业厅")
    assert called.said == ["utter_ask_place"]
    assert called.asked
    assert called.handoff is None


@pytest.mark.parametrize(
    ("more", "said"),
    [({"place": {"latitude": 0.0, "longitude": 0.0}}, "utter_no_store_near"), ({"entities": [("place", "拉萨")]}, "utter_no_store_named")],
)
async def test_where_there_is_none_a_person_looks(desk: CarrierDesk, more: dict[str, Any], said: str) -> None:
    desk.stores.shops = [NEAR]
    called = await desk.call("action_find_store", "营业厅", **more)
    assert called.said == [said]
    assert called.handoff is not None
    assert called.handoff["reason"] == "no_answer"
