"""Which agent is offered which conversation: a pure rule.

In the order of the queue, for each conversation: agents of its account, online, with a free slot and the skill; for its first
seconds only the agent who had it last, if they are online; else whoever has the smallest share of their slots in use. Who let it
run out gets it again only when nobody else can take it; who declined it, not for a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from desk.model import AgentState, AgentStatus, Candidate

GENERAL = "general"


@dataclass
class _Room:
    agent: AgentState
    free: int

    @property
    def load(self) -> float:
        return 1 - self.free / self.agent.slots_max


def plan_offers(
    candidates: Iterable[Candidate], agents: Iterable[AgentState], last_agent_s: float
) -> list[tuple[Candidate, AgentState]]:
    """Pairs to offer now, in the order of the queue. No agent gets more than their free slots."""
    rooms = [
        _Room(agent, agent.slots_max - agent.slots_used) for agent in agents if agent.status is AgentStatus.ONLINE
    ]
    pairs: list[tuple[Candidate, AgentState]] = []
    left = sum(max(room.free, 0) for room in rooms)
    for candidate in candidates:
        if len(pairs) == left:
            break
        room = _choose(candidate, rooms, last_agent_s)
        if room is not None:
            room.free -= 1
            pairs.append((candidate, room.agent))
    return pairs


def _choose(candidate: Candidate, rooms: list[_Room], last_agent_s: float) -> _Room | None:
    able = [room for room in rooms if _can_take(room.agent, candidate)]
    if candidate.waited_s < last_agent_s and candidate.last_agent not in candidate.missed_by:
        known = [room for room in able if room.agent.agent_id == candidate.last_agent]
        if known:
            # worth a short wait even while their slots are full
            return known[0] if known[0].free > 0 else None
    free = [room for room in able if room.free > 0]
    fresh = [room for room in free if room.agent.agent_id not in candidate.missed_by]
    return min(fresh or free, key=lambda room: (room.load, room.agent.agent_id), default=None)


def _can_take(agent: AgentState, candidate: Candidate) -> bool:
    return (
        candidate.account in agent.accounts
        and agent.agent_id not in candidate.declined_by
        and (not agent.skills or candidate.skill == GENERAL or candidate.skill in agent.skills)
    )
