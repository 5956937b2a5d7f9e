"""Members of staff, their sessions and tokens, and what they did. Tokens and session keys are kept as hashes only."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from runtime.database import Instant, metadata

ROLES = ("agent", "supervisor", "trainer")

staff_member = Table(
    "staff_member",
    metadata,
    Column("member_id", String(40), primary_key=True),
    # lower case: two people must not differ by a capital
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(12), nullable=False),
    Column("accounts", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("slots_max", Integer, nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("member_id", String(40), ForeignKey(staff_member.c.member_id), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

staff_token = Table(
    "staff_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", String(40), ForeignKey(staff_member.c.member_id), nullable=False, index=True),
    Column("label", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

staff_audit = Table(
    "staff_audit",
    metadata,
    Column("audit_id", String(40), primary_key=True),
    # null: nobody was signed in (a failed sign-in)
    Column("member_id", String(40)),
    Column("action", String(40), nullable=False),
    Column("purpose", String(40), nullable=False, server_default=""),
    Column("account", String(64)),
    Column("conversation_id", String(64)),
    Column("address", String(64), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    # the same person opening the same conversation for the same purpose again within minutes is one row, counted
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Index(None, "conversation_id", "at"),
    Index(None, "member_id", "at"),
)
