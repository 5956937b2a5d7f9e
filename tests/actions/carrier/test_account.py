"""Binding a line."""

from tests.actions.carrier.desk import ACCOUNT, OPENID, PHONE, SECOND, CarrierDesk


async def test_a_first_line_goes_straight_to_the_proof(desk: CarrierDesk) -> None:
    called = await desk.call("action_bind_line", entities=[("phone_number", PHONE)])
    assert called.slots["proof_needed"] == 1
    assert called.slots["proof_phone"] == PHONE
    assert called.texts == []


async def test_a_second_line_is_read_back_first(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_bind_line", entities=[("phone_number", SECOND)])
    assert "proof_needed" not in called.slots
    asked = await desk.call("validate_confirm_form", slots={"confirming": called.slots["confirming"], "heard": "start"})
    assert asked.texts == ["您已绑定179****0001。要再绑定号码179****0002吗？回“是”继续，“否”放弃"]
    assert asked.slots["requested_slot"] == "confirmed"
    agreed = await desk.call("validate_confirm_form", slots={"confirming": called.slots["confirming"], "heard": "answer"})
    assert agreed.slots["pending"] == [{"intent": "bind_line", "values": {"phone_number": SECOND, "confirmed": True}}]
    assert agreed.slots["requested_slot"] is None
    bound = await desk.call("action_bind_line", slots={"ask": agreed.slots["pending"][0]})
    assert bound.slots["proof_needed"] == 1
    assert bound.slots["proof_phone"] == SECOND


async def test_the_number_may_come_with_the_yes(desk: CarrierDesk) -> None:
    confirming = {"intent": "bind_line", "values": {}, "shown": {}}
    slots = {"confirming": confirming, "heard": "answer"}
    called = await desk.call("validate_confirm_form", "是的，17900000002", slots=slots, entities=[("phone_number", SECOND)])
    assert called.slots["pending"][0]["values"] == {"phone_number": SECOND, "confirmed": True}


async def test_a_line_that_is_bound_is_not_bound_again(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_bind_line", entities=[("phone_number", PHONE)])
    assert called.said == ["utter_already_bound"]
    assert "confirming" not in called.slots


async def test_inside_the_form_it_changes_nothing(desk: CarrierDesk) -> None:
    called = await desk.call("action_bind_line", loop="proof_form")
    assert called.texts == []
    assert "proof_needed" not in called.slots
