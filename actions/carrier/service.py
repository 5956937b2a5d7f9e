"""Faults, complaints, nuisance calls, messages: a person answers them; shops we know ourselves."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue import PersonAnswers
from actions.handing import Handover
from actions.phrases import Phrases
from actions.reply import Reply
from actions.turn import Ask, Event, Turn
from business.carrier.stores import SOURCE, Shop, StoreDirectory

_KILOMETRE = 1000


class ReportFault(PersonAnswers):
    """No signal, slow network, broadband down."""

    NAME = "action_report_fault"
    intent = "report_fault"
    topic = "service"


class Complain(PersonAnswers):
    """Complains and wants it recorded."""

    NAME = "action_complain"
    intent = "complain"
    topic = "service"
    reason = "complaint"


class ReportSpam(PersonAnswers):
    """Nuisance calls and messages of others."""

    NAME = "action_report_spam"
    intent = "report_spam"
    topic = "service"


class FindStore(PersonAnswers):
    """Where a shop is and when it is open: near a place that was sent, or by the words of one that was named."""

    NAME = "action_find_store"
    intent = "find_store"
    topic = "service"

    def __init__(self, handover: Handover, stores: StoreDirectory, phrases: Phrases) -> None:
        super().__init__(handover)
        self._stores = stores
        self._phrases = phrases

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        if not await self._stores.count(turn.account):
            return await super().run(dispatcher, tracker, domain)
        named = turn.entity("place")
        if turn.place is None and not named:
            reply.say("ask_place")
            reply.asked()
            return []
        shops = await self._found(turn, str(named or ""))
        if not shops:
            reply.say("no_store_near" if turn.place else "no_store_named", wanted=str(named or ""))
            return await self._handover.ask(reply, turn, self.reason, about=Ask(self.intent), told="wish_no_answer")
        reply.say("stores_near" if turn.place else "stores_named", stores=self._lines(shops))
        reply.receipt(self._receipt(shops))
        reply.outcome("ok")
        return []

    async def _found(self, turn: Turn, named: str) -> tuple[Shop, ...]:
        if turn.place is not None:
            return await self._stores.near(turn.account, *turn.place)
        return await self._stores.named(turn.account, named)

    def _lines(self, shops: tuple[Shop, ...]) -> str:
        lines = []
        for number, shop in enumerate(shops, start=1):
            far = self._phrases.part("store_far", distance=self._distance(shop.metres)) if shop.metres is not None else ""
            lines.append(self._phrases.part("store", n=number, name=shop.name, far=far, address=shop.address, hours=shop.hours))
        return self._phrases.join(lines, "line")

    def _distance(self, metres: int) -> str:
        if metres < _KILOMETRE:
            return self._phrases.part("metres", amount=max(round(metres, -1), 10))
        return self._phrases.part("kilometres", amount=f"{metres / _KILOMETRE:.1f}")

    @staticmethod
    def _receipt(shops: tuple[Shop, ...]) -> dict[str, Any]:
        figures = {shop.store_id: shop.metres for shop in shops}
        as_of = min(shop.as_of for shop in shops).isoformat()
        return {"source": SOURCE, "query": "stores", "as_of": as_of, "figures": figures, "proof_level": 0, "line": None}


class ManageNotifications(PersonAnswers):
    """Fewer messages of ours, or messages again."""

    NAME = "action_manage_notifications"
    intent = "manage_notifications"
    topic = "service"
