"""Identity's tables. No phone number stands in them, only keyed hashes and masks."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, String, Table, UniqueConstraint, text

from runtime.database import Instant, metadata

_LIVE = text("unbound_at IS NULL")
_LIVE_DEFAULT = text("unbound_at IS NULL AND is_default")

binding = Table(
    "identity_binding",
    metadata,
    Column("binding_id", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("openid", String(128), nullable=False),
    Column("line_id", String(64), nullable=False),
    Column("customer_id", String(64), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("verified_by", String(16), nullable=False),
    Column("fresh_until", Instant),
    Column("bound_at", Instant, nullable=False),
    Column("unbound_at", Instant),
    Column("unbind_reason", String(128)),
    CheckConstraint("verified_by IN ('sms_otp','service_pwd','agent','loaded')", name="verified_by"),
)
Index(
    "ix_identity_binding_live",
    binding.c.account,
    binding.c.openid,
    binding.c.line_id,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
Index(
    "ix_identity_binding_default",
    binding.c.account,
    binding.c.openid,
    unique=True,
    sqlite_where=_LIVE_DEFAULT,
    postgresql_where=_LIVE_DEFAULT,
)
Index("ix_identity_binding_line", binding.c.account, binding.c.line_id)

code = Table(
    "identity_code",
    metadata,
    Column("challenge_id", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("openid", String(128), nullable=False),
    Column("number_hmac", String(64), nullable=False),
    Column("masked", String(16), nullable=False),
    Column("request_key", String(128), nullable=False),
    Column("code_hmac", String(64), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("consumed_at", Instant),
    UniqueConstraint("account", "openid", "request_key"),
    CheckConstraint("state IN ('stored','sent','void','doubtful','unserved')", name="state"),
)
Index("ix_identity_code_number", code.c.account, code.c.number_hmac, code.c.created_at)
Index("ix_identity_code_openid", code.c.account, code.c.openid, code.c.created_at)

code_try = Table(
    "identity_code_try",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    Column("request_key", String(128), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("line_id", String(64)),
    Column("at", Instant, nullable=False),
)

consent = Table(
    "identity_consent",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    Column("at", Instant, nullable=False),
)

audit = Table(
    "identity_audit",
    metadata,
    Column("audit_id", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("openid", String(128), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("line_id", String(64)),
    Column("purpose", String(128), nullable=False),
    Column("level", Integer, nullable=False),
    Column("turn_id", String(128), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_identity_audit_openid", audit.c.account, audit.c.openid, audit.c.at)
