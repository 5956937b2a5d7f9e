"""A person, when the subscriber wants one."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue import Beyond
from actions.handing import Handover
from actions.reply import Reply
from actions.turn import Event, Turn

BEYOND: Mapping[str, Beyond] = {
    "complain": Beyond("service", "complaint"),
    "explain_charge": Beyond("billing", "dispute"),
    "suspend_line": Beyond("line", urgent=True),
    "resume_line": Beyond("line"),
    "query_puk": Beyond("line", urgent=True),
    "replace_sim": Beyond("line"),
    "port_out": Beyond("line"),
    "recharge_problem": Beyond("recharge", "dispute"),
    "recharge": Beyond("recharge"),
    "buy_data_pack": Beyond("traffic"),
    "query_usage_log": Beyond("traffic"),
    "redeem_points": Beyond("points"),
    "cancel_service": Beyond("plan"),
    "change_plan": Beyond("plan"),
    "query_plan": Beyond("plan"),
    "query_roaming": Beyond("plan"),
    "request_invoice": Beyond("billing"),
    "report_fault": Beyond("service"),
    "report_spam": Beyond("service"),
    "find_store": Beyond("service"),
    "unbind_line": Beyond("account"),
    "manage_notifications": Beyond("service"),
}
"""What a person answers until it has an action of its own; the intents and topics of data/catalogue."""


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
