"""The desk as the staff side uses it: what an agent sees, and what they do. One per process."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from conversations.adapters.reading import Detail, Summary, Waiting
from conversations.adapters.views import PurseView
from conversations.media_shelf import MediaShelf
from conversations.model import Owner
from conversations.rows import Line
from desk import events, files, offers, presence
from desk.commands import Commands
from desk.errors import NotAllowed, Taken
from desk.model import AgentState, AgentStatus, DeskEvent, Offer, Viewer
from desk.ports import Ownership, Reading, Typing, Witness
from desk.router import CHANNEL, MOVED
from desk.settings import DeskSettings
from desk.standing import Standing, count_waiting, peek_standing, read_purse
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database, Work

T = TypeVar("T")

_SHOWN = 50
_LOOKED_THROUGH = 1_000


@dataclass(frozen=True)
class Place(Waiting):
    """A place in the queue as one viewer sees it."""

    offered_to_me: bool = False


@dataclass(frozen=True)
class HeldOut:
    """An offer to this viewer, with the conversation as it stands in the queue."""

    offer_id: str
    conversation_id: str
    expires_at: datetime
    expires_in_s: float
    waiting: Place


@dataclass(frozen=True)
class Queue:
    """What a viewer sees of the queue."""

    waiting: tuple[Place, ...]
    offers: tuple[HeldOut, ...]
    online_agents: int


class Desk:
    """Commands and views. Every command is one transaction; rights are those of the viewer, checked inside it."""

    def __init__(
        self, db: Database, clock: Clock, bus: Bus, ownership: Ownership, reading: Reading, typing: Typing | None = None,
        settings: DeskSettings | None = None, media: MediaShelf | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._bus = bus
        self._reading = reading
        self._typing = typing
        self.files = files.Files(db, media, self._purpose)
        self._commands = Commands(ownership)
        self.settings = settings or DeskSettings()

    async def set_status(self, viewer: Viewer, status: AgentStatus) -> AgentState:
        """Comes to the desk, takes a break or leaves; what a leaving agent holds goes back to the queue."""
        now = self._clock.now()
        agent = await self._db.write(lambda connection: presence.set_status(connection, viewer, status, now))
        await self._moved()
        return agent

    async def heartbeat(self, viewer: Viewer) -> None:
        """A sign of life."""
        now = self._clock.now()
        await self._db.write(lambda connection: presence.heartbeat(connection, viewer, now))

    async def agent(self, agent_id: str) -> AgentState | None:
        """None for one who has never been at the desk."""
        return await self._db.read(lambda connection: presence.read_agent(connection, agent_id))

    async def queue(self, viewer: Viewer) -> Queue:
        """Who waits in the viewer's accounts, and what is offered to them."""
        return await self._db.read(lambda connection: self._queue(connection, viewer))

    async def conversations(self, viewer: Viewer, *, recent: bool) -> tuple[Summary, ...]:
        """The viewer's own conversations; or, `recent`, those they had lately (a supervisor: those that anyone has or had)."""
        return await self._db.read(lambda connection: self._conversations(connection, viewer, recent))

    async def open(self, viewer: Viewer, conversation_id: str, witness: Witness) -> Detail:
        """A conversation with its transcript. The trace is committed before any text is decrypted.

        Raises NoSuchConversation, NotAllowed.
        """

        def check_and_record(connection: Connection) -> None:
            standing = peek_standing(connection, viewer, conversation_id)
            purpose = self._purpose(connection, viewer, standing)
            witness(connection, "opened", account=standing.account, conversation_id=conversation_id, purpose=purpose)

        await self._db.write(check_and_record)
        return await self._db.read(
            lambda connection: self._reading.read_conversation(connection, conversation_id, self._clock.now())
        )

    async def accept(self, viewer: Viewer, conversation_id: str, epoch: int, witness: Witness) -> None:
        """Raises Taken, EpochMoved, NoFreeSlot, NoSuchConversation."""
        now = self._clock.now()

        def work(connection: Connection) -> None:
            standing = self._commands.accept(connection, viewer, conversation_id, epoch, now)
            witness(connection, "accepted", account=standing.account, conversation_id=conversation_id)

        await self._act(work, conversation_id)

    async def reply(
        self,
        viewer: Viewer,
        conversation_id: str,
        *,
        epoch: int,
        text: str,
        client_id: str,
        seen_position: int,
        witness: Witness,
        picture: bytes | None = None,
    ) -> Line:
        """Queues what the agent says, or a picture (one of `media_types.SENT`); the same client_id answers the same line.

        Raises EpochMoved, NotOwner, NewerMessage, NoSuchConversation, StorageFault.
        """
        now = self._clock.now()
        kept = None if picture is None else await self.files.keep(viewer, conversation_id, picture, now)

        def work(connection: Connection) -> Line:
            line = self._commands.reply(
                connection,
                viewer,
                conversation_id,
                epoch=epoch,
                text=text,
                client_id=client_id,
                seen_position=seen_position,
                now=now,
                picture=kept,
            )
            account = peek_standing(connection, viewer, conversation_id).account
            witness(connection, "replied", account=account, conversation_id=conversation_id)
            return line

        return await self._act(work, conversation_id)

    async def resolve(
        self, viewer: Viewer, conversation_id: str, epoch: int, note: str, learned: dict[str, Any], witness: Witness
    ) -> None:
        """Back to the bot. Raises EpochMoved, NotOwner, NoSuchConversation."""
        now = self._clock.now()

        def work(connection: Connection) -> None:
            standing = self._commands.resolve(
                connection, viewer, conversation_id, epoch=epoch, note=note, learned=learned, now=now
            )
            witness(connection, "resolved", account=standing.account, conversation_id=conversation_id)

        await self._act(work, conversation_id)

    async def release(self, viewer: Viewer, conversation_id: str, epoch: int, witness: Witness) -> None:
        """Back into the queue. Raises EpochMoved, NotOwner, NoSuchConversation."""
        now = self._clock.now()

        def work(connection: Connection) -> None:
            standing = self._commands.release(connection, viewer, conversation_id, epoch=epoch, now=now)
            witness(connection, "released", account=standing.account, conversation_id=conversation_id)

        await self._act(work, conversation_id)

    async def decline(self, viewer: Viewer, offer_id: str, witness: Witness) -> None:
        """Raises OfferOver."""
        now = self._clock.now()

        def work(connection: Connection) -> Offer:
            offer = self._commands.decline(connection, viewer, offer_id, now)
            witness(connection, "declined", account=offer.account, conversation_id=offer.conversation_id)
            return offer

        await self._act(work, None)

    async def purse(self, viewer: Viewer, conversation_id: str) -> PurseView | None:
        """How much may still be sent. Raises NoSuchConversation."""
        return await self._db.read(lambda connection: read_purse(connection, viewer, conversation_id, self._clock.now()))

    async def typing(self, viewer: Viewer, conversation_id: str) -> None:
        """Shows the subscriber that someone writes; nothing when it is not this agent who has them."""
        standing = await self._db.read(lambda connection: peek_standing(connection, viewer, conversation_id))
        if self._typing is not None and standing.owner == Owner.AGENT and standing.agent_id == viewer.agent_id:
            await self._typing(conversation_id)

    async def events(self, viewer: Viewer, after: int) -> list[DeskEvent]:
        """What happened since `after`, in the viewer's accounts."""
        return await self._db.read(
            lambda connection: events.read_events(connection, after, ("", *viewer.accounts), viewer.agent_id)
        )

    async def newest_event(self) -> int:
        """The number of the last event."""
        return await self._db.read(events.newest_event)

    async def counts(self) -> dict[str, int]:
        """For /metrics: agents by status, who waits, live offers and assignments."""
        return await self._db.read(_count)

    async def _act(self, work: Work[T], conversation_id: str | None) -> T:
        try:
            result = await self._db.write(work)
        except IntegrityError as error:
            # the unique index over live rows: another process was faster
            raise Taken from error
        if conversation_id is not None:
            await self._bus.publish("lane", {"conversation_id": conversation_id})
        await self._moved(conversation_id)
        return result

    async def _moved(self, conversation_id: str | None = None) -> None:
        await self._bus.publish(events.CHANNEL, {})
        await self._bus.publish(CHANNEL, {"kind": MOVED, "conversation_id": conversation_id})

    def _queue(self, connection: Connection, viewer: Viewer) -> Queue:
        now = self._clock.now()
        waiting = self._reading.read_waiting(connection, viewer.accounts, now)
        mine = {
            offer.conversation_id: offer
            for offer in offers.read_live(connection, viewer.agent_id)
            if offer.state == offers.OFFERED
        }
        marked = tuple(Place(**vars(one), offered_to_me=one.conversation_id in mine) for one in waiting)
        held_out = tuple(
            HeldOut(offer.offer_id, offer.conversation_id, offer.expires_at, self._left(offer), one)
            for one in marked
            if (offer := mine.get(one.conversation_id)) is not None
        )
        online = sum(
            agent.status is AgentStatus.ONLINE and not set(agent.accounts).isdisjoint(viewer.accounts)
            for agent in presence.read_agents(connection)
        )
        return Queue(marked, held_out, online)

    def _left(self, offer: Offer) -> float:
        left = (offer.expires_at - self._clock.now()).total_seconds()
        return round(min(max(left, 0.0), self.settings.offer_s), 1)

    def _conversations(self, connection: Connection, viewer: Viewer, recent: bool) -> tuple[Summary, ...]:
        now = self._clock.now()
        if not recent:
            return self._reading.read_summaries(connection, viewer.accounts, now, agent_id=viewer.agent_id)
        since = now - timedelta(seconds=self.settings.recent_s)
        whose = None if viewer.supervises else viewer.agent_id
        served = offers.recently_served(connection, viewer.accounts, whose, since)
        latest = self._reading.read_summaries(connection, viewer.accounts, now, limit=_LOOKED_THROUGH) if served else ()
        # what waits stands in the queue, what is mine among mine
        return tuple(
            one
            for one in latest
            if one.conversation_id in served and one.owner != Owner.WAITING and one.agent_id != viewer.agent_id
        )[:_SHOWN]

    def _purpose(self, connection: Connection, viewer: Viewer, standing: Standing) -> str:
        """Why this viewer may open it: serving, queue, recent or supervising. Raises NotAllowed."""
        if standing.owner == Owner.AGENT and standing.agent_id == viewer.agent_id:
            return "serving"
        if standing.owner == Owner.WAITING:
            return "queue"
        since = self._clock.now() - timedelta(seconds=self.settings.recent_s)
        if offers.has_held(connection, standing.conversation_id, viewer.agent_id, since):
            return "recent"
        if viewer.supervises:
            return "supervising"
        raise NotAllowed


def _count(connection: Connection) -> dict[str, int]:
    agents = presence.read_agents(connection)
    counts = {f"agents_{status.value}": sum(agent.status is status for agent in agents) for status in AgentStatus}
    live = offers.read_live(connection)
    counts["waiting"] = count_waiting(connection)
    counts["offers"] = sum(offer.state == offers.OFFERED for offer in live)
    counts["assignments"] = sum(offer.state == offers.ACCEPTED for offer in live)
    return counts
