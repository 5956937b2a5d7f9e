"""Books on loan."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.reply import Handoff, Reply
from actions.turn import Event, Turn
from business.library.loans import LoanFile


class QueryLoans(Action):
    """Answers from the file, with a receipt."""

    def __init__(self, loans: LoanFile) -> None:
        self._loans = loans

    def name(self) -> str:
        return "action_query_loans"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        found = self._loans.loans(turn.account, turn.openid)
        as_of = found.as_of.strftime("%m-%d %H:%M")
        if found.titles:
            reply.say("loans", titles="、".join(found.titles), as_of=as_of)
        else:
            reply.say("no_loans", as_of=as_of)
        figures = {"books": len(found.titles)}
        reply.receipt(
            {
                "source": "library.loans",
                "query": "loans",
                "as_of": found.as_of.isoformat(),
                "figures": figures,
                "proof_level": 0,
                "line": turn.openid[-4:],
            }
        )
        reply.outcome("ok")
        return []


class RequestLibrarian(Action):
    """Asks the core for a person."""

    def name(self) -> str:
        return "action_request_human"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        reply.hand_over(Handoff("asked", "request_human", turn.text[:100], "general"))
        reply.outcome("ok")
        return []
