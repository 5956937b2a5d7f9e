"""Files that came with messages, and consents. The partial index holds only what still has something to do."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from runtime.database import Instant, metadata

_TO_DO = text("state IN ('wanted', 'erasing')")

media = Table(
    "media",
    metadata,
    Column("media_id", String(40), primary_key=True),
    Column("conversation_id", String(40), ForeignKey("conversation.conversation_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("inbound_id", String(40), nullable=False, unique=True),
    Column("position", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reference_enc", LargeBinary, nullable=False),  # the channel's name of the file: whoever has it and a token has the file
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("content_type", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("lease_until", Float, nullable=False),  # the monotonic clock's seconds; 0 is free
    Column("lease_token", BigInteger, nullable=False),
    Column("reason", String(60), nullable=False),
    Index("ix_media_to_do", "retry_at", sqlite_where=_TO_DO, postgresql_where=_TO_DO),
    Index(None, "conversation_id", "position"),
    Index(None, "created_at"),
)

consent = Table(
    "consent",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    Column("topic", String(128), primary_key=True),
    Column("standing", String(12), nullable=False),
    Column("left", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
