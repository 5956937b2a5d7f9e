"""Parts of what pages read, made of rows: the purse, the handoff packet, a turn in short."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations import purse
from conversations.rows import Handoff, Turn


@dataclass(frozen=True)
class PurseView:
    """Customer-service messages that may still be sent, and until when."""

    left: int
    of: int
    until: datetime | None


def purse_view(buckets: purse.Buckets, now: datetime) -> PurseView | None:
    """None where the channel has no such limit."""
    return PurseView(*purse.left(buckets, now)) if buckets.limited else None


@dataclass(frozen=True)
class HandoffView:
    """The handoff packet as a page shows it; times are aware."""

    handoff_id: str
    reason: str
    intent: str | None
    skill: str
    priority: int
    requested_at: datetime
    accepted_at: datetime | None
    wish: str
    proof_level: int
    ticket: str | None
    slots: dict[str, Any]
    actions: list[dict[str, Any]]
    version: int
    rating: str | None
    rated_at: datetime | None


@dataclass(frozen=True)
class TurnView:
    """One turn in short."""

    turn_id: str
    intent: str | None
    confidence: float | None
    decision: str
    outcome: str
    at: datetime


def handoff_view(row: Handoff) -> HandoffView:
    """Of its row."""
    return HandoffView(
        handoff_id=row.handoff_id,
        reason=row.reason,
        intent=row.intent,
        skill=row.skill,
        priority=row.priority,
        requested_at=row.requested_at,
        accepted_at=row.accepted_at,
        wish=row.wish,
        proof_level=int(row.packet.get("proof_level", 0)),
        ticket=row.ticket,
        slots=dict(row.packet.get("slots", {})),
        actions=list(row.packet.get("actions", [])),
        version=int(row.packet.get("version", 1)),
        rating=None if row.rating is None else str(row.rating),
        rated_at=row.rated_at,
    )


def turn_view(turn: Turn) -> TurnView:
    """Of its row."""
    return TurnView(
        turn_id=turn.turn_id,
        intent=turn.understanding.get("intent"),
        confidence=turn.understanding.get("confidence"),
        decision=turn.decision,
        outcome=str(turn.outcome),
        at=turn.ended_at,
    )
