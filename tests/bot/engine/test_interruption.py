"""The interruption policy on trackers made by hand: no model, no server."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.interruption import InterruptionPolicy

CARRIER = Path(__file__).resolve().parents[3] / "bot" / "carrier"
PHONE = "17900000001"
LISTEN = ActionExecuted("action_listen")
CODE = (ActiveLoop("proof_form"), SlotSet("requested_slot", "sms_code"))
NUMBER = (ActiveLoop("proof_form"), SlotSet("requested_slot", "proof_phone"))
CONSENT = (ActiveLoop("proof_form"), SlotSet("requested_slot", "consent"))
WAITING = SlotSet("pending", [{"intent": "query_balance", "values": {}}])


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(CARRIER / "domain"))


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> InterruptionPolicy:
    policies = yaml.safe_load((CARRIER / "config.yml").read_text(encoding="utf-8"))["policies"]
    mine = next(one for one in policies if one["name"].endswith("InterruptionPolicy"))
    config = {**InterruptionPolicy.get_default_config(), **mine}
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("storage"))
    return InterruptionPolicy.create(config, storage, Resource("interruption"), ExecutionContext(GraphSchema({})))


def said(
    text: str, intent: str = "out_of_scope", values_only: bool = False, candidates: tuple[str, ...] = (), **entities: Any
) -> UserUttered:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    decision = {"unclear": "clarify", "out_of_scope": "reject"}.get(intent, "accept")
    data = {
        "intent": {"name": intent, "confidence": 0.9},
        "entities": found,
        "text": text,
        "values_only": values_only,
        "understanding": {"decision": decision, "candidates": [{"intent": one} for one in candidates]},
    }
    return UserUttered(text, data["intent"], found, data)


def several(text: str, *asks: tuple[str, str, dict[str, Any]]) -> UserUttered:
    """As bot/nlu leaves a message that asks for several things."""
    message = said(text, asks[0][0])
    parts = [
        {"intent": intent, "text": part, "values": [{"entity": name, "value": value} for name, value in values.items()]}
        for intent, part, values in asks
    ]
    return UserUttered(text, message.intent, [], {**message.parse_data, "asks": parts})


class Stage:
    """Asks the policy what comes next."""

    def __init__(self, policy: InterruptionPolicy, domain: Domain) -> None:
        self.policy, self.domain = policy, domain
        self.slots: dict[str, Any] = {}

    def after(self, *events: Event) -> "str | None":
        tracker = DialogueStateTracker.from_events("s", [LISTEN, *events], slots=self.domain.slots)
        prediction = self.policy.predict_action_probabilities(tracker, self.domain)
        self.slots = {event.key: event.value for event in prediction.optional_events or []}
        if prediction.max_confidence == 0:
            return None
        return self.domain.action_names_or_texts[prediction.max_confidence_index]


@pytest.fixture
def stage(policy: InterruptionPolicy, domain: Domain) -> Stage:
    return Stage(policy, domain)


def test_it_is_silent_where_a_rule_knows_enough(stage: Stage) -> None:
    assert stage.after(said("查话费", "query_balance")) is None
    assert stage.after(said("今天天气", "out_of_scope")) is None


@pytest.mark.parametrize("form", [CODE, NUMBER, CONSENT])
def test_in_every_form_a_person_a_cancellation_and_another_ask_have_their_way(stage: Stage, form: tuple[Event, ...]) -> None:
    assert stage.after(*form, LISTEN, said("转人工", "request_human")) == "action_request_human"
    assert stage.after(*form, LISTEN, said("不办了", "cancel")) == "action_cancel"
    assert stage.after(*form, LISTEN, said("查积分", "query_points")) == "action_query_points"
    assert stage.slots["ask"] == {"intent": "query_points", "values": {}}
    assert stage.after(*form, LISTEN, said("你好", "greet")) == "utter_greet_in_form"
    assert stage.after(*form, LISTEN, said("谢谢", "thank")) == "utter_thank"
    assert stage.after(*form, LISTEN, said("咕噜咕噜")) == "utter_unclear_in_form"


ANSWERS = (
    (CODE, said("123456", sms_code="123456")),
    (CODE, said("１２３４５６")),
    (CODE, said("1234")),
    (CODE, said("验证码是 123456")),
    (NUMBER, said("179 0000 0001", "bind_line", True, phone_number=PHONE)),
    (NUMBER, said("179000")),
    (CONSENT, said("好的", "affirm")),
    (CONSENT, said("同意", "unclear")),
    (CONSENT, said("我同意，号码晚点给")),
)


@pytest.mark.parametrize(("form", "message"), ANSWERS)
def test_an_answer_goes_to_the_form_right_or_wrong(stage: Stage, form: tuple[Event, ...], message: UserUttered) -> None:
    assert stage.after(*form, LISTEN, message) == "proof_form"
    assert stage.slots["heard"] == "answer"


COMMANDS = (("重发", "resend"), ("再发一次", "resend"), ("没收到，重发一下", "resend"), ("收不到", "no_code"), ("换个号码", "other_number"))


@pytest.mark.parametrize(("text", "command"), COMMANDS)
def test_the_forms_own_words(stage: Stage, text: str, command: str) -> None:
    assert stage.after(*CODE, LISTEN, said(text, "cancel")) == "proof_form"
    assert stage.slots["heard"] == command


def test_not_agreeing_is_not_agreeing(stage: Stage) -> None:
    assert stage.after(*CONSENT, LISTEN, said("不同意", "unclear")) == "action_cancel"
    assert stage.after(*CONSENT, LISTEN, said("我不同意", "deny")) == "action_cancel"


@pytest.mark.parametrize("text", ["同意什么？", "同意不了", "17900000001打不通"])
def test_what_is_no_consent(stage: Stage, text: str) -> None:
    number = {"phone_number": PHONE} if PHONE in text else {}
    assert stage.after(*CONSENT, LISTEN, said(text, **number)) in ("utter_unclear_in_form", "action_no_answer")


def test_a_yes_with_more_behind_it(stage: Stage) -> None:
    confirm = (ActiveLoop("confirm_form"), SlotSet("requested_slot", "confirmed"))
    assert stage.after(*confirm, LISTEN, said("是的，17900000002", "unclear", phone_number="17900000002")) == "confirm_form"
    assert stage.slots["heard"] == "answer"
    assert stage.after(*confirm, LISTEN, said("不是", "deny")) == "action_cancel"
    assert stage.after(*confirm, LISTEN, said("是不是要收费", "unclear")) != "confirm_form"


@pytest.mark.parametrize("text", ["你们要我手机号干嘛", "为什么要绑定", "会不会泄露隐私", "你们是骗子吧"])
def test_a_question_about_the_question(stage: Stage, text: str) -> None:
    assert stage.after(*CONSENT, LISTEN, said(text, "unclear")) == "proof_form"
    assert stage.slots["heard"] == "why"
    assert stage.after(*NUMBER, LISTEN, said(text)) == "proof_form"


def test_unclear_between_no_and_no_is_no(stage: Stage) -> None:
    assert stage.after(*CONSENT, LISTEN, said("不想给你们号码", "unclear", candidates=("deny", "bind_line", "cancel"))) == "action_cancel"
    assert stage.after(*CONSENT, LISTEN, said("那个", "unclear", candidates=("affirm", "cancel"))) == "utter_unclear_in_form"
    assert stage.after(*CONSENT, LISTEN, said("那个", "unclear", candidates=("cancel", "query_points"))) == "utter_unclear_in_form"


def test_an_ask_beside_the_answer_is_kept(stage: Stage) -> None:
    message = said("17900000001 顺便查下积分", "query_points", phone_number=PHONE)
    assert stage.after(*NUMBER, WAITING, LISTEN, message) == "proof_form"
    assert [ask["intent"] for ask in stage.slots["pending"]] == ["query_balance", "query_points"]


def test_the_form_comes_back_after_an_interruption_and_listens_after_itself(stage: Stage) -> None:
    turn = (*CODE, LISTEN, said("你好", "greet"))
    assert stage.after(*turn, ActionExecuted("utter_greet_in_form")) == "proof_form"
    assert stage.slots["heard"] == "again"
    assert stage.after(*turn, ActionExecuted("utter_greet_in_form"), ActionExecuted("proof_form")) == "action_listen"


def test_two_unclear_messages_in_a_row(stage: Stage) -> None:
    assert stage.after(said("那个", "unclear")) == "action_clarify"
    once = (said("那个", "unclear"), ActionExecuted("action_clarify"), LISTEN)
    assert stage.after(*once, said("这个", "unclear")) == "action_hand_over_unclear"
    assert stage.after(*once, said("咕噜咕噜")) == "action_hand_over_unclear"
    between = (*once, said("你好", "greet"), ActionExecuted("utter_greet"), LISTEN)
    assert stage.after(*between, said("这个", "unclear")) == "action_clarify"


def test_digits_belong_to_the_newest_choices_and_grow_old(stage: Stage) -> None:
    choices = SlotSet("choices", [{"intent": "query_bill", "values": {"period": "2026-10"}}, {"intent": "query_points", "values": {}}])
    offered = (said("那个", "unclear"), ActionExecuted("action_clarify"), choices, LISTEN)
    assert stage.after(*offered, said("1")) == "action_query_bill"
    assert stage.slots["ask"]["values"] == {"period": "2026-10"}
    menu = (*offered, said("你好", "greet"), ActionExecuted("utter_greet"), LISTEN)
    assert stage.after(*menu, said("1")) == "action_query_balance"
    small = (said("x", "thank"), ActionExecuted("utter_thank"), LISTEN)
    assert stage.after(*offered, *small, *small, *small, said("1")) == "action_clarify"


def test_what_an_action_left_is_done_next(stage: Stage) -> None:
    turn = (said("查话费", "query_balance"), ActionExecuted("action_query_balance"))
    assert stage.after(*turn) is None
    assert stage.after(*turn, WAITING, SlotSet("proof_needed", 1)) == "proof_form"
    assert stage.slots["heard"] == "start"
    assert stage.after(*turn, WAITING) == "action_query_balance"
    assert stage.slots["pending"] == []
    assert stage.after(*turn, SlotSet("confirming", {"intent": "bind_line", "values": {}})) == "confirm_form"


@pytest.mark.parametrize("broken", ["x", [None], [{"intent": 1}], {"intent": "query_bill"}, [{}]])
def test_a_stack_that_is_none_stops_nothing(stage: Stage, broken: Any) -> None:
    turn = (said("查话费", "query_balance"), ActionExecuted("action_query_balance"))
    assert stage.after(*turn, SlotSet("pending", broken)) is None
    assert stage.after(*CODE, SlotSet("pending", broken), LISTEN, said("查积分", "query_points")) == "action_query_points"


def test_what_a_broken_turn_left_is_not_taken_up_later(stage: Stage) -> None:
    assert stage.after(WAITING, LISTEN, said("好的", "affirm"), ActionExecuted("utter_affirm")) is None


def test_several_asks_in_the_order_of_their_words_each_with_its_values(stage: Stage) -> None:
    both = several(
        "查9月账单明细顺便看看积分", ("query_bill", "查<period>账单明细", {"period": "2026-09"}), ("query_points", "看看积分", {})
    )
    assert stage.after(both) == "action_query_bill"
    assert stage.slots["ask"] == {"intent": "query_bill", "values": {"part": "items", "period": "2026-09"}}
    assert stage.slots["pending"] == [{"intent": "query_points", "values": {}}]
    assert stage.after(*CODE, WAITING, LISTEN, both) == "action_query_bill"
    assert [ask["intent"] for ask in stage.slots["pending"]] == ["query_balance", "query_points"]


def test_an_ask_for_a_person_among_several_waits_for_no_code(stage: Stage) -> None:
    turn = (said("查话费然后转人工", "query_balance"), ActionExecuted("action_query_balance"), SlotSet("proof_needed", 1))
    pending = SlotSet("pending", [{"intent": "query_balance", "values": {}}, {"intent": "request_human", "values": {}}])
    assert stage.after(*turn, pending) == "action_request_human"


def test_a_correction_goes_to_the_confirmation(stage: Stage) -> None:
    reading = SlotSet("confirming", {"intent": "bind_line", "values": {"phone_number": PHONE}})
    confirm = (ActiveLoop("confirm_form"), SlotSet("requested_slot", "confirmed"), reading)
    for text, intent in (("不是这个，是17900000002", "deny"), ("是的，17900000002", "affirm"), ("17900000002", "bind_line")):
        assert stage.after(*confirm, LISTEN, said(text, intent, phone_number="17900000002")) == "confirm_form"
        assert stage.slots["heard"] == "corrected"
    assert stage.after(*confirm, LISTEN, said("是的", "affirm")) == "confirm_form"
    assert stage.slots["heard"] == "answer"
    assert stage.after(*confirm, LISTEN, said("查17900000002的积分", "query_points", phone_number="17900000002")) == "action_query_points"


@pytest.mark.parametrize("text", ["好的，不用了", "嗯，我再想想", "好像不对", "是，不过先别办"])
def test_a_yes_that_is_none(stage: Stage, text: str) -> None:
    confirm = (ActiveLoop("confirm_form"), SlotSet("requested_slot", "confirmed"))
    assert stage.after(*confirm, LISTEN, said(text, "deny")) == "action_cancel"


def test_a_follow_up_with_nothing_before_it_is_asked_back(stage: Stage) -> None:
    assert stage.after(said("那9月呢", "query_bill", True, period="2026-09")) == "action_clarify"
    assert stage.after(said("9月", "query_bill", True, period="2026-09")) == "action_query_bill"


def test_the_parts_of_a_bill(stage: Stage) -> None:
    assert stage.after(said("明细")) == "action_query_bill"
    assert stage.slots["ask"] == {"intent": "query_bill", "values": {"part": "items"}}


def test_an_intent_the_domain_does_not_know_is_left_to_the_fallback(stage: Stage) -> None:
    assert stage.after(said("我要飞", "fly_away")) is None
