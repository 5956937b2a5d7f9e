"""How long until answers flow again: from the end of each fault to the first stretch in which as many are answered as usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaos.evidence import Evidence

QUICK_S = 2.0
"""An answer that came within this time counts as one of a healthy desk."""
BAR_S = 10.0
_STRETCH = timedelta(seconds=3)
_STEP = timedelta(milliseconds=500)
_PART_OF_USUAL = 0.9
_FEWEST = 5


@dataclass(frozen=True)
class Asked:
    """One message that wants an answer; `answered_s` None: none came."""

    at: datetime
    answered_s: float | None
    without_bot: bool = False

    @property
    def quick(self) -> bool:
        """Answered as usual: in time, and not by the queue for want of a bot."""
        return self.answered_s is not None and self.answered_s <= QUICK_S and not self.without_bot


@dataclass(frozen=True)
class Happened:
    """A fault as it was done. `until`: the next one began, or the load ended."""

    name: str
    begun: datetime
    ended: datetime
    until: datetime


def find_asked(evidence: Evidence) -> list[Asked]:
    """All messages but those that an agent or nobody has to answer, in order of time."""
    turns = {turn.inbound_id: turn for turn in evidence.turns}
    rows = {(row.openid, row.dedup_key): row for row in evidence.inbounds}
    answered = _answer_times(evidence)
    shown = {(one.openid, one.msg_id): one.ended for one in evidence.deliveries if one.outcome == "passive"}
    asked = []
    for lines in evidence.chats.values():
        for line in lines:
            if line.kind != "say" or line.msg_id is None:
                continue
            row = rows.get((line.openid, f"m{line.msg_id}"))
            turn = turns.get(row.inbound_id) if row else None
            if turn is not None and turn.outcome in ("to_agent", "noted"):
                continue
            ended = shown.get((line.openid, line.msg_id)) or (answered.get(row.inbound_id) if row else None)
            took = None if ended is None else max((ended - line.at).total_seconds(), 0.0)
            asked.append(Asked(line.at, took, turn is not None and turn.without_bot))
    return sorted(asked, key=lambda one: one.at)


def usual_share(asked: Sequence[Asked], until: datetime) -> float:
    """The part answered quickly before anything was done to the deployment."""
    calm = [one for one in asked if one.at < until]
    return sum(one.quick for one in calm) / len(calm) if calm else 1.0


def recovery_s(asked: Sequence[Asked], happened: Happened, usual: float) -> float | None:
    """Seconds from the fault's end; None: not before the next one began."""
    at = happened.ended
    while at + _STRETCH <= happened.until:
        stretch = [one for one in asked if at <= one.at < at + _STRETCH]
        if len(stretch) >= _FEWEST and sum(one.quick for one in stretch) >= _PART_OF_USUAL * usual * len(stretch):
            return round((at - happened.ended).total_seconds(), 1)
        at += _STEP
    return None


def slowest_s(asked: Sequence[Asked], happened: Happened) -> float | None:
    """The longest wait of those who wrote while it lasted and until the next one began."""
    waits = [one.answered_s for one in asked if happened.begun <= one.at < happened.until and one.answered_s is not None]
    return round(max(waits), 1) if waits else None


def unanswered(asked: Sequence[Asked], happened: Happened) -> int:
    """How many of them had no answer at all."""
    return sum(one.answered_s is None for one in asked if happened.begun <= one.at < happened.until)


def _answer_times(evidence: Evidence) -> dict[str, datetime]:
    """inbound id → when the first bubble that answers it went out as a customer-service message."""
    found: dict[str, datetime] = {}
    for row in evidence.outbounds:
        if row.inbound_id is not None and row.status == "sent" and row.ended_at is not None:
            found[row.inbound_id] = min(found.get(row.inbound_id, row.ended_at), row.ended_at)
    return found
