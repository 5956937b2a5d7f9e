"""The desk's tables.

What an agent can hold is counted in `desk_agent.slots_used`, and what holds a slot is a live row of `desk_offer`: both change in
one transaction, and the unique index over live rows is what makes two agents on one conversation impossible.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    text,
)

from runtime.database import Instant, metadata

LIVE = ("offered", "accepted")
# in queries too, word for word: only so does SQLite use the partial index
LIVE_ROWS = text("state IN ('offered', 'accepted')")

desk_agent = Table(
    "desk_agent",
    metadata,
    Column("agent_id", String(40), primary_key=True),
    Column("accounts", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    # raised by every heartbeat: the leader judges the lease by its own monotonic clock, since two machines share none
    Column("beat", BigInteger, nullable=False, server_default="0"),
    Column("last_seen", Instant, nullable=False),
    Column("slots_used", Integer, nullable=False, server_default="0"),
    Column("slots_max", Integer, nullable=False),
    Column("misses", Integer, nullable=False, server_default="0"),
    CheckConstraint("slots_used >= 0", name="slots_not_negative"),
    Index(None, "status"),
)

desk_offer = Table(
    "desk_offer",
    metadata,
    Column("offer_id", String(40), primary_key=True),
    Column("conversation_id", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("agent_id", String(40), nullable=False),
    # the epoch the conversation had when it was offered, then the one the agent owns it under
    Column("epoch", BigInteger, nullable=False),
    # offered → accepted → ended; offered → declined | expired | withdrawn
    Column("state", String(10), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("ended_at", Instant),
    Index("uq_desk_offer_live", "conversation_id", unique=True, sqlite_where=LIVE_ROWS, postgresql_where=LIVE_ROWS),
    Index(None, "agent_id", "state"),
    Index(None, "conversation_id", "ended_at"),
    Index(None, "account", "made_at"),
)

desk_router_lease = Table(
    "desk_router_lease",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("holder", String(40), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

desk_log = Table(
    "desk_log",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

desk_event = Table(
    "desk_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # empty: of no account, every agent sees it
    Column("account", String(64), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("conversation_id", String(64)),
    Column("agent_id", String(40)),
    Column("at", Instant, nullable=False),
    Index(None, "account", "seq"),
)
