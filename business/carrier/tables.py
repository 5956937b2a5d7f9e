"""The carrier's tables: after the 25 of a carrier's back office, those that today's questions need.

Every key starts with the WeChat account, so that two accounts may know the same id and never meet. `billing_account` is what the
back office calls an account. Money is fen, data bytes, voice seconds. A month is "YYYY-MM". A bucket's total of NULL is unlimited.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from runtime.database import Instant, metadata


def _key(name: str) -> tuple[Column[str], Column[str]]:
    return Column("account", String(64), primary_key=True), Column(name, String(64), primary_key=True)


def _reference(name: str, table: str, column: str | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account", name], [f"carrier_{table}.account", f"carrier_{table}.{column or name}"])


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ",".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


customer = Table(
    "carrier_customer",
    metadata,
    *_key("customer_id"),
    Column("name_enc", LargeBinary, nullable=False),
    Column("name_masked", String(64), nullable=False),
    Column("birth_year", Integer),
    Column("realname_status", String(16), nullable=False),
    Column("star_level", Integer),
    Column("province_code", String(8), nullable=False),
    Column("created_at", Instant, nullable=False),
    _one_of("realname_status", "verified", "pending", "expired", "rejected"),
    CheckConstraint("star_level BETWEEN 0 AND 7", name="star_level"),
)

billing_account = Table(
    "carrier_billing_account",
    metadata,
    *_key("billing_account_id"),
    Column("customer_id", String(64), nullable=False),
    Column("pay_mode", String(16), nullable=False),
    Column("bill_cycle_day", Integer, nullable=False),
    Column("credit_limit_fen", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    _reference("customer_id", "customer"),
    _one_of("pay_mode", "prepaid", "postpaid", "hybrid"),
    _one_of("status", "active", "arrears", "closed"),
)

plan = Table(
    "carrier_plan",
    metadata,
    *_key("plan_id"),
    Column("name", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("monthly_fee_fen", BigInteger, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("auto_renew", Boolean, nullable=False),
    Column("overage_rule", String(16), nullable=False),
    Column("overage_price_fen", BigInteger),
    Column("overage_unit_bytes", BigInteger),
    Column("throttle_bps", BigInteger),
    _one_of("kind", "main", "addon", "family", "broadband", "roaming", "retain"),
    _one_of("overage_rule", "per_mb", "per_gb_pack", "throttle", "block"),
)

plan_allowance = Table(
    "carrier_plan_allowance",
    metadata,
    *_key("plan_id"),
    Column("usage_type", String(8), primary_key=True),
    Column("scope", String(16), primary_key=True),
    Column("quantity", BigInteger),
    Column("carry_over_months", Integer, nullable=False),
    _reference("plan_id", "plan"),
    _one_of("usage_type", "data", "voice", "sms"),
    _one_of("scope", "general", "local", "directed", "idle", "roaming"),
)

line = Table(
    "carrier_line",
    metadata,
    *_key("line_id"),
    Column("billing_account_id", String(64), nullable=False),
    Column("msisdn_enc", LargeBinary, nullable=False),
    Column("msisdn_hmac", String(64), nullable=False),
    Column("msisdn_masked", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("parent_line_id", String(64)),
    Column("status", String(32), nullable=False),
    Column("status_since", Instant, nullable=False),
    Column("activated_at", Instant, nullable=False),
    UniqueConstraint("account", "msisdn_hmac"),
    _reference("billing_account_id", "billing_account"),
    _one_of("role", "primary", "secondary", "broadband"),
    _one_of(
        "status",
        "active",
        "suspended_user",
        "suspended_arrears_oneway",
        "suspended_arrears",
        "lost",
        "retained",
        "ported_out",
        "closed",
    ),
)

subscription = Table(
    "carrier_subscription",
    metadata,
    *_key("subscription_id"),
    Column("line_id", String(64), nullable=False),
    Column("plan_id", String(64), nullable=False),
    Column("effective_from", Instant, nullable=False),
    Column("effective_to", Instant),
    Column("contract_until", Instant),
    Column("state", String(16), nullable=False),
    Column("ordered_via", String(32), nullable=False),
    _reference("line_id", "line"),
    _reference("plan_id", "plan"),
    _one_of("state", "pending", "active", "cancelling", "ended"),
)

balance = Table(
    "carrier_balance",
    metadata,
    *_key("balance_id"),
    Column("billing_account_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(128), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("frozen_fen", BigInteger, nullable=False),
    Column("expires_at", Instant),
    Column("as_of", Instant, nullable=False),
    _reference("billing_account_id", "billing_account"),
    _one_of("kind", "cash", "gift", "earmarked"),
    CheckConstraint("frozen_fen >= 0", name="frozen"),
)
Index("ix_carrier_balance_of", balance.c.account, balance.c.billing_account_id)

bill = Table(
    "carrier_bill",
    metadata,
    *_key("bill_id"),
    Column("billing_account_id", String(64), nullable=False),
    Column("bill_month", String(7), nullable=False),
    Column("period_start", Instant, nullable=False),
    Column("period_end", Instant, nullable=False),
    Column("issued_at", Instant),
    Column("total_fen", BigInteger, nullable=False),
    Column("tax_fen", BigInteger, nullable=False),
    Column("discount_fen", BigInteger, nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("as_of", Instant, nullable=False),
    UniqueConstraint("account", "billing_account_id", "bill_month"),
    _reference("billing_account_id", "billing_account"),
    _one_of("state", "running", "issued", "partially_paid", "settled", "disputed"),
)

bill_item = Table(
    "carrier_bill_item",
    metadata,
    *_key("bill_item_id"),
    Column("bill_id", String(64), nullable=False),
    Column("line_id", String(64)),
    Column("position", Integer, nullable=False),
    Column("category", String(16), nullable=False),
    Column("name", String(128), nullable=False),
    Column("quantity", BigInteger),
    Column("unit", String(8)),
    Column("amount_fen", BigInteger, nullable=False),
    _reference("bill_id", "bill"),
    _reference("line_id", "line"),
    _one_of(
        "category", "plan_fee", "voice_overage", "data_overage", "sms", "vas", "roaming", "proxy_charge", "penalty", "discount"
    ),
    _one_of("unit", "byte", "second", "item", "month"),
)
Index("ix_carrier_bill_item_of", bill_item.c.account, bill_item.c.bill_id)

usage_bucket = Table(
    "carrier_usage_bucket",
    metadata,
    *_key("bucket_id"),
    Column("line_id", String(64), nullable=False),
    Column("usage_type", String(8), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("name", String(128), nullable=False),
    Column("total", BigInteger),
    Column("used", BigInteger, nullable=False),
    Column("carried_over", BigInteger, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    _reference("line_id", "line"),
    _one_of("usage_type", "data", "voice", "sms"),
    CheckConstraint("total IS NULL OR total >= 0", name="total"),
    CheckConstraint("used >= 0", name="used"),
)
Index("ix_carrier_usage_bucket_of", usage_bucket.c.account, usage_bucket.c.line_id)

store = Table(
    "carrier_store",
    metadata,
    *_key("store_id"),
    Column("name", String(100), nullable=False),
    Column("address", String(200), nullable=False),
    Column("latitude", Float, nullable=False),  # degrees, GCJ-02 as maps in China and WeChat give them
    Column("longitude", Float, nullable=False),
    Column("hours", String(100), nullable=False),
    Column("as_of", Instant, nullable=False),
    Index("ix_carrier_store_where", "account", "latitude", "longitude"),
)

points_account = Table(
    "carrier_points_account",
    metadata,
    *_key("customer_id"),
    Column("status", String(16), nullable=False),
    Column("as_of", Instant, nullable=False),
    _reference("customer_id", "customer"),
    _one_of("status", "active", "frozen", "closed"),
)

points_ledger = Table(
    "carrier_points_ledger",
    metadata,
    *_key("entry_id"),
    Column("customer_id", String(64), nullable=False),
    Column("delta", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lot_id", String(64), nullable=False),
    Column("expires_at", Instant),
    Column("occurred_at", Instant, nullable=False),
    _reference("customer_id", "points_account"),
    _one_of("kind", "earn_spend", "earn_tenure", "earn_promo", "redeem", "expire", "reverse"),
)
Index("ix_carrier_points_ledger_of", points_ledger.c.account, points_ledger.c.customer_id)
