"""A desk over a database of its own: real conversations, a clock that moves when told, and people to put into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from conversations.adapters.ownership import Ownership
from conversations.adapters.reading import Reading
from conversations.adapters.rowwise import Cipher
from conversations.adapters.sql_records import SqlRecords
from conversations.fake_keeping import FakeFiles
from conversations.media_shelf import MediaShelf
from conversations.model import Address, HandoffRequest, Owner, Reason
from conversations.notices import load_texts
from conversations.ownership import Transitions
from conversations.purse import Buckets
from conversations.rows import Conversation, Inbound, Outcome, Progress, Turn
from conversations.settings import ConversationSettings
from desk.desk import Desk
from desk.model import AgentStatus, Viewer
from desk.router import Router
from desk.settings import DeskSettings
from runtime.bus import LocalBus
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.ids import new_id
from runtime.keys import Keyring
from tests.conversations.rows import put

KEYS = Keyring(b"k" * 32, b"l" * 32)
CIPHER = Cipher(KEYS)


@dataclass
class World:
    """Everything below the staff app. `url`: further processes may open the same database."""

    url: str
    clock: FakeClock
    bus: LocalBus
    db: Database
    settings: DeskSettings

    def __post_init__(self) -> None:
        self.conversation_settings = ConversationSettings()
        self.transitions = Transitions(load_texts(), self.conversation_settings)
        self.ownership = Ownership(KEYS, load_texts(), self.conversation_settings)
        self.reading = Reading(KEYS)
        self.typed: list[str] = []
        self.files = FakeFiles()
        self.desk = self.make_desk(self.db)
        self.router = self.make_router(self.db)

    def make_desk(self, db: Database) -> Desk:
        """Another process's desk, over its own connection."""
        return Desk(db, self.clock, self.bus, self.ownership, self.reading, self._typing, self.settings, MediaShelf(self.files, KEYS))

    def make_router(self, db: Database) -> Router:
        """Another process's router."""
        return Router(db, self.clock, self.bus, self.ownership, self.reading, self.settings)

    async def _typing(self, conversation_id: str) -> None:
        self.typed.append(conversation_id)

    async def online(self, name: str, *, accounts: Sequence[str] = ("demo",), slots: int = 2, skills: Sequence[str] = ()) -> Viewer:
        """An agent who is online."""
        viewer = Viewer(f"m_{name}", name, tuple(accounts), tuple(skills), slots)
        await self.desk.set_status(viewer, AgentStatus.ONLINE)
        return viewer

    async def ask_for_person(
        self, openid: str, *, account: str = "demo", text: str = "我要找人工", skill: str = "general", priority: int = 0
    ) -> str:
        """A subscriber who writes once and is handed over; answers the conversation."""
        now = self.clock.now()
        return await self.db.write(lambda connection: self._hand_over(connection, Address(account, openid), text, skill, priority, now))

    async def say(self, conversation_id: str, text: str) -> int:
        """The subscriber writes again; answers the position of the line."""
        now = self.clock.now()

        def work(connection: Connection) -> int:
            records = SqlRecords(connection, CIPHER)
            row = records.conversation(conversation_id)
            assert row is not None
            row, position = self._write_line(records, row, text, now)
            records.save_conversation(row)
            return position

        return await self.db.write(work)

    async def row(self, conversation_id: str) -> Conversation:
        """The conversation as it stands."""
        found = await self.db.read(lambda connection: SqlRecords(connection, CIPHER).conversation(conversation_id))
        assert found is not None
        return found

    async def leave_queue(self, conversation_id: str) -> None:
        """The subscriber does not want to wait any longer."""
        row = await self.row(conversation_id)
        now = self.clock.now()
        await self.db.write(
            lambda connection: self.ownership.leave_queue(connection, conversation_id, expected_epoch=row.epoch, now=now)
        )

    def _hand_over(self, connection: Connection, address: Address, text: str, skill: str, priority: int, now: datetime) -> str:
        records = SqlRecords(connection, CIPHER)
        # one that is there stays
        records.add_conversations([Conversation(new_id("c"), address, now, purse=Buckets(message_at=now))])
        row = records.conversations_at([address])[address]
        assert row.owner == Owner.BOT
        row, position = self._write_line(records, row, text, now)
        inbound = records.next_inbound(row.conversation_id)
        assert inbound is not None
        assert inbound.position == position
        turn = Turn(
            new_id("t"), row.conversation_id, address.account, inbound.inbound_id, text, Outcome.QUEUED, Owner.BOT, row.epoch, now, now,
            {"intent": "request_human", "confidence": 0.98, "decision": "accept"}, "handoff",
            receipts=({"source": "carrier.sql", "query": "balance"},), actions=({"name": "action_query_bill", "outcome": "failed"},),
        )  # fmt: skip
        records.save_inbound(replace(inbound, status=Progress.DONE, turn_id=turn.turn_id))
        request = HandoffRequest(Reason.ASKED, "request_human", skill=skill, priority=priority, slots={"period": "2026-10"})
        self.transitions.hand_over(records, row, request, turn, (), now)
        records.add_turn(turn)
        return row.conversation_id

    def _write_line(self, records: SqlRecords, row: Conversation, text: str, now: datetime) -> tuple[Conversation, int]:
        position = row.next_position
        mono = self.clock.monotonic()
        put(records, Inbound(new_id("i"), row.conversation_id, row.address, new_id("d"), "text", "", text, {}, now, mono, position))
        row = replace(row, next_position=position + 1, unread=row.unread + 1)
        row = replace(row, last_said=position, last_text=text, last_words=text, last_at=now)
        return row, position
