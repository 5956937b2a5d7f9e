"""Binding lines, unbinding them, and changing between them."""

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


async def both(desk: CarrierDesk) -> None:
    for phone in (PHONE, SECOND):
        await desk.identity.bind(ACCOUNT, OPENID, phone)
        desk.clock.advance(1)


async def bound(desk: CarrierDesk) -> list[str]:
    return [line.masked for line in await desk.identity.lines(ACCOUNT, OPENID)]


async def test_a_line_is_unbound_after_a_yes(desk: CarrierDesk) -> None:
    await both(desk)
    asked = await desk.call("action_unbind_line", entities=[("phone_number", PHONE)])
    read_back = await desk.call("validate_confirm_form", slots={"confirming": asked.slots["confirming"], "heard": "start"})
    assert "确定解绑179****0001吗" in read_back.texts[0]
    assert len(await bound(desk)) == 2
    agreed = await desk.call("validate_confirm_form", slots={"confirming": asked.slots["confirming"], "heard": "answer"})
    done = await desk.call("action_unbind_line", slots={"ask": agreed.slots["pending"][0]}, turn_id="t_2")
    assert done.texts == ["已解绑179****0001，之后查询默认用179****0002。"]
    assert await bound(desk) == ["179****0002"]


async def test_another_number_said_with_the_yes_is_read_back_itself(desk: CarrierDesk) -> None:
    await both(desk)
    asked = await desk.call("action_unbind_line", entities=[("phone_number", PHONE)])
    agreed = await desk.call(
        "validate_confirm_form", slots={"confirming": asked.slots["confirming"], "heard": "answer"}, entities=[("phone_number", SECOND)]
    )
    again = await desk.call("action_unbind_line", slots={"ask": agreed.slots["pending"][0]})
    assert again.slots["confirming"]["shown"] == {"wanted": "179****0002"}
    assert len(await bound(desk)) == 2


async def test_the_only_line_needs_no_number_and_of_two_one_is_asked_for(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    only = await desk.call("action_unbind_line", "解绑")
    assert only.slots["confirming"]["shown"] == {"wanted": "179****0001"}
    await desk.identity.bind(ACCOUNT, OPENID, SECOND)
    which = await desk.call("action_unbind_line", "解绑")
    assert which.said == ["utter_unbind_which"]
    assert "179****0001、179****0002" in which.texts[0]
    assert "confirming" not in which.slots
    tail = await desk.call("action_unbind_line", "解绑尾号0002的")
    assert tail.slots["confirming"]["shown"] == {"wanted": "179****0002"}


async def test_nothing_bound_and_a_strangers_number_unbind_nothing(desk: CarrierDesk) -> None:
    assert (await desk.call("action_unbind_line", "解绑")).said == ["utter_nothing_bound"]
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    refused = await desk.call("action_unbind_line", entities=[("phone_number", SECOND)])
    assert refused.said == ["utter_not_your_number"]
    assert await bound(desk) == ["179****0001"]


async def test_unbinding_inside_a_form_waits_for_it(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    waiting = [{"intent": "query_bill", "values": {"part": "items"}}]
    called = await desk.call("action_unbind_line", loop="proof_form", slots={"pending": waiting})
    assert [one["intent"] for one in called.slots["pending"]] == ["query_bill", "unbind_line"]
    assert "confirming" not in called.slots


async def test_the_other_line_becomes_the_default_and_the_question_is_asked_again(desk: CarrierDesk) -> None:
    await both(desk)
    last = {"intent": "query_bill", "values": {"period": "2026-10", "phone_number": PHONE}}
    called = await desk.call("action_switch_line", "那另一个号呢", slots={"last_ask": last})
    assert called.texts[0].startswith("好的，之后查询默认用179****0002")
    assert called.slots["pending"] == [{"intent": "query_bill", "values": {"period": "2026-10"}}]
    assert await bound(desk) == ["179****0002", "179****0001"]


async def test_switching_to_a_line_by_its_tail_and_with_nothing_asked_before(desk: CarrierDesk) -> None:
    await both(desk)
    called = await desk.call("action_switch_line", "换成尾号0001的")
    assert "179****0001" in called.texts[0]
    assert "pending" not in called.slots


async def test_switching_needs_a_second_line_of_ones_own(desk: CarrierDesk) -> None:
    assert (await desk.call("action_switch_line", "换个号")).slots["proof_needed"] == 1
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    assert (await desk.call("action_switch_line", "换个号")).said == ["utter_no_other_line"]
    refused = await desk.call("action_switch_line", entities=[("phone_number", SECOND)])
    assert refused.said == ["utter_not_your_number"]
