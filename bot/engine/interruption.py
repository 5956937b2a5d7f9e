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
from typing import Any, Dict, List, Optional

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine import asks, hearing, past
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
        menu, menu_after: what digits mean after the actions that show the menu. continues: what each kind of value is to the asks
        (asks.py). follows: pattern of the words that go on with the ask before (那…, …呢).
        invited: words the bot's texts tell people to send → intent. settled: intent → pattern of words that settle an unsure message.
        doubted: intents that those words overrule too, because here they are seldom meant (who talks to the bot waits in no queue).
        parts: intent → part → pattern of the words that ask for that part. beyond: intents nobody answers here → pattern. repeat: pattern
        of words that ask for the last answer once more → values to ask it with.
        """
        return {
            "priority": 7,
            "forms": {},
            **{name: [] for name in ("hand_over", "drop", "polite", "doubted")},
            "menu": [],
            "menu_after": [],
            "follows": "",
            **{name: {} for name in ("continues", "invited", "settled", "parts", "beyond", "repeat")},
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
            return Step(HAND_OVER_UNCLEAR) if was_unclear else Step(CLARIFY, {"ask": None})
        ask = asks.taken_over(heard, _own(heard), _last(tracker), self.config)
        if ask != _own(heard) or "part" in heard.entities or heard.intent != (tracker.latest_message.intent or {}).get("name"):
            return self._take_up(ask, domain)
        return None

    def _meant(self, heard: Heard, waiting: List[Any], tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        """What the message means beside its intent: a choice, the last ask gone on with, several asks, business that is a person's."""
        chosen = self._chosen(heard, tracker)
        if chosen is not None:
            return self._take_up(chosen, domain)
        going_on = asks.continued(heard, _last(tracker), self.config)
        if going_on:
            return self._take_up_all(going_on, waiting, domain)
        hanging = asks.left_hanging(heard, self.config)
        if hanging is not None:
            return Step(HAND_OVER_UNCLEAR) if self._was_unclear(tracker) else Step(CLARIFY, {"ask": hanging})
        own = asks.asks_of(heard, self.config["continues"])
        if heard.intent not in (UNCLEAR, OUT_OF_SCOPE) and (len(own) > 1 or asks.IMPOSSIBLE in own[0]["values"]):
            return self._take_up_all(own, waiting, domain)
        beyond = hearing.beyond_us(heard, self.config["beyond"])
        return Step(NO_ANSWER, {"ask": {"intent": beyond, "values": heard.entities}}) if beyond else None

    def _chosen(self, heard: Heard, tracker: DialogueStateTracker) -> Optional[Dict[str, Any]]:
        number = hearing.chosen_number(heard.text)
        if number is None:
            return None
        for actions in past.earlier_turns(tracker, CHOICES_LIVE_TURNS):
            if CLARIFY in actions:
                offered = stack(tracker.get_slot("choices"))
            elif set(actions) & set(self.config["menu_after"]):
                offered = [{"intent": intent, "values": {}} for intent in self.config["menu"]]
            else:
                continue
            return offered[number - 1] if number <= len(offered) else None
        return None

    # -- inside a form -------------------------------------------------------------------------------------------------

    def _in_form(self, form: str, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Step:
        if heard.intent in self.config["hand_over"]:
            return self._take_up(_own(heard), domain) or Step(HAND_OVER_UNCLEAR)
        waits = self.config["forms"][form].get(tracker.get_slot(REQUESTED_SLOT)) or {}
        for command, pattern in (waits.get("commands") or {}).items():
            if re.search(pattern, heard.text):
                return Step(form, {"heard": command})
        if form == CONFIRM_FORM and asks.is_correction(heard, tracker.get_slot("confirming"), self.config):
            return Step(form, {"heard": "corrected"})
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
        ask = asks.taken_over(heard, _own(heard), _last(tracker), self.config)
        return self._take_up(ask, domain, True) or Step(form, {"heard": "again"})

    def _not_understood(self, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Step:
        if self._was_unclear(tracker):
            return Step(HAND_OVER_UNCLEAR)
        steering = (*self.config["drop"], *self.config["polite"])
        near = [one for one in heard.candidates if one not in steering and f"action_{one}" in domain.action_names_or_texts]
        return Step(CLARIFY, {"ask": None}) if len(near) > 1 else Step(UNCLEAR_IN_FORM)

    def _asked_beside(self, heard: Heard, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        """An ask in the same message as the form's answer ("17900000001，查积分") is kept for afterwards."""
        pending = stack(tracker.get_slot("pending"))
        known = {ask["intent"] for ask in pending}
        skip = (set(self.config["polite"]) | set(self.config["drop"])) | known
        own = [] if heard.values_only else asks.asks_of(heard, self.config["continues"])
        beside = [ask for ask in own if ask["intent"] not in skip and f"action_{ask['intent']}" in domain.action_names_or_texts]
        return {"pending": [*pending, *beside][:PENDING_LIMIT]} if beside else {}

    # -- after an action -----------------------------------------------------------------------------------------------

    def _after_action(self, tracker: DialogueStateTracker, domain: Domain) -> Optional[Step]:
        last, loop = tracker.latest_action_name, tracker.active_loop_name
        if loop in self.config["forms"]:
            return Step(ACTION_LISTEN_NAME) if last == loop else Step(loop, {"heard": "again"})
        if not past.left_something(tracker, LEFTOVERS):
            return Step(ACTION_LISTEN_NAME) if past.led_this_turn(tracker, self.__class__.__name__) else None
        if tracker.get_slot("confirming"):
            return Step(CONFIRM_FORM, {"heard": "start"})
        pending = stack(tracker.get_slot("pending"))
        person = next((ask for ask in pending if ask["intent"] in self.config["hand_over"]), None)
        if tracker.get_slot("proof_needed") and person is not None:
            # whoever asks for a person as well waits for no code
            taken = self._take_up(person, domain) or Step(HAND_OVER_UNCLEAR)
            return Step(taken.action, {**taken.slots, "pending": [ask for ask in pending if ask != person]})
        if tracker.get_slot("proof_needed"):
            return Step(PROOF_FORM, {"heard": "start"})
        if pending:
            taken = self._take_up(pending[0], domain)
            rest = {"pending": pending[1:]}
            return Step(taken.action, {**taken.slots, **rest}) if taken else Step(ACTION_LISTEN_NAME, rest)
        return Step(ACTION_LISTEN_NAME) if past.led_this_turn(tracker, self.__class__.__name__) else None

    def _take_up(self, ask: Dict[str, Any], domain: Domain, in_form: bool = False) -> Optional[Step]:
        intent = ask["intent"]
        names = ([f"utter_{intent}_in_form"] if in_form else []) + [f"action_{intent}", f"utter_{intent}"]
        for name in names:
            if name in domain.action_names_or_texts:
                return Step(name, {"ask": ask})
        return None

    def _take_up_all(self, each: List[Dict[str, Any]], waiting: List[Any], domain: Domain) -> Optional[Step]:
        """The first now, the others on the stack, behind what waits there."""
        first, *rest = each
        taken = self._take_up(first, domain)
        if taken is None or not rest:
            return taken
        return Step(taken.action, {**taken.slots, "pending": [*waiting, *rest][:PENDING_LIMIT]})

    def _was_unclear(self, tracker: DialogueStateTracker) -> bool:
        return any(CLARIFY in actions or UNCLEAR_IN_FORM in actions for actions in past.earlier_turns(tracker, 1))


def _own(heard: Heard) -> Dict[str, Any]:
    return {"intent": heard.intent, "values": heard.entities}


def _last(tracker: DialogueStateTracker) -> Optional[Dict[str, Any]]:
    return next(iter(stack([tracker.get_slot("last_ask")])), None)
