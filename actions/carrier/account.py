"""Tying a phone number to the chat."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reply import Reply
from actions.turn import Ask, Event, Turn
from business.identity.ports import Identity
from runtime.masking import mask_phone


class BindLine(Action):
    """Opens the proof form; a second line is read back and confirmed first."""

    NAME = "action_bind_line"
    intent = "bind_line"
    topic = "account"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = turn.asked(self.intent)[0]
        phone = ask.values.get("phone_number")
        masked = mask_phone(str(phone)) if phone else ""
        lines = await self._identity.lines(turn.account, turn.openid)
        events: list[Event] = [SlotSet("ask", None), SlotSet("last_ask", ask.as_slot())]
        if turn.loop is not None:
            return events
        if not lines or ask.values.get("confirmed"):
            return [*events, SlotSet("proof_needed", 1), SlotSet("proof_phone", phone)]
        if masked in {line.masked for line in lines}:
            reply.say("already_bound", masked=masked)
            return events
        shown = {"bound": lines[0].masked, "wanted": masked}
        confirming = {**Ask(self.intent, ask.values).as_slot(), "shown": shown}
        return [*events, SlotSet("confirming", confirming)]
