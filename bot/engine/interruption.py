"""What a message does to a form, to the last question, and to the stack of asks: the one place that decides it.

A Rasa policy beside RulePolicy. Rules say what answers an intent; this policy speaks only where a rule cannot see enough:

- inside a form: the answer goes to the form; a wish for a person, a cancellation, another ask, small talk and nonsense each have
  their way, and the form asks again afterwards unless it was closed;
- outside a form: a digit that picks one of the numbered choices, a bare value that continues the last ask, words the bot itself
  invited, and the second unclear message in a row;
- after an action: what the action left to be done (`confirming`, `proof_needed`, `pending`), one step after the other.

It knows no industry: names of intents, forms and patterns come from config.yml. An intent X is answered by `action_X`, else by
`utter_X`; inside a form `utter_X_in_form` comes first. Slots it sets for the next action: `ask` ({"intent", "values"}) and `heard`
("start", "answer", "again", or a command of the form).
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine import hearing
from bot.engine.hearing import OUT_OF_SCOPE, UNCLEAR, Heard, stack

CLARIFY = "action_clarify"
HAND_OVER_UNCLEAR = "action_hand_over_unclear"
UNCLEAR_IN_FORM = "utter_unclear_in_form"
CANCEL = "action_cancel"
NO_ANSWER = "action_no_answer"
CONFIRM_FORM = "confirm_form"
PROOF_FORM = "proof_form"
CHOICES_LIVE_TURNS = 3
PENDING_LIMIT = 4
LEFTOVERS = ("confirming", "proof_needed", "pending")


@dataclass(frozen=True)
class Step:
    """The next action and the slots that tell it how to take what was said."""

    action: str
    slots: Dict[str, Any] = field(default_factory=dict)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class InterruptionPolicy(Policy):
    """See the module. Nothing is learnt: training keeps an empty resource so that the model's graph is whole."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """What config.yml may set.

        forms: FORM → SLOT → how an answer looks (`intents`, `entities`, `pattern`) and the form's own `commands` (name → pattern).
        hand_over, drop, polite: intents that ask for a person, close a form, or only keep it going.
        menu, menu_after: what digits mean after the actions that show the menu. continues: entity → intents that take it, first = default.
        invited: words the bot's texts tell people to send → intent. settled: intent → pattern of words that settle an unsure message.
        doubted: intents that those words overrule too, because here they are seldom meant (who talks to the bot waits in no queue).
        parts: intent → part → pattern of the words that ask for that part. several: how one message asks for several things (see
        hearing.named_asks). beyond: intents nobody answers here → pattern. repeat: pattern of words that ask for the last answer once
        more → values to ask it with.
        """
        return {
            "priority": 7,
            "forms": {},
            **{name: [] for name in ("hand_over", "drop", "polite", "doubted")},
            "menu": [],
            "menu_after": [],
            "continues": {},
            "invited": {},
            "settled": {},
            "parts": {},
            "several": {},
            "beyond": {},
            "repeat": {},
        }

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "InterruptionPolicy":
        """There is nothing to read back but the configuration."""
        return cls(config, model_storage, resource, execution_context)

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learns nothing; leaves a resource behind, as a model's graph expects of each policy."""
        with self._model_storage.write_to(self._resource) as path:
            (path / "interruption.json").write_text(json.dumps({"learns": False}), encoding="utf-8")
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """All or nothing: certain of one action, or silent so that the rules decide."""
        step = self._step(tracker, domain)
        if step is None or step.action not in domain.action_names_or_texts:
            return self._prediction(self._default_predictions(domain))
        # RulePolicy predicts an open form as a "no user" prediction, which only another of that kind can outrank.
        return self._prediction(
            self._prediction_result(step.action, tracker, domain),
            optional_events=[SlotSet(name, value) for name, value in step.slots.items()],
            is_no_user_prediction=True,
        )

    def _prediction_result(self, action: str, tracker: DialogueStateTracker, domain: Domain) -> List[float]:
        result = self._default_predictions(domain)
        result[domain.index_for_action(action)] = 1.0
        return result

    def _step(self, tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            return self._after_action(tracker, domain)
        if tracker.latest_message is None or tracker.latest_message.text is None:
            return None
        words = (self.config[name] for name in ("invited", "parts", "settled", "doubted"))
        heard = hearing.hear(tracker.latest_message, *words)
        loop = tracker.active_loop_name
        if loop in self.config["forms"]:
            return self._in_form(loop, heard, tracker, domain)
        return self._outside(heard, tracker, domain)

    # -- outside a form ------------------------------------------------------------------------------------------------

    def _outside(self, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        meant = self._meant(heard, [], tracker, domain)
        if meant is not None:
            return meant
        was_unclear = self._was_unclear(tracker)
        if heard.intent == UNCLEAR or (heard.intent == OUT_OF_SCOPE and (was_unclear or hearing.is_nonsense(heard.text))):
            return Step(HAND_OVER_UNCLEAR if was_unclear else CLARIFY)
        if "part" in heard.entities or heard.intent != (tracker.latest_message.intent or {}).get("name"):
            return self._take_up({"intent": heard.intent, "values": heard.entities}, domain)
        return None

    def _meant(self, heard: Heard, waiting: List[Any], tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        """What the message means beside its intent: a choice, the last ask gone on with, several asks, business that is a person's."""
        one = self._chosen(heard, tracker) or self._continued(heard, tracker)
        if one is not None:
            return self._take_up(one, domain)
        named = hearing.named_asks(heard, self.config["several"])
        if named:
            return self._take_up_all(named, heard, waiting, domain)
        beyond = hearing.beyond_us(heard, self.config["beyond"])
        return Step(NO_ANSWER, {"ask": {"intent": beyond, "values": heard.entities}}) if beyond else None

    def _chosen(self, heard: Heard, tracker: DialogueStateTracker) -> Optional[Dict[str, Any]]:
        number = hearing.chosen_number(heard.text)
        if number is None:
            return None
        for actions in self._earlier_turns(tracker, CHOICES_LIVE_TURNS):
            if CLARIFY in actions:
                offered = stack(tracker.get_slot("choices"))
            elif set(actions) & set(self.config["menu_after"]):
                offered = [{"intent": intent, "values": {}} for intent in self.config["menu"]]
            else:
                continue
            return offered[number - 1] if number <= len(offered) else None
        return None

    def _continued(self, heard: Heard, tracker: DialogueStateTracker) -> Optional[Dict[str, Any]]:
        for ask in stack([tracker.get_slot("last_ask")]):
            values = hearing.once_more(heard, self.config["repeat"])
            if values is not None:
                return {"intent": ask["intent"], "values": {**(ask.get("values") or {}), **values}}
        if not heard.values_only:
            return None
        for entity, intents in self.config["continues"].items():
            if entity in heard.entities:
                last = next((ask["intent"] for ask in stack([tracker.get_slot("last_ask")])), None)
                return {"intent": last if last in intents else intents[0], "values": heard.entities}
        return None

    # -- inside a form -------------------------------------------------------------------------------------------------

    def _in_form(self, form: str, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Step:
        if heard.intent in self.config["hand_over"]:
            return self._take_up({"intent": heard.intent, "values": heard.entities}, domain) or Step(HAND_OVER_UNCLEAR)
        waits = self.config["forms"][form].get(tracker.get_slot(REQUESTED_SLOT)) or {}
        for command, pattern in (waits.get("commands") or {}).items():
            if re.search(pattern, heard.text):
                return Step(form, {"heard": command})
        if hearing.answers(waits, heard):
            return Step(form, {"heard": "answer", **self._asked_beside(heard, tracker, domain)})
        if heard.intent in self.config["drop"] or hearing.leans_to_no(heard, self.config["drop"], self.config["polite"]):
            return Step(CANCEL)
        meant = self._meant(heard, stack(tracker.get_slot("pending")), tracker, domain)
        if meant is not None:
            return meant
        if heard.intent in (UNCLEAR, OUT_OF_SCOPE):
            return self._not_understood(heard, tracker, domain)
        if heard.intent in self.config["polite"]:
            return Step(form, {"heard": "again"})
        return self._take_up({"intent": heard.intent, "values": heard.entities}, domain, True) or Step(form, {"heard": "again"})

    def _not_understood(self, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Step:
        if self._was_unclear(tracker):
            return Step(HAND_OVER_UNCLEAR)
        steering = (*self.config["drop"], *self.config["polite"])
        asks = [one for one in heard.candidates if one not in steering and f"action_{one}" in domain.action_names_or_texts]
        return Step(CLARIFY if len(asks) > 1 else UNCLEAR_IN_FORM)

    def _asked_beside(self, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        """An ask in the same message as the form's answer ("17900000001，查积分") is kept for afterwards."""
        action = f"action_{heard.intent}"
        pending = stack(tracker.get_slot("pending"))
        known = {ask.get("intent") for ask in pending}
        skip = (set(self.config["polite"]) | set(self.config["drop"])) | known
        if heard.values_only or heard.intent in skip or action not in domain.action_names_or_texts or len(pending) >= PENDING_LIMIT:
            return {}
        return {"pending": pending + [{"intent": heard.intent, "values": heard.entities}]}

    # -- after an action -----------------------------------------------------------------------------------------------

    def _after_action(self, tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        last, loop = tracker.latest_action_name, tracker.active_loop_name
        if loop in self.config["forms"]:
            return Step(ACTION_LISTEN_NAME) if last == loop else Step(loop, {"heard": "again"})
        if not self._left_something(tracker):
            return Step(ACTION_LISTEN_NAME) if self._led_this_turn(tracker) else None
        if tracker.get_slot("confirming"):
            return Step(CONFIRM_FORM, {"heard": "start"})
        if tracker.get_slot("proof_needed"):
            return Step(PROOF_FORM, {"heard": "start"})
        pending = stack(tracker.get_slot("pending"))
        if pending:
            taken = self._take_up(pending[0], domain)
            rest = {"pending": pending[1:]}
            return Step(taken.action, {**taken.slots, **rest}) if taken else Step(ACTION_LISTEN_NAME, rest)
        return Step(ACTION_LISTEN_NAME) if self._led_this_turn(tracker) else None

    @staticmethod
    def _left_something(tracker: DialogueStateTracker) -> bool:
        """Whether this turn pushed an ask or closed a form. What an earlier, broken turn left on the stack is not taken up."""
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                return False
            if isinstance(event, ActiveLoop) or (isinstance(event, SlotSet) and event.key in LEFTOVERS):
                return True
        return False

    def _led_this_turn(self, tracker: DialogueStateTracker) -> bool:
        """Whether a step of this turn was this policy's: no rule then knows how the turn ends."""
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                return False
            if isinstance(event, ActionExecuted) and self.__class__.__name__ in (event.policy or ""):
                return True
        return False

    def _take_up(self, ask: Dict[str, Any], domain: Domain, in_form: bool = False) -> Optional[Step]:
        intent = ask["intent"]
        names = ([f"utter_{intent}_in_form"] if in_form else []) + [f"action_{intent}", f"utter_{intent}"]
        for name in names:
            if name in domain.action_names_or_texts:
                return Step(name, {"ask": ask})
        return None

    def _take_up_all(self, intents: List[str], heard: Heard, waiting: List[Any], domain: Domain) -> Optional[Step]:
        """The first now, the others on the stack, behind what waits there."""
        first, *rest = ({"intent": intent, "values": heard.entities} for intent in intents)
        taken = self._take_up(first, domain)
        return Step(taken.action, {**taken.slots, "pending": [*waiting, *rest][:PENDING_LIMIT]}) if taken else None

    def _was_unclear(self, tracker: DialogueStateTracker) -> bool:
        return any(CLARIFY in actions or UNCLEAR_IN_FORM in actions for actions in self._earlier_turns(tracker, 1))

    @staticmethod
    def _earlier_turns(tracker: DialogueStateTracker, limit: int) -> List[Tuple[str, ...]]:
        """The actions of the last `limit` turns before the present one, newest turn first."""
        turns: List[Tuple[str, ...]] = []
        names: List[str] = []
        seen_current = False
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                if seen_current:
                    turns.append(tuple(names))
                seen_current, names = True, []
                if len(turns) == limit:
                    break
            elif isinstance(event, ActionExecuted) and event.action_name:
                names.append(event.action_name)
        return turns
