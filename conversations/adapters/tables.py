"""The tables of conversations. Every table carries the account; texts lie encrypted, with a masked copy where one is shown.

`inbound` and `outbound` are queues: the partial indexes hold only what still has something to do, however long the history grows.
They begin with one column more than the whole ones, else SQLite prefers those and reads the history.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text, true

from runtime.database import Instant, metadata

_NEW = text("status = 'new'")
_OPEN = text("reply = 'open'")
_PENDING = text("status IN ('queued', 'held', 'sending')")
_LIVE = text("status IN ('waiting', 'assigned')")
_WAITING = text("status = 'waiting'")
_OWNED = text("owner <> 'bot'")

conversation = Table(
    "conversation",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("openid", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("owner", String(10), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("lane_token", BigInteger, nullable=False),
    Column("lease_until", Float, nullable=False),  # the monotonic clock's seconds; 0 is free
    Column("message_at", Instant),
    Column("message_used", Integer, nullable=False),
    Column("tap_at", Instant),
    Column("tap_used", Integer, nullable=False),
    Column("fill", BigInteger, nullable=False),
    Column("limited", Boolean, nullable=False, server_default=true()),
    Column("next_position", BigInteger, nullable=False),
    Column("agent_id", String(40)),
    Column("agent_name", String(100)),
    Column("deadline", Instant),
    Column("followed", Boolean, nullable=False),
    Column("last_text_masked", String(200), nullable=False),
    Column("last_at", Instant),
    Column("last_said", BigInteger, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("last_words_masked", String(200), nullable=False),
    Column("waiting_since", Instant),
    Column("scene", String(128), nullable=False, server_default=""),
    Column("state_enc", LargeBinary),  # what the bot remembers and will be told: JSON
    Column("state_version", Integer, nullable=False, server_default="1"),
    Index("uq_conversation_account_openid", "account", "openid", unique=True),
    Index("ix_conversation_owned", "deadline", sqlite_where=_OWNED, postgresql_where=_OWNED),
    Index(None, "account", "last_at"),
    Index(None, "agent_id", "owner", "last_at"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("inbound_id", String(40), primary_key=True),
    Column("conversation_id", String(40), ForeignKey("conversation.conversation_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("openid", String(128), nullable=False),
    Column("dedup_key", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(64), nullable=False),
    Column("body_enc", LargeBinary, nullable=False),  # text and extra: JSON
    Column("received_at", Instant, nullable=False),
    Column("accepted_mono", Float, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("status", String(10), nullable=False),
    Column("reply", String(10), nullable=False),
    Column("passive_enc", LargeBinary),
    Column("turn_id", String(40)),
    Column("deliveries", Integer, nullable=False, server_default="1"),
    Index("uq_inbound_account_openid_dedup_key", "account", "openid", "dedup_key", unique=True),
    Index("uq_inbound_conversation_id_position", "conversation_id", "position", unique=True),
    Index("ix_inbound_new", "conversation_id", "status", "position", sqlite_where=_NEW, postgresql_where=_NEW),
    Index("ix_inbound_open", "accepted_mono", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

outbound = Table(
    "outbound",
    metadata,
    Column("outbound_id", String(48), primary_key=True),
    Column("conversation_id", String(40), ForeignKey("conversation.conversation_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("author", String(12), nullable=False),
    Column("text_enc", LargeBinary, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("status", String(12), nullable=False),
    Column("inbound_id", String(40)),
    Column("turn_id", String(40)),
    Column("speaker", String(100)),
    Column("agent_id", String(40)),
    Column("client_id", String(80)),
    Column("reason", String(100)),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("sending_token", BigInteger),
    Column("charged_fill", BigInteger),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Index("uq_outbound_conversation_id_position", "conversation_id", "position", unique=True),
    Index("uq_outbound_conversation_id_client_id", "conversation_id", "client_id", unique=True),
    Index("ix_outbound_pending", "conversation_id", "status", sqlite_where=_PENDING, postgresql_where=_PENDING),
)

handoff = Table(
    "handoff",
    metadata,
    Column("handoff_id", String(40), primary_key=True),
    Column("conversation_id", String(40), ForeignKey("conversation.conversation_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("intent", String(64)),
    Column("skill", String(40), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wish_masked", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("packet_enc", LargeBinary, nullable=False),  # handoff.py: JSON
    Column("packet_version", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("agent_id", String(40)),
    Column("agent_name", String(100)),
    Column("accepted_at", Instant),
    Column("ended_at", Instant),
    Column("ticket", String(40)),
    Column("told_next", Boolean, nullable=False),
    Column("rating", String(12)),
    Column("rated_at", Instant),
    Column("desk", String(10), nullable=False, server_default="own"),  # own, or native: the channel's
    Index("uq_handoff_live", "conversation_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index("ix_handoff_waiting", "status", "account", "priority", "requested_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(None, "conversation_id", "requested_at"),
)

turn = Table(
    "turn",
    metadata,
    Column("turn_id", String(40), primary_key=True),
    Column("conversation_id", String(40), ForeignKey("conversation.conversation_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("inbound_id", String(40), nullable=False, unique=True),
    Column("text_masked", Text, nullable=False),
    Column("raw_enc", LargeBinary),  # text and understanding as they were: JSON, with a retention of its own
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("band", String(12)),
    Column("decision", String(12), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("owner", String(10), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("model", String(100), nullable=False),
    Column("receipts", JSON, nullable=False),
    Column("actions", JSON, nullable=False),
    Column("timings", JSON, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Index(None, "conversation_id", "started_at"),
    Index(None, "account", "ended_at"),
)
