"""Loyalty points."""

from actions.asking import AskAction
from actions.reply import Reply
from actions.turn import Ask, Turn
from actions.writing import day, moment
from business.carrier.ports import CarrierSource
from business.identity.types import Access


class QueryPoints(AskAction[CarrierSource]):
    """How many points, and what ends next."""

    intent = "query_points"
    topic = "points"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        points = await self._source.points(access)
        line, as_of = self.line_name(access), moment(points.as_of)
        if not points.is_member:
            reply.say("no_points_account", line=line, as_of=as_of)
        elif points.next_expiry is None:
            reply.say("points", line=line, available=points.available, as_of=as_of)
        else:
            reply.say(
                "points_expiring",
                line=line,
                available=points.available,
                amount=points.next_expiry.amount,
                day=day(points.next_expiry.at, turn.now),
                as_of=as_of,
            )
        figures: dict[str, object] = {"available": points.available, "is_member": points.is_member}
        if points.next_expiry is not None:
            figures |= {"next_expiry": points.next_expiry.amount, "next_expiry_at": points.next_expiry.at.isoformat()}
        reply.receipt(points.source, "points", points.as_of, figures, access.level, access.line.masked)
