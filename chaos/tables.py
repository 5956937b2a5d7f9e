"""Reads the tables of a deployment that has come to rest."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from chaos.evidence import (
    AgentRow,
    Call,
    ConversationRow,
    Delivery,
    Evidence,
    HandoffRow,
    HoldRow,
    InboundRow,
    OutboundRow,
    PhoneLine,
    TurnRow,
)
from chaos.logbook import Logbook
from conversations.adapters import tables as t
from desk.tables import desk_agent, desk_offer
from runtime.clock import SHANGHAI
from runtime.database import make_engine
from runtime.keys import Keyring, load_keyring


def read_evidence(database_url: str, data: Path, book: Logbook) -> Evidence:
    """Everything, in one transaction."""
    keyring = load_keyring(data / "keys.json")
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            return _read(connection, keyring, book)
    finally:
        engine.dispose()


def count_unrest(database_url: str) -> int:
    """Messages without a turn, replies undecided, bubbles on their way, subscribers who wait."""
    engine = make_engine(database_url)
    wanted = (
        (t.inbound, (t.inbound.c.status == "new") | (t.inbound.c.reply == "open")),
        (t.outbound, t.outbound.c.status.in_(("queued", "sending"))),
        (t.handoff, t.handoff.c.status == "waiting"),
    )
    try:
        with engine.connect() as connection:
            return sum(len(connection.execute(select(*table.primary_key).where(where)).all()) for table, where in wanted)
    finally:
        engine.dispose()


def _read(connection: Connection, keyring: Keyring, book: Logbook) -> Evidence:
    return Evidence(
        read_at=datetime.now(SHANGHAI),
        chats={openid: tuple(_line(openid, one) for one in lines) for openid, lines in book.chats.items()},
        purse_left={openid: int(purse["message"]["left"]) for openid, purse in book.purses.items()},
        deliveries=tuple(_delivery(one) for one in book.deliveries),
        calls=tuple(Call(one["path"], one["openid"], one["errcode"], one["fault"]) for one in book.calls),
        inbounds=tuple(_inbound(row, keyring) for row in _rows(connection, t.inbound)),
        turns=tuple(_turn(row) for row in _rows(connection, t.turn)),
        outbounds=tuple(_outbound(row, keyring) for row in _rows(connection, t.outbound)),
        conversations=tuple(_conversation(row) for row in _rows(connection, t.conversation)),
        handoffs=tuple(HandoffRow(row.conversation_id, row.status) for row in _rows(connection, t.handoff)),
        holds=tuple(
            HoldRow(row.conversation_id, row.agent_id, row.epoch, row.state, row.accepted_at, row.ended_at)
            for row in _rows(connection, desk_offer)
        ),
        agents=tuple(AgentRow(row.agent_id, row.status, row.slots_used) for row in _rows(connection, desk_agent)),
    )


def _rows(connection: Connection, table: Table) -> list[Any]:
    return list(connection.execute(select(table)))


def _line(openid: str, one: dict[str, Any]) -> PhoneLine:
    return PhoneLine(openid, one["n"], one["from"], one["kind"], one["text"], datetime.fromisoformat(one["at"]), one["msg_id"])


def _delivery(one: dict[str, Any]) -> Delivery:
    at = datetime.fromisoformat(one["at"])
    ended = at + timedelta(milliseconds=one["ms"])
    return Delivery(one["openid"], one["msg_id"], one["attempt"], at, ended, one["outcome"])


def _inbound(row: Any, keyring: Keyring) -> InboundRow:
    passive = None if row.passive_enc is None else keyring.decrypt(row.passive_enc)
    return InboundRow(
        row.inbound_id, row.conversation_id, row.openid, row.dedup_key, row.position, row.received_at, row.status, row.reply, passive
    )


def _turn(row: Any) -> TurnRow:
    without_bot = row.decision == "handoff" and not row.model
    return TurnRow(row.turn_id, row.inbound_id, row.conversation_id, row.outcome, without_bot)


def _outbound(row: Any, keyring: Keyring) -> OutboundRow:
    return OutboundRow(
        outbound_id=row.outbound_id, conversation_id=row.conversation_id, position=row.position, author=row.author, epoch=row.epoch,
        status=row.status, text=keyring.decrypt(row.text_enc), inbound_id=row.inbound_id, turn_id=row.turn_id, reason=row.reason,
        charged_fill=row.charged_fill, started_at=row.started_at, ended_at=row.ended_at,
    )  # fmt: skip


def _conversation(row: Any) -> ConversationRow:
    return ConversationRow(
        conversation_id=row.conversation_id, openid=row.openid, owner=row.owner, epoch=row.epoch, agent_id=row.agent_id,
        deadline=row.deadline, followed=row.followed, message_used=row.message_used, tapped=row.tap_at is not None, fill=row.fill,
        filled_at=row.message_at,
    )  # fmt: skip
