"""A person, when the subscriber wants one."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.handing import Handover
from actions.reply import Reply
from actions.turn import Event, Turn


class RequestHuman(Action):
    """Hands over in this very turn, without a question back. The core tells the place in the queue, so nothing is said here."""

    NAME = "action_request_human"
    intent = "request_human"
    topic = "handoff"

    def __init__(self, handover: Handover) -> None:
        self._handover = handover

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        return await self._handover.ask(reply, turn, "asked")
