"""What every industry's dialogue needs: clarify, cancel, confirm, and hand over what is not understood or not covered."""

from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.handing import Handover
from actions.phrases import Phrases
from actions.reply import Reply
from actions.turn import KEPT_VALUES, Ask, Event, Turn, drop_everything, pending_slot

CHOICES_AT_MOST = 3


class Clarify(Action):
    """Offers two or three numbered readings of an unclear message, and a person."""

    NAME = "action_clarify"

    def __init__(self, phrases: Phrases, usual: tuple[str, ...]) -> None:
        """`usual`: intents offered when the message gives no reading at all. The slot `ask`: what a follow-up to nothing would mean."""
        self._phrases = phrases
        self._usual = usual

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        hanging = Ask.of_slot(turn.slots.get("ask"))
        read = turn.candidates or (hanging.intent if hanging else turn.intent,)
        near = [intent for intent in read if self._phrases.label(intent)]
        intents = (near if len(near) > 1 else near + [one for one in self._usual if one not in near])[:CHOICES_AT_MOST]
        lines = [self._phrases.part("choice", n=n, wanted=self._phrases.label(intent)) for n, intent in enumerate(intents, 1)]
        reply.say("clarify" if near else "clarify_usual", choices=self._phrases.join(lines, "line"))
        reply.asked()
        values = hanging.values if hanging else {name: turn.entity(name) for name in KEPT_VALUES if name in turn.entities}
        return [SlotSet("ask", None), SlotSet("choices", [Ask(intent, values).as_slot() for intent in intents])]


class Cancel(Action):
    """Drops the open form and what waits behind it."""

    NAME = "action_cancel"

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        if not turn.loop and not turn.pending:
            reply.say("nothing_to_cancel")
            return drop_everything()
        reply.say("cancelled")
        return [*drop_everything(), SlotSet("last_ask", None)]  # what was given up is nothing to go on with


class HandOverUnclear(Action):
    """The second unclear message in a row goes to a person."""

    NAME = "action_hand_over_unclear"

    def __init__(self, handover: Handover) -> None:
        self._handover = handover

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        reply.say("hand_over_unclear")
        return await self._handover.ask(reply, turn, "unclear", told="wish_unclear")


class PersonAnswers(Action):
    """Base of `action_INTENT` for business that is understood and that a person does, in the same turn.

    A topic's action sets NAME, `intent`, `topic` and, where they are not the usual ones, the `reason` for the packet and whether it
    cannot wait. The sentence `utter_handed_INTENT` says honestly why.
    """

    NAME: ClassVar[str]
    intent: ClassVar[str]
    topic: ClassVar[str]
    reason: ClassVar[str] = "no_answer"
    urgent: ClassVar[bool] = False

    def __init__(self, handover: Handover) -> None:
        self._handover = handover

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        about = turn.ask_for(self.intent)
        if await self._waits(about, turn):
            return [SlotSet("ask", None), pending_slot([*turn.pending, Ask(about.intent, {**about.values, "deferred": True})])]
        reply.say(f"handed_{self.intent}")
        told = "wish_no_code_urgent" if self.reason == "no_code" else f"wish_{self.reason}"
        return await self._handover.ask(reply, turn, self.reason, about=about, urgent=self.urgent, told=told)


    async def _waits(self, about: Ask, turn: Turn) -> bool:
        """What else was asked is answered first where nothing has to be proved for it; else the person sees in the packet what waits."""
        if self.urgent or turn.loop is not None or not turn.pending or about.values.get("deferred"):
            return False
        return await self._handover.has_proved(turn)


class NoAnswer(Action):
    """What was understood and has no action goes to a person in the same turn."""

    NAME = "action_no_answer"

    def __init__(self, handover: Handover) -> None:
        self._handover = handover

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        intent = ((tracker.latest_message or {}).get("intent") or {}).get("name")
        ask = Ask.of_slot(turn.slots.get("ask")) or (Ask(intent) if intent else None)
        reply.say("no_answer")
        return await self._handover.ask(reply, turn, "no_answer", about=ask, told="wish_no_answer")


class ValidateConfirmForm(Action):
    """The confirm form: reads back what is about to be done, and does it only after a yes.

    The slot `confirming` is {"intent", "values", "shown"}: the ask to be done, and the values of the response `utter_confirm_INTENT`.
    After a yes the ask lies on top of the pending stack with `confirmed: true`.
    """

    NAME = "validate_confirm_form"

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = Ask.of_slot(turn.slots.get("confirming"))
        closed: list[Event] = [SlotSet("heard", None), SlotSet("confirming", None), SlotSet("requested_slot", None)]
        if ask is None:
            return closed
        said = {name: turn.entity(name) for name in turn.entities if name != "sms_code"}
        if turn.slots.get("heard") == "corrected":
            # the action reads it back again, with what was corrected
            return [*closed, pending_slot([Ask(ask.intent, {**ask.values, **said}), *turn.pending])]
        if turn.slots.get("heard") != "answer":
            reply.say(f"confirm_{ask.intent}", **(turn.slots["confirming"].get("shown") or {}))
            return [SlotSet("heard", None), SlotSet("requested_slot", "confirmed")]
        confirmed = Ask(ask.intent, {**ask.values, **said, "confirmed": True})
        return [*closed, pending_slot([confirmed, *turn.pending])]
