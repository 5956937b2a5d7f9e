"""The plan and the services on a line; what changes them is a person's."""

from datetime import datetime

from actions.asking import AskAction
from actions.dialogue import PersonAnswers
from actions.reply import Reply
from actions.turn import Ask, Turn
from business.carrier import wording
from business.carrier.model import PlanItem
from business.carrier.ports import CarrierSource
from business.carrier.receipts import plan_receipt
from business.identity.types import Access

PLANS_AT_MOST = 12


class QueryPlan(AskAction[CarrierSource]):
    """Every plan and service on a line of its own: fee, end, contract."""

    NAME = "action_query_plan"
    intent = "query_plan"
    topic = "plan"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        plan = await self._source.plan(access)
        line, as_of = self.line_name(access), wording.moment(plan.as_of, turn.now)
        if plan.items:
            shown = [self._item(item, turn.now) for item in plan.items[:PLANS_AT_MOST]]
            if len(plan.items) > PLANS_AT_MOST:
                shown.append(self._phrases.part("plans_more", count=len(plan.items) - PLANS_AT_MOST))
            reply.say("plan", line=line, plans=self._phrases.join(shown, "line"), as_of=as_of)
        else:
            reply.say("no_plan", line=line, as_of=as_of)
        reply.receipt(plan_receipt(access, plan).to_dict())

    def _item(self, item: PlanItem, now: datetime) -> str:
        part = self._phrases.part
        notes = [
            part("plan_fee", yuan=wording.decimal(item.monthly_fee_fen)),
            part("plan_from", day=wording.day(item.effective_from, now)) if item.effective_from > now else "",
            part("plan_until", day=wording.last_day(item.effective_to, now)) if item.effective_to else "",
            part("plan_contract", day=wording.last_day(item.contract_until, now)) if item.contract_until else "",
        ]
        return part("plan", name=item.name, notes=self._phrases.join(notes))


class ChangePlan(PersonAnswers):
    """Orders or changes a plan, or asks which there are."""

    NAME = "action_change_plan"
    intent = "change_plan"
    topic = "plan"


class CancelService(PersonAnswers):
    """Unsubscribes from an option or a value-added service."""

    NAME = "action_cancel_service"
    intent = "cancel_service"
    topic = "plan"


class QueryRoaming(PersonAnswers):
    """Roaming: price, on, off."""

    NAME = "action_query_roaming"
    intent = "query_roaming"
    topic = "plan"
