"""What a person is told when the subscriber wants one."""

from pathlib import Path

import pytest
import yaml

from actions.carrier.registry import PERSON
from actions.dialogue import PersonAnswers
from tests.actions.carrier.desk import ACCOUNT, ELDER, OPENID, PHONE, CarrierDesk

CATALOGUE = Path(__file__).parents[3] / "data" / "catalogue" / "carrier.yml"


async def test_a_person_is_asked_for_at_once_and_everything_open_is_closed(desk: CarrierDesk) -> None:
    waiting = [{"intent": "query_bill", "values": {"period": "2026-10"}}]
    called = await desk.call("action_request_human", "转人工", loop="proof_form", slots={"pending": waiting, "proof_phone": PHONE})
    assert called.handoff is not None
    assert called.handoff["reason"] == "asked"
    assert called.handoff["intent"] == "query_bill"
    assert called.handoff["skill"] == "billing"
    assert called.handoff["wish"] == "想查账单（2026-10），要求人工，原话“转人工”"
    assert called.handoff["slots"]["phone_number"] == "179****0001"
    assert called.closed_loop
    assert called.slots["pending"] is None
    assert called.slots["requested_slot"] is None


async def test_who_asked_nothing_yet_gets_a_person_too(desk: CarrierDesk) -> None:
    called = await desk.call("action_request_human", "人工")
    assert called.handoff is not None
    assert called.handoff["skill"] == "general"
    assert called.handoff["intent"] is None
    assert called.handoff["proof_level"] == 0


async def test_numbers_and_codes_said_are_masked_in_the_wish(desk: CarrierDesk) -> None:
    called = await desk.call("action_request_human", "我是17900000001，验证码123456，转人工")
    assert called.handoff is not None
    assert "179****0001" in called.handoff["wish"]
    assert "17900000001" not in str(called.handoff)
    assert "123456" not in str(called.handoff)


async def test_sixty_five_and_over_go_first(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, ELDER)
    elder = await desk.call("action_request_human", "人工")
    assert elder.handoff is not None
    assert elder.handoff["priority"] > 0
    other = await desk.call("action_request_human", "人工", openid="oTEST0002")
    assert other.handoff is not None
    assert other.handoff["priority"] == 0


@pytest.mark.parametrize("person", PERSON)
async def test_what_a_person_answers_is_in_the_catalogue_and_has_a_name(desk: CarrierDesk, person: type[PersonAnswers]) -> None:
    topics = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["topics"]
    assert person.intent in topics[person.topic]
    called = await desk.call(person.NAME, "帮帮我")
    assert called.handoff is not None
    assert called.handoff["intent"] == person.intent
    assert called.handoff["skill"] == person.topic
    assert called.handoff["reason"] == person.reason
    assert len(called.texts) == 1
    assert "人工" in called.texts[0]
    assert desk.phrases.label(person.intent)


async def test_whom_a_code_cannot_reach_is_the_catalogues_word(desk: CarrierDesk) -> None:
    topics = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["topics"]
    unreachable = {intent for topic in topics.values() for intent, facts in topic.items() if facts.get("no_code") == "handoff"}
    assert {person.intent for person in PERSON if person.urgent} == unreachable
    assert {person.intent for person in PERSON if person.reason == "no_code"} == unreachable


async def test_the_second_unclear_message_and_what_nobody_answers(desk: CarrierDesk) -> None:
    unclear = await desk.call("action_hand_over_unclear", "那个啥")
    assert unclear.handoff is not None
    assert unclear.handoff["reason"] == "unclear"
    unanswered = await desk.call("action_no_answer", "我要销户", intent="close_account")
    assert unanswered.handoff is not None
    assert unanswered.handoff["reason"] == "no_answer"
    assert unanswered.handoff["intent"] == "close_account"
