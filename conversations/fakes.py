"""Stand-ins of the ports, for tests of this part and of those above it: a store in memory, a bot and a channel that obey."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from conversations.errors import BrainDown
from conversations.fake_keeping import FakeKeeping, Kept
from conversations.model import Address, Author, BotAnswer, BotRequest, OutgoingText, Owner, Refused, Sent, Status, Unknown
from conversations.records import Records, Survey
from conversations.rows import (
    LIVE_HANDOFFS,
    Conversation,
    Handoff,
    HandoffStatus,
    Inbound,
    Line,
    Memory,
    Outbound,
    Progress,
    Reply,
    Turn,
)
from conversations.triggers import KEYS_THAT_SPEAK
from runtime.errors import StorageFault

T = TypeVar("T")
_PENDING = (Status.QUEUED, Status.HELD, Status.SENDING)


@dataclass
class Tables(Kept):
    """The rows by name."""

    conversations: dict[str, Conversation] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """For taking a transaction back."""
        return Tables(**{name: dict(rows) for name, rows in vars(self).items()})


class FakeRecords(FakeKeeping):
    """`Records` and `Survey` over rows in memory."""

    _t: Tables

    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def conversation(self, conversation_id: str) -> Conversation | None:
        return self._t.conversations.get(conversation_id)

    def conversation_at(self, address: Address) -> Conversation | None:
        return next((row for row in self._t.conversations.values() if row.address == address), None)

    def add_conversation(self, row: Conversation) -> Conversation:
        found = self.conversation_at(row.address)
        if found is None:
            self._t.conversations[row.conversation_id] = row
        return found or row

    def free_lanes(self) -> int:
        held = {name: row for name, row in self._t.conversations.items() if row.lease_until}
        self._t.conversations |= {name: replace(row, lease_until=0.0) for name, row in held.items()}
        return len(held)

    def save_conversation(self, row: Conversation) -> None:
        self._t.conversations[row.conversation_id] = row

    def memory(self, conversation_id: str) -> Memory:
        return self._t.memories.get(conversation_id, Memory())

    def save_memory(self, conversation_id: str, memory: Memory) -> None:
        self._t.memories[conversation_id] = memory

    def add_inbound(self, row: Inbound) -> bool:
        if self.inbound_by_key(row.address, row.dedup_key) is not None:
            return False
        self._t.inbound[row.inbound_id] = row
        return True

    def inbound(self, inbound_id: str) -> Inbound | None:
        return self._t.inbound.get(inbound_id)

    def inbound_by_key(self, address: Address, dedup_key: str) -> Inbound | None:
        return next((row for row in self._t.inbound.values() if row.address == address and row.dedup_key == dedup_key), None)

    def next_inbound(self, conversation_id: str) -> Inbound | None:
        rows = [row for row in self._t.inbound.values() if row.conversation_id == conversation_id and row.status == Progress.NEW]
        return min(rows, key=lambda row: row.position, default=None)

    def save_inbound(self, row: Inbound) -> None:
        self._t.inbound[row.inbound_id] = row

    def add_outbound(self, rows: Sequence[Outbound]) -> None:
        for row in rows:
            taken = row.client_id is not None and self.outbound_by_client(row.conversation_id, row.client_id) is not None
            if taken or row.outbound_id in self._t.outbound:
                raise StorageFault("not unique")
            self._t.outbound[row.outbound_id] = row

    def pending(self, conversation_id: str) -> list[Outbound]:
        rows = [row for row in self._t.outbound.values() if row.conversation_id == conversation_id and row.status in _PENDING]
        return sorted(rows, key=lambda row: row.position)

    def outbound(self, outbound_id: str) -> Outbound | None:
        return self._t.outbound.get(outbound_id)

    def outbound_by_client(self, conversation_id: str, client_id: str) -> Outbound | None:
        rows = self._t.outbound.values()
        return next((row for row in rows if row.conversation_id == conversation_id and row.client_id == client_id), None)

    def save_outbound(self, row: Outbound) -> None:
        self._t.outbound[row.outbound_id] = row

    def save_wording(self, row: Outbound) -> None:
        self._t.outbound[row.outbound_id] = replace(self._t.outbound[row.outbound_id], text=row.text, reference=row.reference)

    def outbound_at(self, conversation_id: str, position: int) -> Outbound | None:
        rows = self._t.outbound.values()
        return next((row for row in rows if row.conversation_id == conversation_id and row.position == position), None)

    def add_turn(self, turn: Turn) -> None:
        if turn.turn_id in self._t.turns or any(one.inbound_id == turn.inbound_id for one in self._t.turns.values()):
            raise StorageFault("the message has had its turn")
        self._t.turns[turn.turn_id] = turn

    def recent_turns(self, conversation_id: str, limit: int) -> list[Turn]:
        rows = [row for row in self._t.turns.values() if row.conversation_id == conversation_id]
        return sorted(rows, key=lambda row: (row.started_at, row.turn_id))[-limit:]

    def live_handoff(self, conversation_id: str) -> Handoff | None:
        rows = self._t.handoffs.values()
        return next((row for row in rows if row.conversation_id == conversation_id and row.status in LIVE_HANDOFFS), None)

    def handoff(self, handoff_id: str) -> Handoff | None:
        return self._t.handoffs.get(handoff_id)

    def add_handoff(self, row: Handoff) -> None:
        if self.live_handoff(row.conversation_id) is not None:
            raise StorageFault("the conversation has a live handoff")
        self._t.handoffs[row.handoff_id] = row

    def save_handoff(self, row: Handoff) -> None:
        self._t.handoffs[row.handoff_id] = replace(row, packet=self._t.handoffs[row.handoff_id].packet)

    def ahead(self, row: Handoff) -> int:
        return sum(_place(one) < _place(row) for one in self._queue(row.account) if one.handoff_id != row.handoff_id)

    def transcript(self, conversation_id: str, *, after: int = 0, limit: int = 500) -> list[Line]:
        lines = [
            Line(
                row.position, Author.SUBSCRIBER, row.text, row.received_at, "received", turn_id=row.turn_id, kind=row.kind, extra=row.extra
            )
            for row in self._t.inbound.values()
            if row.conversation_id == conversation_id and (row.kind != "event" or row.name in KEYS_THAT_SPEAK)
        ] + [
            Line(row.position, row.author, row.text, row.created_at, str(row.status), row.speaker, row.reason, row.turn_id, row.client_id)
            for row in self._t.outbound.values()
            if row.conversation_id == conversation_id
        ]
        return sorted((line for line in lines if line.position > after), key=lambda line: line.position)[-limit:]

    def left_behind(self, mono: float, longest_s: float, behind_s: float, limit: int) -> list[str]:
        new = [row for row in self._t.inbound.values() if row.status == Progress.NEW]
        working = {row.conversation_id for row in new if row.accepted_mono <= mono - behind_s or row.accepted_mono > mono}
        working |= {row.conversation_id for row in self._t.outbound.values() if row.status in (Status.QUEUED, Status.SENDING)}
        return [name for name in sorted(working) if not 0 < self._t.conversations[name].lease_until - mono <= longest_s + 1][:limit]

    def open_since(self, mono: float, hold_s: float, limit: int) -> list[str]:
        return [
            row.inbound_id
            for row in self._t.inbound.values()
            if row.reply == Reply.OPEN and (row.accepted_mono <= mono - hold_s or row.accepted_mono > mono)
        ][:limit]

    def overdue(self, now: datetime, limit: int) -> list[str]:
        rows = self._t.conversations.values()
        return [row.conversation_id for row in rows if row.owner != Owner.BOT and row.deadline and row.deadline <= now][:limit]

    def next_in_line(self, limit: int) -> list[str]:
        waiting = [row for row in self._t.handoffs.values() if row.status == HandoffStatus.WAITING and not row.told_next]
        return [row.conversation_id for row in waiting if self.ahead(row) == 0][:limit]

    def crooked(self, limit: int) -> list[str]:
        return [row.conversation_id for row in self._t.conversations.values() if not self._straight(row)][:limit]

    def _straight(self, row: Conversation) -> bool:
        handoff = self.live_handoff(row.conversation_id)
        if row.owner == Owner.BOT or handoff is None:
            return row.owner == Owner.BOT and handoff is None
        if row.owner == Owner.WAITING:
            return handoff.status == HandoffStatus.WAITING and row.deadline is not None
        return handoff.status == HandoffStatus.ASSIGNED and row.deadline is not None and row.agent_id is not None

    def _queue(self, account: str) -> list[Handoff]:
        return [row for row in self._t.handoffs.values() if row.account == account and row.status == HandoffStatus.WAITING]


def _place(row: Handoff) -> tuple[int, datetime, str]:
    return (-row.priority, row.requested_at, row.handoff_id)


class FakeStore:
    """`Store` in memory: one transaction after the other, taken back when it raises."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.writes = 0
        self.writer = ""
        self.on_commit: Callable[[Tables, Tables, str], None] = lambda before, after, writer: None

    async def write(self, work: Callable[[Records], T]) -> T:
        await asyncio.sleep(0)
        self.writes += 1
        before = self.tables.copy()
        try:
            result = work(FakeRecords(self.tables))
        except BaseException:
            self.tables = before
            raise
        self.on_commit(before, self.tables, self.writer)
        self.writer = ""
        await asyncio.sleep(0)
        return result

    async def survey(self, look: Callable[[Survey], T]) -> T:
        await asyncio.sleep(0)
        return look(FakeRecords(self.tables))


@dataclass
class FakeBrain:
    """Answers as `script` says, by the message's text, else repeats the text; `gate` makes it wait; a BaseException is raised."""

    script: dict[str, BotAnswer | BaseException] = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()
    requests: list[BotRequest] = field(default_factory=list)
    gate: asyncio.Event | None = None
    down: bool = False

    async def answer(self, request: BotRequest) -> BotAnswer:
        self.requests.append(request)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise BrainDown("switched off")
        found = self.script.get(request.text)
        if isinstance(found, BaseException):
            raise found
        return found or bot_says(f"echo: {request.text}", turns=int((request.state or {}).get("turns", 0)) + 1)

    async def understand(self, industry: str, text: str) -> dict[str, Any]:
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise BrainDown("switched off")
        intent = "leave_queue" if text in self.leaving else "out_of_scope"
        return {"text": text, "intent": intent, "confidence": 0.9, "decision": "accept" if text in self.leaving else "reject"}


def bot_says(*texts: str, decision: str = "answered", **state: Any) -> BotAnswer:
    """A plain answer."""
    understanding = {"intent": "echo", "confidence": 1.0, "decision": "accept"}
    return BotAnswer(replies=texts, understanding=understanding, decision=decision, state=state)


@dataclass
class FakeChannel:
    """Takes every message, or what `results` says next for it; `gate` makes it wait."""

    passive_bytes: int = 2048
    can_push: bool = True
    results: list[Sent | Refused | Unknown] = field(default_factory=list)
    sent: dict[Address, list[OutgoingText]] = field(default_factory=lambda: defaultdict(list))
    typed: list[Address] = field(default_factory=list)
    gate: asyncio.Event | None = None
    attempts: list[tuple[str, Sent | Refused | Unknown | None]] = field(default_factory=list)
    """Every request by outbound_id with what came of it; None while none has come."""

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        self.attempts.append((message.outbound_id, None))
        number = len(self.attempts) - 1
        if self.gate is not None:
            await self.gate.wait()
        result = self.results.pop(0) if self.results else Sent()
        self.attempts[number] = (message.outbound_id, result)
        if isinstance(result, Sent):
            self.sent[to].append(message)
        return result

    async def typing(self, to: Address) -> None:
        self.typed.append(to)

    def texts(self, to: Address) -> list[str]:
        """What arrived there as messages of their own."""
        return [message.text for message in self.sent[to]]
