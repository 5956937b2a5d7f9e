"""The rows in memory, as the fake store keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from conversations.fake_keeping import FakeKeeping, Kept
from conversations.media import REFERENCE, picture_of
from conversations.model import Address, Author, Owner, Status
from conversations.rows import (
    ARRIVAL,
    LIVE_HANDOFFS,
    STOPPED,
    Conversation,
    DeskKind,
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

    def conversations_at(self, addresses: Sequence[Address]) -> dict[Address, Conversation]:
        return {row.address: row for row in self._t.conversations.values() if row.address in addresses}

    def add_conversations(self, rows: Sequence[Conversation]) -> None:
        for row in rows:
            if not self.conversations_at((row.address,)):
                self._t.conversations[row.conversation_id] = row

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

    def add_arrivals(self, rows: Sequence[tuple[Inbound, Conversation]]) -> set[str]:
        added: set[str] = set()
        for row, changed in rows:
            if self.inbound_by_key(row.address, row.dedup_key) is None:
                self._t.inbound[row.inbound_id] = row
                kept = self._t.conversations[row.conversation_id]
                self._t.conversations[row.conversation_id] = replace(kept, **{name: getattr(changed, name) for name in ARRIVAL})
                added.add(row.inbound_id)
        return added

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

    def last_handoff(self, conversation_id: str) -> Handoff | None:
        rows = [row for row in self._t.handoffs.values() if row.conversation_id == conversation_id]
        return max(rows, key=lambda row: (row.requested_at, row.handoff_id), default=None)

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
            self._answered(row)
            for row in self._t.outbound.values()
            if row.conversation_id == conversation_id
        ]
        return sorted((line for line in lines if line.position > after), key=lambda line: line.position)[-limit:]

    @staticmethod
    def _answered(row: Outbound) -> Line:
        media_id = picture_of(row.reference)
        kind, extra = ("image", {REFERENCE: media_id}) if media_id else ("text", {})
        return Line(
            row.position, row.author, row.text, row.created_at, str(row.status), row.speaker, row.reason, row.turn_id, row.client_id, kind,
            extra,
        )  # fmt: skip

    def left_behind(self, mono: float, longest_s: float, behind_s: float, limit: int) -> list[str]:
        new = [row for row in self._t.inbound.values() if row.status == Progress.NEW]
        working = {row.conversation_id for row in new if row.accepted_mono <= mono - behind_s or row.accepted_mono > mono + behind_s}
        working |= {row.conversation_id for row in self._t.outbound.values() if row.status in (Status.QUEUED, Status.SENDING)}
        return [name for name in sorted(working) if not 0 < self._t.conversations[name].lease_until - mono <= longest_s + 1][:limit]

    def stopped(self, account: str, limit: int) -> list[tuple[str, Address]]:
        rows = [row for row in self._t.outbound.values() if row.account == account and row.status == Status.HELD]
        first: dict[str, datetime] = {}
        for row in rows:
            if (row.reason or "").startswith(STOPPED):
                first[row.conversation_id] = min(row.created_at, first.get(row.conversation_id, row.created_at))
        longest = sorted(first, key=lambda name: (first[name], name))[:limit]
        return [(name, self._t.conversations[name].address) for name in longest]

    def open_since(self, mono: float, hold_s: float, limit: int) -> list[str]:
        return [
            row.inbound_id
            for row in self._t.inbound.values()
            if row.reply == Reply.OPEN and (row.accepted_mono <= mono - hold_s or row.accepted_mono > mono + hold_s)
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
        if handoff.status != HandoffStatus.ASSIGNED or row.deadline is None:
            return False
        if row.owner == Owner.NATIVE:
            return handoff.desk == DeskKind.NATIVE
        return handoff.desk == DeskKind.OWN and row.agent_id is not None

    def _queue(self, account: str) -> list[Handoff]:
        return [row for row in self._t.handoffs.values() if row.account == account and row.status == HandoffStatus.WAITING]


def _place(row: Handoff) -> tuple[int, datetime, str]:
    return (-row.priority, row.requested_at, row.handoff_id)
