"""What an agent does to a conversation: each function is one transaction with the conversation's row, the agent's slot and the event.

Rows are always locked in the same order: conversation, offer, agent, event log.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from conversations.errors import EpochMoved, NotOwner
from conversations.media import Media
from conversations.model import Owner, Reason
from conversations.rows import Line
from desk import events, offers, presence
from desk.errors import NoFreeSlot, OfferOver, Taken
from desk.model import AgentStatus, Offer, Viewer
from desk.ports import Ownership
from desk.standing import Standing, lock_standing


@dataclass(frozen=True)
class Commands:
    """An agent's commands. Each checks the viewer's rights first and expects the epoch the page saw."""

    ownership: Ownership

    def accept(self, connection: Connection, viewer: Viewer, conversation_id: str, epoch: int, now: datetime) -> Standing:
        """Takes a waiting conversation, offered or from the list. Accepting twice answers the same.

        Raises Taken, EpochMoved, NoFreeSlot, NoSuchConversation.
        """
        standing = lock_standing(connection, viewer, conversation_id)
        live = offers.live_of_conversation(connection, conversation_id)
        if live is not None and live.state == offers.ACCEPTED and standing.owner == Owner.AGENT:
            if live.agent_id == viewer.agent_id:
                return standing
            raise Taken
        if standing.owner != Owner.WAITING:
            raise Taken
        if standing.epoch != epoch:
            raise EpochMoved
        self._come_to_the_desk(connection, viewer, now)
        mine = live if live is not None and live.state == offers.OFFERED and live.agent_id == viewer.agent_id else None
        if mine is None:
            if live is not None:
                offers.end_live(connection, live, offers.WITHDRAWN, now)
            _take_slot(connection, viewer, now)
        owned = self.ownership.assign(
            connection, conversation_id, expected_epoch=epoch, agent_id=viewer.agent_id, agent_name=viewer.name, now=now
        )
        self._write_assignment(connection, viewer, standing, mine, owned.epoch, now)
        presence.clear_misses(connection, viewer.agent_id)
        _tell(connection, events.QUEUE_CHANGED, standing, now)
        _tell(connection, events.CONVERSATION_CHANGED, standing, now)
        return lock_standing(connection, viewer, conversation_id)

    def decline(self, connection: Connection, viewer: Viewer, offer_id: str, now: datetime) -> Offer:
        """Gives an offer back; for a while it is not offered to this agent again. Raises OfferOver."""
        offer = offers.find_offer(connection, offer_id)
        if offer is None or offer.agent_id != viewer.agent_id or offer.state != offers.OFFERED:
            raise OfferOver
        offers.end_live(connection, offer, offers.DECLINED, now)
        return offer

    def reply(
        self,
        connection: Connection,
        viewer: Viewer,
        conversation_id: str,
        *,
        epoch: int,
        text: str,
        client_id: str,
        seen_position: int,
        now: datetime,
        picture: Media | None = None,
    ) -> Line:
        """Queues what the agent says, or a picture. Raises EpochMoved, NotOwner, NewerMessage, NoSuchConversation."""
        standing = lock_standing(connection, viewer, conversation_id)
        line = self.ownership.write_agent_message(
            connection,
            conversation_id,
            expected_epoch=epoch,
            agent_id=viewer.agent_id,
            agent_name=viewer.name,
            text=text,
            client_id=client_id,
            seen_position=seen_position,
            picture=picture,
            now=now,
        )
        _tell(connection, events.CONVERSATION_CHANGED, standing, now)
        return line

    def resolve(
        self,
        connection: Connection,
        viewer: Viewer,
        conversation_id: str,
        *,
        epoch: int,
        note: str,
        learned: dict[str, Any],
        now: datetime,
    ) -> Standing:
        """Gives the subscriber back to the bot and frees the slot. Raises EpochMoved, NotOwner, NoSuchConversation."""
        standing = lock_standing(connection, viewer, conversation_id)
        self.ownership.resolve(
            connection,
            conversation_id,
            expected_epoch=epoch,
            agent_id=viewer.agent_id,
            note=note,
            learned=learned,
            now=now,
        )
        self._end(connection, standing, offers.RESOLVED, now)
        return lock_standing(connection, viewer, conversation_id)

    def release(self, connection: Connection, viewer: Viewer, conversation_id: str, *, epoch: int, now: datetime) -> Standing:
        """Puts the conversation back into the queue. A supervisor may do so with anyone's.

        Raises EpochMoved, NotOwner, NoSuchConversation.
        """
        standing = lock_standing(connection, viewer, conversation_id)
        if standing.owner != Owner.AGENT or standing.agent_id is None:
            raise EpochMoved if standing.epoch != epoch else NotOwner
        holder = standing.agent_id if viewer.supervises else viewer.agent_id
        self.ownership.release(
            connection, conversation_id, expected_epoch=epoch, agent_id=holder, reason=Reason.TRANSFERRED, now=now
        )
        self._end(connection, standing, offers.RELEASED, now)
        _tell(connection, events.QUEUE_CHANGED, standing, now)
        return lock_standing(connection, viewer, conversation_id)

    def _end(self, connection: Connection, standing: Standing, state: str, now: datetime) -> None:
        live = offers.live_of_conversation(connection, standing.conversation_id)
        if live is not None:
            offers.end_live(connection, live, state, now)
        _tell(connection, events.CONVERSATION_CHANGED, standing, now)

    def _come_to_the_desk(self, connection: Connection, viewer: Viewer, now: datetime) -> None:
        agent = presence.read_agent(connection, viewer.agent_id)
        if agent is None or agent.status is AgentStatus.OFFLINE:
            # who takes a conversation is here; offers they must ask for by going online
            presence.set_status(connection, viewer, AgentStatus.BREAK, now)

    def _write_assignment(
        self, connection: Connection, viewer: Viewer, standing: Standing, mine: Offer | None, epoch: int, now: datetime
    ) -> None:
        if mine is not None:
            offers.mark_accepted(connection, mine, epoch, now)
            return
        offers.insert_offer(
            connection,
            conversation_id=standing.conversation_id,
            account=standing.account,
            agent_id=viewer.agent_id,
            epoch=epoch,
            now=now,
            lasts_s=0,
            accepted=True,
        )


def _take_slot(connection: Connection, viewer: Viewer, now: datetime) -> None:
    """A slot for what the agent picked; when offers hold them all, the newest goes to somebody else. Raises NoFreeSlot."""
    if presence.take_slot(connection, viewer.agent_id, only_online=False):
        return
    for shown in reversed(offers.read_live(connection, viewer.agent_id)):
        offer = offers.find_offer(connection, shown.offer_id) if shown.state == offers.OFFERED else None
        if offer is not None and offer.state == offers.OFFERED:
            offers.end_live(connection, offer, offers.WITHDRAWN, now)
            break
    if not presence.take_slot(connection, viewer.agent_id, only_online=False):
        raise NoFreeSlot


def _tell(connection: Connection, kind: str, standing: Standing, now: datetime) -> None:
    events.append_event(connection, kind, standing.account, now, conversation_id=standing.conversation_id)
