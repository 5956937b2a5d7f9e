"""The proof form, step by step as the bot calls it."""

from typing import Any

import pytest

from business.sms.ports import SmsFailed
from tests.actions.carrier.desk import ACCOUNT, OPENID, PHONE, SECOND, Called, CarrierDesk

FORM = "validate_proof_form"
STEP_UP = {"proof_needed": 2, "pending": [{"intent": "query_bill", "values": {"part": "items"}}]}


class Form:
    """Keeps the slots between calls, as the tracker does."""

    def __init__(self, desk: CarrierDesk, **slots: Any) -> None:
        self.desk = desk
        self.slots: dict[str, Any] = {"proof_needed": 1, **slots}
        self.turns = 0

    async def hear(self, heard: str, text: str = "", entities: list[tuple[str, str]] | None = None, turn_id: str = "") -> Called:
        self.turns += 1
        called = await self.desk.call(
            FORM, text, turn_id or f"t_{self.turns}", slots={**self.slots, "heard": heard}, entities=entities or [], loop="proof_form"
        )
        self.slots.update(called.slots)
        return called

    async def until_code(self, phone: str = PHONE) -> Called:
        await self.hear("start")
        await self.hear("answer", "同意")
        return await self.hear("answer", phone)


async def test_from_consent_to_bound(desk: CarrierDesk) -> None:
    form = Form(desk)
    assert (await form.hear("start")).said == ["utter_consent_notice"]
    assert not await desk.identity.has_consented(ACCOUNT, OPENID)
    assert (await form.hear("answer", "同意")).said == ["utter_ask_phone"]
    assert await desk.identity.has_consented(ACCOUNT, OPENID)
    sent = await form.hear("answer", "179 0000 0001")
    assert sent.said == ["utter_code_sent"]
    assert "179****0001" in sent.texts[0]
    done = await form.hear("answer", desk.identity.sms.code_for(PHONE))
    assert done.said == ["utter_bound_next"]
    assert form.slots["requested_slot"] is None
    assert form.slots["proof_needed"] is None
    assert form.slots["proof_phone"] is None
    assert [line.masked for line in await desk.identity.lines(ACCOUNT, OPENID)] == ["179****0001"]


WRITTEN = ("17900000001", "+86 179-0000-0001", "１７９０００００００１", "我的号是17900000001哦", "0086 17900000001")


@pytest.mark.parametrize("said", WRITTEN)
async def test_a_number_is_taken_however_it_is_written(desk: CarrierDesk, said: str) -> None:
    form = Form(desk)
    await form.hear("start")
    await form.hear("answer", "好")
    assert (await form.hear("answer", said)).said == ["utter_code_sent"]


@pytest.mark.parametrize("said", ["1790000000", "179000000011", "010-12345678", "12345", "29900000001"])
async def test_what_is_no_mobile_number_sends_nothing(desk: CarrierDesk, said: str) -> None:
    form = Form(desk)
    await form.hear("start")
    await form.hear("answer", "好")
    assert (await form.hear("answer", said)).said == ["utter_phone_malformed"]
    assert desk.identity.sms.sent == []
    assert form.slots["requested_slot"] == "proof_phone"


async def test_the_number_sent_as_answer_to_the_notice_is_consent_and_number(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.hear("start")
    assert (await form.hear("answer", PHONE)).said == ["utter_code_sent"]
    assert await desk.identity.has_consented(ACCOUNT, OPENID)


async def test_a_number_named_before_is_not_asked_for_again(desk: CarrierDesk) -> None:
    form = Form(desk, proof_phone=PHONE)
    assert (await form.hear("start")).said == ["utter_consent_notice"]
    assert (await form.hear("answer", "同意")).said == ["utter_code_sent"]


async def test_consent_once_given_is_not_asked_for_again(desk: CarrierDesk) -> None:
    await desk.identity.record_consent(ACCOUNT, OPENID, "t_0:consent")
    assert (await Form(desk).hear("start")).said == ["utter_ask_phone"]


async def test_a_number_of_another_carrier_is_refused_without_a_word_about_it(desk: CarrierDesk) -> None:
    form = Form(desk)
    called = await form.until_code("13800138000")
    assert called.said == ["utter_number_not_served"]
    assert "138" not in called.texts[0]
    assert form.slots["proof_phone"] is None


async def test_wrong_codes_are_counted_and_end(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    real = desk.identity.sms.code_for(PHONE)
    wrong = "000000" if real != "000000" else "000001"
    left = [(await form.hear("answer", wrong)).texts[0] for _ in range(4)]
    assert [f"{n}次" in text for n, text in zip((4, 3, 2, 1), left, strict=True)] == [True] * 4
    assert (await form.hear("answer", wrong)).said == ["utter_code_spent"]
    assert (await form.hear("answer", real)).said == ["utter_code_spent"]
    assert await desk.identity.lines(ACCOUNT, OPENID) == ()


async def test_the_same_turn_again_does_not_cost_another_try(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    real = desk.identity.sms.code_for(PHONE)
    wrong = "000000" if real != "000000" else "000001"
    first = await form.hear("answer", wrong, turn_id="t_same")
    assert (await form.hear("answer", wrong, turn_id="t_same")).texts == first.texts


async def test_the_same_turn_again_sends_one_message(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.hear("start")
    await form.hear("answer", "同意")
    for _ in range(2):
        form.slots["requested_slot"] = "proof_phone"
        assert (await form.hear("answer", PHONE, turn_id="t_same")).said == ["utter_code_sent"]
    assert len(desk.identity.sms.sent) == 1


async def test_a_code_goes_stale(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    desk.clock.advance(301)
    assert (await form.hear("answer", desk.identity.sms.code_for(PHONE))).said == ["utter_code_expired"]


async def test_sixty_seconds_lie_between_two_codes_and_the_rest_is_told(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    desk.clock.advance(20)
    assert "40秒" in (await form.hear("resend", "重发")).texts[0]
    assert form.slots["requested_slot"] == "sms_code"
    desk.clock.advance(41)
    assert (await form.hear("resend", "重发")).said == ["utter_code_resent"]
    assert (await form.hear("answer", desk.identity.sms.code_for(PHONE))).said == ["utter_bound_next"]


async def test_the_number_can_be_changed(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    assert (await form.hear("other_number", "换个号码")).said == ["utter_ask_phone"]
    desk.clock.advance(61)
    assert "179****0002" in (await form.hear("answer", SECOND)).texts[0]


async def test_another_number_too_soon_is_told_where_the_next_code_goes(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    called = await form.hear("answer", SECOND)
    assert called.said == ["utter_code_too_soon_at"]
    assert "会发到179****0002" in called.texts[0]
    desk.clock.advance(61)
    await form.hear("resend", "重发")
    assert "179****0002" in (await form.hear("answer", desk.identity.sms.code_for(SECOND))).texts[0]


async def test_a_number_instead_of_the_code_is_a_change_of_number(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    desk.clock.advance(61)
    assert "179****0002" in (await form.hear("answer", SECOND)).texts[0]


async def test_who_cannot_receive_a_code_gets_a_person(desk: CarrierDesk) -> None:
    form = Form(desk, pending=[{"intent": "query_balance", "values": {}}])
    await form.until_code()
    called = await form.hear("no_code", "收不到验证码")
    assert called.handoff is not None
    assert called.handoff["reason"] == "no_code"
    assert called.handoff["proof_level"] == 0
    assert called.closed_loop
    assert form.slots["pending"] is None


async def test_a_gateway_that_fails_is_said_and_can_be_tried_again_at_once(desk: CarrierDesk) -> None:
    form = Form(desk)
    desk.identity.sms.failing = SmsFailed("down")
    assert (await form.until_code()).said == ["utter_code_not_sent"]
    desk.identity.sms.failing = None
    assert (await form.hear("resend", "重发")).said == ["utter_code_resent"]


async def test_four_digits_are_not_tried_as_a_code(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.until_code()
    assert (await form.hear("answer", "1234")).said == ["utter_code_malformed"]
    called = await form.hear("answer", "验证码：" + desk.identity.sms.code_for(PHONE))
    assert called.said == ["utter_bound_next"]


async def test_after_an_interruption_the_question_comes_back_shorter(desk: CarrierDesk) -> None:
    form = Form(desk)
    first = await form.hear("start")
    again = await form.hear("again")
    assert again.said == ["utter_consent_again"]
    assert len(again.texts[0]) < len(first.texts[0]) / 2
    assert form.slots["requested_slot"] == "consent"


async def test_why_a_number_is_wanted_is_told_and_the_question_stays(desk: CarrierDesk) -> None:
    form = Form(desk)
    await form.hear("start")
    assert (await form.hear("why", "要我号码干嘛")).said == ["utter_why_bind"]
    assert form.slots["requested_slot"] == "consent"
    assert not await desk.identity.has_consented(ACCOUNT, OPENID)


async def test_step_up_sends_to_the_bound_line_without_asking_for_a_number(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    form = Form(desk, **STEP_UP)
    assert (await form.hear("start")).said == ["utter_step_up_sent"]
    done = await form.hear("answer", desk.identity.sms.code_for(PHONE))
    assert done.said == []
    assert form.slots["requested_slot"] is None
    assert await desk.identity.proof_level(ACCOUNT, OPENID) == 2


async def test_step_up_cannot_be_sent_elsewhere(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    form = Form(desk, **STEP_UP)
    await form.hear("start")
    assert (await form.hear("other_number", "换个号码")).said == ["utter_step_up_own_number"]


async def test_a_second_line_says_which_one_answers_by_default(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    form = Form(desk, proof_phone=SECOND)
    await form.hear("start")
    done = await form.hear("answer", desk.identity.sms.code_for(SECOND))
    assert done.said == ["utter_bound_beside"]
    assert "默认用179****0001" in done.texts[0]
