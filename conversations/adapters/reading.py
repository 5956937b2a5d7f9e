"""What pages read: queue, lists, one conversation with its transcript. Field names are those of the staff API."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from conversations.adapters import tables as t
from conversations.adapters.arrivals import CONVERSATION_COLUMNS
from conversations.adapters.rowwise import Cipher, conversation_of
from conversations.adapters.sql_media import media_of_conversation
from conversations.adapters.sql_records import LITERAL_WAITING, SqlRecords
from conversations.adapters.views import HandoffView, PurseView, TurnView, handoff_view, purse_view, turn_view
from conversations.errors import NoSuchConversation
from conversations.media import REFERENCE, MediaView
from conversations.model import Author
from conversations.notices import Texts, load_texts
from conversations.rows import Conversation, Line
from conversations.wording import shown_line
from runtime.keys import Keyring

_TURNS = 50


@dataclass(frozen=True)
class Detail:
    """One conversation, whole."""

    conversation_id: str
    account: str
    subscriber: str
    owner: str
    epoch: int
    agent_id: str | None
    agent_name: str | None
    purse: PurseView | None
    handoff: HandoffView | None
    transcript: tuple[Line, ...]
    receipts: tuple[dict[str, Any], ...]
    turns: tuple[TurnView, ...]
    last_said: int
    scene: str


@dataclass(frozen=True)
class Waiting:
    """One who waits. `position` counts from 1 within the account; `waiting_s` goes on through a transfer."""

    handoff_id: str
    conversation_id: str
    account: str
    subscriber: str
    reason: str
    skill: str
    priority: int
    position: int
    waiting_s: float
    requested_at: datetime
    wish: str
    intent: str | None
    last_text: str
    epoch: int
    last_agent_id: str | None = None


@dataclass(frozen=True)
class Summary:
    """A conversation in a list."""

    conversation_id: str
    account: str
    subscriber: str
    owner: str
    epoch: int
    agent_id: str | None
    last_text: str
    last_at: datetime | None
    unread: int
    purse_left: int | None
    waiting_since: datetime | None


_QUEUE = (
    select(t.handoff, t.conversation.c.openid, t.conversation.c.last_words_masked, t.conversation.c.epoch.label("epoch_now"))
    .join(t.conversation, t.conversation.c.conversation_id == t.handoff.c.conversation_id)
    .where(t.handoff.c.status == LITERAL_WAITING, t.handoff.c.account.in_(bindparam("b_accounts", expanding=True)))
    .order_by(t.handoff.c.account, t.handoff.c.priority.desc(), t.handoff.c.requested_at, t.handoff.c.handoff_id)
)
_RECENT = (
    select(*CONVERSATION_COLUMNS)
    .where(t.conversation.c.account.in_(bindparam("b_accounts", expanding=True)))
    .order_by(t.conversation.c.last_at.desc())
    .limit(bindparam("b_limit"))
)
_MINE = _RECENT.where(t.conversation.c.owner == "agent", t.conversation.c.agent_id == bindparam("b_agent"))
_LAST_HANDOFF = (
    select(t.handoff)
    .where(t.handoff.c.conversation_id == bindparam("b_id"))
    .order_by(t.handoff.c.requested_at.desc(), t.handoff.c.handoff_id.desc())
    .limit(1)
)
_LAST_AGENTS = (
    select(t.handoff.c.conversation_id, t.handoff.c.agent_id)
    .where(t.handoff.c.conversation_id.in_(bindparam("b_ids", expanding=True)), t.handoff.c.status == "resolved")
    .order_by(t.handoff.c.ended_at)
)
_ONE = select(*CONVERSATION_COLUMNS).where(t.conversation.c.conversation_id == bindparam("b_id"))


@dataclass(frozen=True)
class Reading:
    """Reads over the caller's connection; locks nothing."""

    keyring: Keyring
    texts: Texts = field(default_factory=load_texts)

    def read_conversation(self, connection: Connection, conversation_id: str, now: datetime) -> Detail:
        """Raises NoSuchConversation."""
        row = connection.execute(_ONE, {"b_id": conversation_id}).first()
        if row is None:
            raise NoSuchConversation
        conversation, records = conversation_of(row), self._records(connection)
        turns = records.recent_turns(conversation_id, _TURNS)
        found = connection.execute(_LAST_HANDOFF, {"b_id": conversation_id}).first()
        handoff = None if found is None else Cipher(self.keyring).handoff_of(found)
        return Detail(
            conversation_id=conversation_id,
            account=conversation.address.account,
            subscriber=self.subscriber(conversation.address.openid),
            owner=str(conversation.owner),
            epoch=conversation.epoch,
            agent_id=conversation.agent_id,
            agent_name=conversation.agent_name,
            purse=purse_view(conversation.purse, now),
            handoff=None if handoff is None else handoff_view(handoff),
            transcript=self.read_transcript(connection, conversation_id),
            receipts=tuple({**receipt, "turn_id": turn.turn_id} for turn in turns for receipt in turn.receipts),
            turns=tuple(turn_view(turn) for turn in turns),
            last_said=conversation.last_said,
            scene=conversation.scene,
        )

    def read_transcript(self, connection: Connection, conversation_id: str, after: int = 0) -> tuple[Line, ...]:
        """The last 500 lines after a position, oldest first. What is no text is shown by its kind."""
        lines = self._records(connection).transcript(conversation_id, after=after)
        files = media_of_conversation(connection, conversation_id, after) if any(REFERENCE in line.extra for line in lines) else {}
        return tuple(self._shown(line, files.get(line.position)) for line in lines)

    def read_waiting(self, connection: Connection, accounts: Collection[str], now: datetime) -> tuple[Waiting, ...]:
        """The queue of these accounts: higher priority first, then the longest waiting."""
        rows = connection.execute(_QUEUE, {"b_accounts": list(accounts)}).all()
        last_agents = self._last_agents(connection, [row.conversation_id for row in rows])
        places: dict[str, int] = {}
        queue = []
        for row in rows:
            places[row.account] = places.get(row.account, 0) + 1
            queue.append(self._waiting(row, places[row.account], last_agents.get(row.conversation_id), now))
        return tuple(queue)

    def read_summaries(
        self, connection: Connection, accounts: Collection[str], now: datetime, *, agent_id: str | None = None, limit: int = 50
    ) -> tuple[Summary, ...]:
        """The latest conversations of these accounts, or those that an agent owns."""
        params: dict[str, Any] = {"b_accounts": list(accounts), "b_limit": limit}
        if agent_id is None:
            rows = connection.execute(_RECENT, params).all()
        else:
            rows = connection.execute(_MINE, params | {"b_agent": agent_id}).all()
        return tuple(self._summary(conversation_of(row), now) for row in rows)

    def subscriber(self, openid: str) -> str:
        """A name that tells visitors apart and says nothing about them, such as 访客 7F3A."""
        return self.texts.say("visitor", tag=self.keyring.lookup_hash(openid)[:4].upper())

    def _waiting(self, row: Row[Any], position: int, last_agent_id: str | None, now: datetime) -> Waiting:
        return Waiting(
            handoff_id=row.handoff_id,
            conversation_id=row.conversation_id,
            account=row.account,
            subscriber=self.subscriber(row.openid),
            reason=row.reason,
            skill=row.skill,
            priority=row.priority,
            position=position,
            waiting_s=max((now - row.requested_at).total_seconds(), 0.0),
            requested_at=row.requested_at,
            wish=row.wish_masked,
            intent=row.intent,
            last_text=row.last_words_masked,
            epoch=row.epoch_now,
            last_agent_id=last_agent_id,
        )

    def _last_agents(self, connection: Connection, conversation_ids: list[str]) -> dict[str, str]:
        if not conversation_ids:
            return {}
        rows = connection.execute(_LAST_AGENTS, {"b_ids": conversation_ids}).all()
        return {row.conversation_id: row.agent_id for row in rows if row.agent_id}

    def _summary(self, conversation: Conversation, now: datetime) -> Summary:
        left = purse_view(conversation.purse, now)
        return Summary(
            conversation_id=conversation.conversation_id,
            account=conversation.address.account,
            subscriber=self.subscriber(conversation.address.openid),
            owner=str(conversation.owner),
            epoch=conversation.epoch,
            agent_id=conversation.agent_id,
            last_text=conversation.last_text,
            last_at=conversation.last_at,
            unread=conversation.unread,
            purse_left=None if left is None else left.left,
            waiting_since=conversation.waiting_since,
        )

    def _shown(self, line: Line, file: Row[Any] | None = None) -> Line:
        media = None if file is None else MediaView(file.media_id, file.state, file.content_type, file.size)
        if line.author != Author.SUBSCRIBER:
            return replace(line, extra={}, media=media)
        # a one-time code, a number or an identity card is nothing an agent needs to see to help
        return shown_line(self.texts, line, media)

    def _records(self, connection: Connection) -> SqlRecords:
        return SqlRecords(connection, Cipher(self.keyring))
