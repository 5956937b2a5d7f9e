"""One industry's bot: a turn in, an answer out, nothing kept."""

import logging
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from rasa.core.channels.channel import UserMessage
from rasa.core.constants import POLICY_MAX_HISTORY
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_INTENTS, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.slots import AnySlot, BooleanSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.box import BOX, TurnBox
from bot.engine.channel import Gathered, TurnOutput
from bot.engine.errors import BadState, TurnFault, UnknownIntent
from bot.engine.processor import TurnProcessor, load_processor
from bot.engine.request import ParseRequest, TurnRequest
from bot.engine.state import EMPTY, STATE_VERSION, events_of, read_state, write_state
from bot.engine.store import RequestTrackerStore
from bot.engine.understanding import read_understanding

log = logging.getLogger(__name__)

UNLIMITED_LOOK_BACK = 20
"""Actions kept for a policy without max_history of its own; its look back is not bounded, a state is."""

REVERTED_ACTIONS = 8
"""Visible actions that the reverts of one turn may take back before a policy of stories looks."""

SEGMENT_SLOT = "human_segment"
"""Set, if the domain has it, to what happened while a person had the conversation."""

SCENE_SLOT = "scene"
"""Set, if the domain has it, to the scene of the code by which the subscriber came, or which they scanned last."""

SCENE_EVENTS = ("followed", "scanned")

UNANNOUNCED = ("validate_", "action_ask_", "action_session_start", "action_listen", "action_extract_slots")
"""Actions that are Rasa's machinery: listed among a turn's actions only when they fail."""


class Bot:
    """A loaded model. Turns of different conversations may run side by side on one event loop."""

    def __init__(self, industry: str, processor: TurnProcessor) -> None:
        self.industry = industry
        self.processor = processor
        self.model = f"{industry}-{processor.model_metadata.model_id[:12]}"
        self.visible_actions = _look_back(processor)

    async def turn(self, request: TurnRequest) -> Dict[str, Any]:
        """The answer of docs/architecture.md. Raises BadState, UnknownIntent or TurnFault."""
        box, said = await self.run(request)
        if box.tracker is None:
            raise TurnFault("Rasa ended the turn without a tracker.")
        return self._answer(request, box, said, box.tracker)

    async def run(self, request: TurnRequest) -> Tuple[TurnBox, Gathered]:
        """Rasa's part of a turn: the box with the tracker it ended with, and what was said."""
        output = TurnOutput()
        message = self._message(request, output)
        box = TurnBox(events=self._past(request), actions_url=request.actions_url)
        token = BOX.set(box)
        try:
            await self.processor.handle_message(message)
        finally:
            BOX.reset(token)
        return box, output.gathered

    async def parse(self, request: ParseRequest) -> Dict[str, Any]:
        """One understanding object; no state, no action."""
        metadata = {"now": request.now} if request.now else {}
        parsed = await self.processor.parse_message(_user_message(request.text, TurnOutput(), "parse", metadata))
        return read_understanding(request.text, parsed)

    @property
    def domain(self) -> Domain:
        """The domain of the loaded model."""
        return self.processor.domain

    def _past(self, request: TurnRequest) -> Optional[List[Event]]:
        """Rasa's events before this message, None when there are none and Rasa is to start its session itself."""
        if request.state is not None and request.state_version not in (None, STATE_VERSION):
            raise BadState("The state is of another version.")
        if request.state is None and not request.events:
            return None
        state = EMPTY if request.state is None else read_state(request.state)
        events = events_of(state, self.domain, time.time() - _age_s(state.at, request.now))
        return _with_told(events, self._told(request))

    def _told(self, request: TurnRequest) -> List[Event]:
        """What happened outside the bot, as slots: the learned ones the domain knows, and what the segment with a person was."""
        slots = {slot.name: slot for slot in self.domain.slots}
        told: List[Event] = []
        for event in request.events:
            for name, value in (event.get("learned") or {}).items():
                if name in slots and name != REQUESTED_SLOT:
                    told.append(SlotSet(name, value))
            if event["kind"] == "human_ended":
                # A form that was open when the person took over must not swallow the next message.
                told += [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
            if event["kind"] in SCENE_EVENTS:
                if SCENE_SLOT in slots:
                    told.append(SlotSet(SCENE_SLOT, event.get("scene") or None))
                continue
            segment = slots.get(SEGMENT_SLOT)
            if segment is not None:
                whole = {key: event.get(key) for key in ("kind", "outcome", "note") if event.get(key) is not None}
                told.append(SlotSet(SEGMENT_SLOT, _fitting(segment, whole)))
        return told

    def _message(self, request: TurnRequest, output: TurnOutput) -> UserMessage:
        if request.intent is None:
            return _user_message(request.text, output, request.sender_id, request.metadata)
        if request.intent not in self.domain.intents or request.intent in DEFAULT_INTENTS:
            raise UnknownIntent("message.text is no intent of this industry.")
        message = _user_message(request.text, output, request.sender_id, request.metadata)
        message.parse_data = {"text": request.text, "intent": {"name": request.intent, "confidence": 1.0}, "entities": []}
        return message

    def _answer(self, request: TurnRequest, box: TurnBox, said: Gathered, tracker: DialogueStateTracker) -> Dict[str, Any]:
        parsed = box.parsed if box.parsed is not None else {"intent": {"name": request.intent, "confidence": 1.0}}
        understanding = read_understanding(request.text, parsed)
        handoff = said.handoff
        failed = [name for name, outcome in box.outcomes.items() if outcome == "failed"]
        if handoff is None and failed:
            handoff = {"reason": "action_failed", "intent": understanding.get("intent"), "wish": ""}
        state = write_state(tracker, request.now, self.visible_actions)
        return {
            "turn_id": request.turn_id,
            "model": self.model,
            "state_version": STATE_VERSION,
            "state": state,
            "replies": said.replies,
            "understanding": understanding,
            "decision": _decision(handoff, said, tracker),
            "handoff": None if handoff is None else _whole_handoff(handoff),
            "receipts": said.receipts,
            "actions": _actions(box, said),
            "timings": _timings(box),
        }


def load_bot(industry: str, model: Path, endpoint: Optional[EndpointConfig]) -> Bot:
    """Raises Rasa's own exceptions when the model cannot be loaded."""
    return Bot(industry, load_processor(model, RequestTrackerStore(None), endpoint))


def _look_back(processor: TurnProcessor) -> int:
    """Actions that the model's policies of stories read back (those with a max_history); 0 for a model of rules alone."""
    nodes = processor.model_metadata.predict_schema.nodes.values()
    policies = [node for node in nodes if issubclass(node.uses, Policy) and not issubclass(node.uses, RulePolicy)]
    configs = [{**node.uses.get_default_config(), **node.config} for node in policies]
    look_backs = [config[POLICY_MAX_HISTORY] or UNLIMITED_LOOK_BACK for config in configs if POLICY_MAX_HISTORY in config]
    return max(look_backs) + REVERTED_ACTIONS if look_backs else 0


def _user_message(text: str, output: TurnOutput, sender_id: str, metadata: Dict[str, Any]) -> UserMessage:
    message = UserMessage(text, output, sender_id, input_channel=TurnOutput.name(), metadata=metadata)
    # Rasa strips the text, which would shift the spans; and it would obey "/restart" or "/affirm{…}" as an intent of ours.
    message.text = "／" + text[1:] if text.startswith("/") else text
    return message


def _with_told(events: List[Event], told: List[Event]) -> List[Event]:
    """Before the last action_listen: a revert of the coming message must not take with it what a person has learned."""
    if not told:
        return events
    last = events[-1]
    at = len(events) - 1 if isinstance(last, ActionExecuted) and last.action_name == ACTION_LISTEN_NAME else len(events)
    for event in told:
        event.timestamp = last.timestamp
    return [*events[:at], *told, *events[at:]]


def _fitting(slot: Any, whole: Dict[str, Any]) -> Any:
    if isinstance(slot, AnySlot):
        return whole
    return True if isinstance(slot, BooleanSlot) else whole["kind"]


def _age_s(then: Optional[str], now: str) -> float:
    """Product seconds since the conversation's last turn; Rasa's own clock does not follow the product's."""
    if then is None:
        return 0.0
    try:
        return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(then)).total_seconds())
    except (TypeError, ValueError) as error:
        raise BadState("The state's time cannot be read.") from error


def _decision(handoff: Optional[Dict[str, Any]], said: Gathered, tracker: DialogueStateTracker) -> str:
    if handoff is not None:
        return "handoff"
    return "asked" if said.asked or tracker.active_loop_name else "answered"


def _whole_handoff(handoff: Dict[str, Any]) -> Dict[str, Any]:
    blank = {"reason": "no_answer", "intent": None, "wish": "", "skill": "general", "priority": 0, "proof_level": 0}
    blank.update(ticket=None, slots={})
    return {**blank, **handoff}


def _actions(box: TurnBox, said: Gathered) -> List[Dict[str, Any]]:
    outcomes = {
        name: outcome for name, outcome in box.outcomes.items() if outcome == "failed" or not name.startswith(UNANNOUNCED)
    }
    for told in said.outcomes:
        name = told.get("name")
        if isinstance(name, str) and outcomes.get(name) != "failed":
            outcomes[name] = str(told.get("outcome", "ok"))
    return [{"name": name, "outcome": outcome} for name, outcome in outcomes.items()]


def _timings(box: TurnBox) -> Dict[str, float]:
    total = time.perf_counter() - box.started
    return {
        "understand_ms": round(box.seconds["understand"] * 1000, 2),
        "action_ms": round(box.seconds["action"] * 1000, 2),
        "total_ms": round(total * 1000, 2),
    }
