"""The router's steps over a connection: each is one transaction, and each proves first that this router still leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from conversations.adapters.reading import Waiting
from conversations.model import Owner, Reason
from desk import events, lease, offers, presence
from desk.model import AgentState, AgentStatus, Candidate, Offer
from desk.ports import Ownership
from desk.settings import DeskSettings
from desk.standing import Standing, read_standing

_REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True)
class Routing:
    """What a leading router does. `token` is its fencing token: a router that slept past its lease changes nothing."""

    ownership: Ownership
    settings: DeskSettings

    def offer(self, connection: Connection, token: int, candidate: Candidate, agent: AgentState, now: datetime) -> bool:
        """Offers one waiting conversation to one agent; False when either is no longer as the plan saw it. Raises LeaseLost."""
        lease.check_leads(connection, token)
        standing = read_standing(connection, candidate.conversation_id)
        if standing is None or standing.owner != Owner.WAITING or standing.epoch != candidate.epoch:
            return False
        if offers.live_of_conversation(connection, candidate.conversation_id) is not None:
            return False
        if not presence.take_slot(connection, agent.agent_id, only_online=True):
            return False
        offers.insert_offer(
            connection,
            conversation_id=candidate.conversation_id,
            account=candidate.account,
            agent_id=agent.agent_id,
            epoch=candidate.epoch,
            now=now,
            lasts_s=self.settings.offer_s,
        )
        events.append_event(
            connection,
            events.OFFER_MADE,
            candidate.account,
            now,
            conversation_id=candidate.conversation_id,
            agent_id=agent.agent_id,
        )
        return True

    def expire(self, connection: Connection, token: int, offer: Offer, now: datetime) -> bool:
        """Ends an offer nobody took up, and counts the miss. Raises LeaseLost."""
        lease.check_leads(connection, token)
        found = offers.find_offer(connection, offer.offer_id)
        if found is None or found.state != offers.OFFERED:
            return False
        offers.end_live(connection, found, offers.EXPIRED, now)
        presence.count_miss(connection, found.agent_id, self.settings.misses_to_break, now)
        return True

    def lose_agent(self, connection: Connection, token: int, agent: AgentState, now: datetime) -> bool:
        """An agent without a sign of life: offline, and all they hold goes back. False when they moved meanwhile. Raises LeaseLost."""
        lease.check_leads(connection, token)
        found = presence.read_agent(connection, agent.agent_id)
        if found is None or found.beat != agent.beat:
            return False
        for offer in offers.read_live(connection, agent.agent_id):
            self._give_back(connection, offer, now)
        presence.change_status(connection, agent.agent_id, AgentStatus.OFFLINE, now)
        return True

    def give_back(self, connection: Connection, token: int, offer: Offer, now: datetime) -> bool:
        """Takes an offer from an agent who takes none now, an assignment from one who is offline. Raises LeaseLost."""
        lease.check_leads(connection, token)
        agent = presence.read_agent(connection, offer.agent_id)
        if agent is not None and may_hold(agent, offer):
            return False
        return self._give_back(connection, offer, now)

    def reconcile(self, connection: Connection, token: int, offer: Offer, now: datetime) -> bool:
        """Ends a row whose conversation has gone another way (left the queue, unfollowed, mended). Raises LeaseLost."""
        lease.check_leads(connection, token)
        standing = read_standing(connection, offer.conversation_id)
        found = offers.live_of_conversation(connection, offer.conversation_id)
        if found is None or found.offer_id != offer.offer_id or found.state != offer.state:
            return False
        if agrees(found, standing):
            return False
        offers.end_live(connection, found, offers.WITHDRAWN, now)
        return True

    def adopt(self, connection: Connection, token: int, orphan: Standing, now: datetime) -> bool:
        """Puts a conversation back into the queue that belongs to an agent without a row here. Raises LeaseLost."""
        lease.check_leads(connection, token)
        standing = read_standing(connection, orphan.conversation_id)
        found = offers.live_of_conversation(connection, orphan.conversation_id)
        if standing != orphan or (found is not None and agrees(found, standing)):
            return False
        if found is not None:
            offers.end_live(connection, found, offers.WITHDRAWN, now)
        self._release_lost(connection, standing, now)
        return True

    def _give_back(self, connection: Connection, offer: Offer, now: datetime) -> bool:
        standing = read_standing(connection, offer.conversation_id)
        found = offers.live_of_conversation(connection, offer.conversation_id)
        if found is None or found.offer_id != offer.offer_id:
            return False
        if found.state == offers.OFFERED:
            offers.end_live(connection, found, offers.WITHDRAWN, now)
            return True
        offers.end_live(connection, found, offers.LOST, now)
        if standing is not None and standing.owner == Owner.AGENT and standing.agent_id == found.agent_id:
            self._release_lost(connection, standing, now)
        return True

    def _release_lost(self, connection: Connection, standing: Standing, now: datetime) -> None:
        self.ownership.release(
            connection,
            standing.conversation_id,
            expected_epoch=standing.epoch,
            agent_id=standing.agent_id or "",
            reason=Reason.AGENT_LOST,
            now=now,
        )
        for kind in (events.QUEUE_CHANGED, events.CONVERSATION_CHANGED):
            events.append_event(connection, kind, standing.account, now, conversation_id=standing.conversation_id)


def may_hold(agent: AgentState, offer: Offer) -> bool:
    """Offers stand with agents who are online, assignments with all who are here."""
    return agent.status is AgentStatus.ONLINE or (agent.status is AgentStatus.BREAK and offer.state == offers.ACCEPTED)


def agrees(offer: Offer, standing: Standing | None) -> bool:
    """Whether a live row and its conversation tell the same story."""
    owner = Owner.WAITING if offer.state == offers.OFFERED else Owner.AGENT
    return standing is not None and standing.epoch == offer.epoch and standing.owner == owner


def find_candidates(
    connection: Connection, waiting: Sequence[Waiting], live: Sequence[Offer], settings: DeskSettings, now: datetime
) -> list[Candidate]:
    """The waiting conversations that nobody is offered, in the order they are served: first those whose offer ran out or whose
    agent was lost, then as the queue stands."""
    offered = {offer.conversation_id for offer in live}
    candidates = {
        one.conversation_id: Candidate(
            one.conversation_id, one.account, one.epoch, one.skill, (now - one.requested_at).total_seconds()
        )
        for one in waiting
        if one.conversation_id not in offered
    }
    lost = {one.conversation_id for one in waiting if one.reason == Reason.AGENT_LOST}
    recently = now - timedelta(seconds=settings.declined_s)
    for past in offers.past_offers(connection, candidates, now - _REMEMBERED):
        known = candidates[past.conversation_id]
        if past.state == offers.EXPIRED and past.epoch == known.epoch:
            known = replace(known, missed_by=(*known.missed_by, past.agent_id))
        elif past.state in (offers.DECLINED, offers.RELEASED) and past.ended_at > recently:
            known = replace(known, declined_by=(*known.declined_by, past.agent_id))
        elif past.state in (offers.RESOLVED, offers.LOST):
            known = replace(known, last_agent=past.agent_id)
        candidates[past.conversation_id] = known
    # the queue is read account by account; agents of several accounts serve it as one
    order = {one.conversation_id: (-one.priority, one.requested_at) for one in waiting}
    return sorted(
        candidates.values(),
        key=lambda one: (not (one.missed_by or one.conversation_id in lost), *order[one.conversation_id]),
    )


