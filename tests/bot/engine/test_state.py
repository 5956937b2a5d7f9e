"""A conversation between two turns."""

import copy
import json
from typing import Any, Dict, List

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUtteranceReverted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.errors import BadState, TurnFault
from bot.engine.event_codec import CODECS, MAX_TEXT, decode_event, encode_event
from bot.engine.state import MAX_BYTES, events_of, read_state, write_state

AT = "2026-11-22T20:00:00+08:00"
DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask]
slots:
  topic: {type: text, mappings: [{type: custom}]}
  level: {type: float, initial_value: 0, mappings: [{type: custom}]}
forms:
  a_form: {required_slots: [topic]}
actions: [action_answer]
"""
)


def tracker_of(events: List[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("demo:o1", events, DOMAIN.slots)


def turn(number: int) -> List[Event]:
    said = UserUttered(f"message {number}", {"name": "ask", "confidence": 0.9}, [])
    return [said, ActionExecuted("action_answer"), SlotSet("topic", f"topic {number}"), ActionExecuted("action_listen")]


def conversation(turns: int) -> DialogueStateTracker:
    events: List[Event] = [ActionExecuted("action_listen")]
    for number in range(turns):
        events += turn(number)
    return tracker_of(events)


def round_trip(tracker: DialogueStateTracker) -> DialogueStateTracker:
    state = json.loads(json.dumps(write_state(tracker, AT)))
    return tracker_of(events_of(read_state(state), DOMAIN, 1.0))


def test_slots_and_latest_action_survive() -> None:
    again = round_trip(conversation(3))
    assert again.get_slot("topic") == "topic 2"
    assert again.get_slot("level") == 0
    assert again.latest_action_name == "action_listen"


def test_the_five_hundredth_state_is_as_large_as_the_tenth() -> None:
    tenth, five_hundredth = (len(json.dumps(write_state(conversation(turns), AT))) for turns in (10, 500))
    assert five_hundredth < tenth * 1.1


def test_a_conversation_made_of_states_stays_small() -> None:
    tracker = conversation(1)
    for number in range(1, 60):
        again = round_trip(tracker)
        for event in turn(number):
            again.update(event)
        tracker = again
    assert len(json.dumps(write_state(tracker, AT))) < 2000
    assert tracker.get_slot("topic") == "topic 59"


def test_an_open_loop_is_open_again_however_long_ago_it_was_opened() -> None:
    events = [*conversation(2).events, *turn(2)[:1], ActionExecuted("a_form"), ActiveLoop("a_form"), ActionExecuted("action_listen")]
    for number in range(20):
        events += turn(number)
    assert round_trip(tracker_of(events)).active_loop_name == "a_form"


def test_slots_at_the_cut_are_those_that_still_apply() -> None:
    reverted = [UserUttered("oops", {"name": "ask"}), ActionExecuted("action_answer"), SlotSet("level", 9), UserUtteranceReverted()]
    events = [*conversation(1).events, *reverted, ActionExecuted("action_listen")]
    for number in range(12):
        events += turn(number)
    tracker = tracker_of(events)
    assert tracker.get_slot("level") == 0
    assert round_trip(tracker).get_slot("level") == 0


def test_a_slot_and_a_form_that_a_newer_model_lost_are_left_out() -> None:
    state = write_state(conversation(3), AT)
    state["slots"]["gone"] = 1
    state["events"] += [["s", "gone", 2], ["l", "gone_form"]]
    tracker = tracker_of(events_of(read_state(state), DOMAIN, 1.0))
    assert "gone" not in tracker.slots
    assert tracker.active_loop_name is None


def test_a_long_message_is_kept_in_part() -> None:
    events = [ActionExecuted("action_listen"), UserUttered("字" * 3000, {"name": "ask"}), ActionExecuted("action_listen")]
    state = write_state(tracker_of(events), AT)
    assert len(state["events"][1][1]) == MAX_TEXT


def test_a_state_never_grows_past_its_bound() -> None:
    events: List[Event] = [ActionExecuted("action_listen")]
    for number in range(6):
        events += [UserUttered("m", {"name": "ask"}), SlotSet("topic", f"{number}" * 4000), ActionExecuted("action_listen")]
    state = write_state(tracker_of(events), AT)
    assert len(json.dumps(state)) <= MAX_BYTES
    assert tracker_of(events_of(read_state(state), DOMAIN, 1.0)).get_slot("topic") == "5" * 4000


def test_slots_that_do_not_fit_are_a_fault_and_not_lost() -> None:
    with pytest.raises(TurnFault):
        write_state(tracker_of([ActionExecuted("action_listen"), SlotSet("topic", "x" * MAX_BYTES)]), AT)


def _broken(**changes: Any) -> Dict[str, Any]:
    state = copy.deepcopy(write_state(conversation(2), AT))
    state.update(changes)
    return {key: value for key, value in state.items() if value != "drop"}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"v": 1},
        _broken(v=2),
        _broken(slots=[]),
        _broken(slots="drop"),
        _broken(events="drop"),
        _broken(events=[["?"]]),
        _broken(events=[["u"]]),
        _broken(events=[[]]),
        _broken(events=["u"]),
        _broken(events=[["a", None]]),
        _broken(events=[["u", "hi", "ask", 1.0, ["not an entity"], None]]),
        _broken(at=7),
        _broken(slots={"topic": "x" * MAX_BYTES}),
    ],
)
def test_what_is_no_state_is_refused(raw: Any) -> None:
    with pytest.raises(BadState):
        read_state(raw)


def test_every_kind_of_event_comes_back_as_it_was() -> None:
    samples = {
        "u": ["u", "hi", "ask", 0.5, [{"entity": "period", "value": "2026-10", "start": 0, "end": 2}], False],
        "a": ["a", "action_answer", True],
        "s": ["s", "topic", {"deep": [1]}],
        "l": ["l", None],
        "j": ["j", "a_form"],
        "i": ["i", True],
        "f": ["f", False],
        "e": ["e", [{"entity": "period", "value": "x"}]],
        "n": ["n", "action_answer"],
    }
    for codec in CODECS:
        code = samples.get(codec.letter, [codec.letter])
        event = decode_event(code)
        assert type(event) is codec.kind
        assert encode_event(event) == code
