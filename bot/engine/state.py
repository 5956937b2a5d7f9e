"""What a conversation is between two turns: small, versioned JSON that the core keeps and never looks into.

A state is the slots, the open loop and the events of the last turns. Decoding turns it back into ordinary Rasa events: a preamble
(session start, slots, the last action or the open loop) and the window. Rasa replays events at every revert, so the preamble
must be events too: values put on a tracker by hand would be gone after the first `UserUtteranceReverted`.

Where it is cut: window.py.

Left out of a state: what the bot said, intent rankings, policies' names and confidences, message metadata.
"""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

import orjson
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.errors import BadState, TurnFault
from bot.engine.event_codec import decode_event, encode_event
from bot.engine.window import compact, cuts, last_action, tracker_at

STATE_VERSION = 1
MAX_BYTES = 16 * 1024
LEFT_OUT_SLOTS = frozenset({SESSION_START_METADATA_SLOT})


@dataclass(frozen=True)
class State:
    """A decoded state. `at` is the product time of its turn (ISO 8601), `events` are fresh and may be mutated by a tracker."""

    at: Optional[str]
    slots: Dict[str, Any]
    loop: Optional[str]
    rejected: bool
    paused: bool
    action: Optional[str]
    events: List[Event]
    whole: bool
    """Whether the events reach back to the conversation's start, so that there is no preamble but the session's start."""


EMPTY = State(at=None, slots={}, loop=None, rejected=False, paused=False, action=None, events=[], whole=True)


def read_state(raw: Any) -> State:
    """Raises BadState for anything `write_state` did not make."""
    if not isinstance(raw, dict) or raw.get("v") != STATE_VERSION:
        raise BadState("The state is of another version.")
    if len(orjson.dumps(raw)) > MAX_BYTES:
        raise BadState("The state is larger than a state may be.")
    try:
        return State(
            at=_optional_text(raw["at"]),
            slots=_text_keys(raw["slots"]),
            loop=_optional_text(raw.get("loop")),
            rejected=bool(raw.get("rejected")),
            paused=bool(raw.get("paused")),
            action=_optional_text(raw.get("action")),
            events=[decode_event(event) for event in raw["events"]],
            whole=bool(raw["whole"]),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadState("The state cannot be read.") from error


def events_of(state: State, domain: Domain, timestamp: float) -> List[Event]:
    """The ordinary events that rebuild the tracker. Slots and loops that the domain no longer has are left out.

    timestamp: seconds, of the conversation's last turn; Rasa compares it with `time.time()` when it looks for an expired session.
    """
    events: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    if not state.whole or not state.events:
        events += _preamble(state, domain)
    events += [event for event in state.events if _is_known(event, domain)]
    if not state.events:
        events.append(ActionExecuted(ACTION_LISTEN_NAME))
    for index, event in enumerate(events):
        event.timestamp = timestamp + index * 1e-6
    return events


def _is_known(event: Event, domain: Domain) -> bool:
    """A newer model may have lost a slot or a form that an older state still names."""
    if isinstance(event, SlotSet):
        return any(slot.name == event.key for slot in domain.slots)
    if isinstance(event, ActiveLoop) and event.name is not None:
        return event.name in domain.action_names_or_texts
    return True


def _preamble(state: State, domain: Domain) -> List[Event]:
    slots = [SlotSet(name, value) for name, value in state.slots.items()]
    events: List[Event] = [event for event in slots if _is_known(event, domain)]
    if state.loop and state.loop in domain.action_names_or_texts:
        events += [ActionExecuted(state.loop), ActiveLoop(state.loop)]
        if state.rejected:
            events.append(ActionExecutionRejected(state.loop))
    elif state.action:
        events.append(ActionExecuted(state.action))
        if state.action in domain.form_names:
            events.append(ActiveLoop(None))
    if state.paused:
        events.append(ConversationPaused())
    return events


def write_state(tracker: DialogueStateTracker, at: str, visible_actions: int = 0) -> Dict[str, Any]:
    """The state of a tracker after its turn. Raises TurnFault when even the slots alone are too large.

    visible_actions: how far policies that learn from stories look back (window.py).
    """
    raw = tracker.events_after_latest_restart()
    history = compact(tracker, raw[_after_last_session_start(raw) :])
    for cut in cuts(tracker, history, visible_actions):
        state = _state_cut_at(tracker, history, cut, at)
        if len(orjson.dumps(state)) <= MAX_BYTES:
            return state
    raise TurnFault("The slots of this conversation are larger than a state may be.")


def _after_last_session_start(events: Sequence[Event]) -> int:
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], SessionStarted):
            return index + 1
    return 0


def _state_cut_at(tracker: DialogueStateTracker, history: List[Event], cut: int, at: str) -> Dict[str, Any]:
    then = tracker_at(tracker, history, cut)
    state: Dict[str, Any] = {
        "v": STATE_VERSION,
        "at": at,
        "slots": {name: slot.value for name, slot in then.slots.items() if slot.value != slot.initial_value and name not in LEFT_OUT_SLOTS},
        "events": [code for code in map(encode_event, history[cut:]) if code is not None and not _is_left_out(code)],
        "whole": cut == 0,
    }
    if then.active_loop_name:
        state["loop"] = then.active_loop_name
        state["rejected"] = then.is_active_loop_rejected
    if then.is_paused():
        state["paused"] = True
    action = last_action(then.applied_events())
    if action:
        state["action"] = action
    return state


def _is_left_out(code: List[Any]) -> bool:
    return code[0] == "s" and code[1] in LEFT_OUT_SLOTS


def _optional_text(value: Any) -> Optional[str]:
    if value is not None and not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_keys(value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise TypeError("not an object")
    return value
