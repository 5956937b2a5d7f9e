"""Rows for tests that need one without a story."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations.model import Address, Author, Owner
from conversations.records import Records
from conversations.rows import Conversation, Handoff, Inbound, Outbound, Outcome, Purpose, Turn
from runtime.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
WHO = Address("demo", "o-xiao")
OTHER = Address("demo", "o-lao")


def conversation(row_id: str = "c_1", **changes: Any) -> Conversation:
    return replace(Conversation(row_id, WHO, NOW), **changes)


def inbound(row_id: str = "i_1", **changes: Any) -> Inbound:
    return replace(Inbound(row_id, "c_1", WHO, row_id, "text", "", "查话费 17900000001", {"MediaId": "x"}, NOW, 1000.0, 1), **changes)


def outbound(row_id: str = "m_1", **changes: Any) -> Outbound:
    return replace(Outbound(row_id, "c_1", "demo", 2, Author.BOT, "余额 32.80 元", Purpose.REPLY, 0, NOW), **changes)


def handoff(row_id: str = "h_1", **changes: Any) -> Handoff:
    packet = {"version": 1, "slots": {}, "proof_level": 1}
    row = Handoff(row_id, "c_1", "demo", "asked", "request_human", "general", 0, "退订", 1, NOW, packet)
    return replace(row, **changes)


def turn(row_id: str = "t_1", **changes: Any) -> Turn:
    row = Turn(
        row_id, "c_1", "demo", "i_1", "查话费 17900000001", Outcome.ANSWERED, Owner.BOT, 0, NOW, NOW,
        {"intent": "query_balance", "confidence": 0.97, "decision": "accept"}, "answered",
        ({"source": "carrier.sql", "figures": {"available_fen": 3280}},), ({"name": "action_query_balance", "outcome": "ok"},),
        {"total_ms": 6.0}, "carrier-1",
    )  # fmt: skip
    return replace(row, **changes)


def put(records: Records, row: Inbound) -> bool:
    """Stores a message of a conversation that is there; whether it is new."""
    conversation = records.conversation(row.conversation_id)
    assert conversation is not None
    return row.inbound_id in records.add_arrivals([(row, conversation)])
