"""Loyalty points."""

from actions.asking import AskAction
from actions.dialogue import PersonAnswers
from actions.reply import Reply
from actions.turn import Ask, Turn
from business.carrier import wording
from business.carrier.ports import CarrierSource
from business.carrier.receipts import points_receipt
from business.identity.types import Access


class QueryPoints(AskAction[CarrierSource]):
    """How many points, and what ends next."""

    NAME = "action_query_points"
    intent = "query_points"
    topic = "points"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        points = await self._source.points(access)
        line, as_of = self.line_name(access), wording.moment(points.as_of, turn.now)
        if not points.is_member:
            reply.say("no_points_account", line=line, as_of=as_of)
        elif points.next_expiry is None:
            reply.say("points", line=line, available=wording.points(points.available), as_of=as_of)
        else:
            reply.say(
                "points_expiring",
                line=line,
                available=wording.points(points.available),
                amount=wording.points(points.next_expiry.amount),
                day=wording.last_day(points.next_expiry.at, turn.now),
                as_of=as_of,
            )
        reply.receipt(points_receipt(access, points).to_dict())


class RedeemPoints(PersonAnswers):
    """Exchanges points for something."""

    NAME = "action_redeem_points"
    intent = "redeem_points"
    topic = "points"
