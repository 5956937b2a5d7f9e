"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_customer",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("name_masked", sa.String(length=64), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("realname_status", sa.String(length=16), nullable=False),
        sa.Column("star_level", sa.Integer(), nullable=True),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "realname_status IN ('verified','pending','expired','rejected')", name=op.f("ck_carrier_customer_realname_status")
        ),
        sa.CheckConstraint("star_level BETWEEN 0 AND 7", name=op.f("ck_carrier_customer_star_level")),
        sa.PrimaryKeyConstraint("account", "customer_id", name=op.f("pk_carrier_customer")),
    )
    op.create_table(
        "carrier_plan",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("monthly_fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("overage_rule", sa.String(length=16), nullable=False),
        sa.Column("overage_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("overage_unit_bytes", sa.BigInteger(), nullable=True),
        sa.Column("throttle_bps", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('main','addon','family','broadband','roaming','retain')", name=op.f("ck_carrier_plan_kind")),
        sa.CheckConstraint("overage_rule IN ('per_mb','per_gb_pack','throttle','block')", name=op.f("ck_carrier_plan_overage_rule")),
        sa.PrimaryKeyConstraint("account", "plan_id", name=op.f("pk_carrier_plan")),
    )
    op.create_table(
        "conversation",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=10), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("lane_token", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_used", sa.Integer(), nullable=False),
        sa.Column("tap_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tap_used", sa.Integer(), nullable=False),
        sa.Column("fill", sa.BigInteger(), nullable=False),
        sa.Column("next_position", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=True),
        sa.Column("agent_name", sa.String(length=100), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("last_text_masked", sa.String(length=200), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_said", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_words_masked", sa.String(length=200), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_enc", sa.LargeBinary(), nullable=True),
        sa.Column("state_version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_account_last_at"), ["account", "last_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conversation_agent_id_owner_last_at"), ["agent_id", "owner", "last_at"], unique=False
        )
        batch_op.create_index(
            "ix_conversation_owned",
            ["deadline"],
            unique=False,
            sqlite_where=sa.text("owner <> 'bot'"),
            postgresql_where=sa.text("owner <> 'bot'"),
        )
        batch_op.create_index("uq_conversation_account_openid", ["account", "openid"], unique=True)

    op.create_table(
        "core_process",
        sa.Column("core_id", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("data_dir", sa.String(length=1024), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("core_id", name=op.f("pk_core_process")),
    )
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployment")),
    )
    op.create_table(
        "desk_agent",
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("beat", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slots_used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("slots_max", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("slots_used >= 0", name=op.f("ck_desk_agent_slots_not_negative")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_desk_agent")),
    )
    with op.batch_alter_table("desk_agent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_agent_status"), ["status"], unique=False)

    op.create_table(
        "desk_event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("agent_id", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_desk_event")),
    )
    with op.batch_alter_table("desk_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_event_account_seq"), ["account", "seq"], unique=False)

    op.create_table(
        "desk_log",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_log")),
    )
    op.create_table(
        "desk_offer",
        sa.Column("offer_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_desk_offer")),
    )
    with op.batch_alter_table("desk_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_offer_account_made_at"), ["account", "made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_offer_agent_id_state"), ["agent_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_offer_conversation_id_ended_at"), ["conversation_id", "ended_at"], unique=False)
        batch_op.create_index(
            "uq_desk_offer_live",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('offered', 'accepted')"),
            postgresql_where=sa.text("state IN ('offered', 'accepted')"),
        )

    op.create_table(
        "desk_router_lease",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_router_lease")),
    )
    op.create_table(
        "identity_audit",
        sa.Column("audit_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=128), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_identity_audit")),
    )
    with op.batch_alter_table("identity_audit", schema=None) as batch_op:
        batch_op.create_index("ix_identity_audit_openid", ["account", "openid", "at"], unique=False)

    op.create_table(
        "identity_binding",
        sa.Column("binding_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("verified_by", sa.String(length=16), nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unbind_reason", sa.String(length=128), nullable=True),
        sa.CheckConstraint("verified_by IN ('sms_otp','service_pwd','agent','loaded')", name=op.f("ck_identity_binding_verified_by")),
        sa.PrimaryKeyConstraint("binding_id", name=op.f("pk_identity_binding")),
    )
    with op.batch_alter_table("identity_binding", schema=None) as batch_op:
        batch_op.create_index(
            "ix_identity_binding_default",
            ["account", "openid"],
            unique=True,
            sqlite_where=sa.text("unbound_at IS NULL AND is_default"),
            postgresql_where=sa.text("unbound_at IS NULL AND is_default"),
        )
        batch_op.create_index("ix_identity_binding_line", ["account", "line_id"], unique=False)
        batch_op.create_index(
            "ix_identity_binding_live",
            ["account", "openid", "line_id"],
            unique=True,
            sqlite_where=sa.text("unbound_at IS NULL"),
            postgresql_where=sa.text("unbound_at IS NULL"),
        )

    op.create_table(
        "identity_code",
        sa.Column("challenge_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("number_hmac", sa.String(length=64), nullable=False),
        sa.Column("masked", sa.String(length=16), nullable=False),
        sa.Column("request_key", sa.String(length=128), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('stored','sent','void','doubtful','unserved')", name=op.f("ck_identity_code_state")),
        sa.PrimaryKeyConstraint("challenge_id", name=op.f("pk_identity_code")),
        sa.UniqueConstraint("account", "openid", "request_key", name=op.f("uq_identity_code_account_openid_request_key")),
    )
    with op.batch_alter_table("identity_code", schema=None) as batch_op:
        batch_op.create_index("ix_identity_code_number", ["account", "number_hmac", "created_at"], unique=False)
        batch_op.create_index("ix_identity_code_openid", ["account", "openid", "created_at"], unique=False)

    op.create_table(
        "identity_code_try",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("request_key", sa.String(length=128), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "openid", "request_key", name=op.f("pk_identity_code_try")),
    )
    op.create_table(
        "identity_consent",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "openid", name=op.f("pk_identity_consent")),
    )
    op.create_table(
        "staff_audit",
        sa.Column("audit_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), server_default="", nullable=False),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_staff_audit")),
    )
    with op.batch_alter_table("staff_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_audit_conversation_id_at"), ["conversation_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_audit_member_id_at"), ["member_id", "at"], unique=False)

    op.create_table(
        "staff_member",
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("slots_max", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_member_login")),
    )
    op.create_table(
        "carrier_billing_account",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("billing_account_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("pay_mode", sa.String(length=16), nullable=False),
        sa.Column("bill_cycle_day", sa.Integer(), nullable=False),
        sa.Column("credit_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.CheckConstraint("pay_mode IN ('prepaid','postpaid','hybrid')", name=op.f("ck_carrier_billing_account_pay_mode")),
        sa.CheckConstraint("status IN ('active','arrears','closed')", name=op.f("ck_carrier_billing_account_status")),
        sa.ForeignKeyConstraint(
            ["account", "customer_id"],
            ["carrier_customer.account", "carrier_customer.customer_id"],
            name=op.f("fk_carrier_billing_account_account_customer_id_carrier_customer"),
        ),
        sa.PrimaryKeyConstraint("account", "billing_account_id", name=op.f("pk_carrier_billing_account")),
    )
    op.create_table(
        "carrier_plan_allowance",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("usage_type", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("carry_over_months", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope IN ('general','local','directed','idle','roaming')", name=op.f("ck_carrier_plan_allowance_scope")),
        sa.CheckConstraint("usage_type IN ('data','voice','sms')", name=op.f("ck_carrier_plan_allowance_usage_type")),
        sa.ForeignKeyConstraint(
            ["account", "plan_id"],
            ["carrier_plan.account", "carrier_plan.plan_id"],
            name=op.f("fk_carrier_plan_allowance_account_plan_id_carrier_plan"),
        ),
        sa.PrimaryKeyConstraint("account", "plan_id", "usage_type", "scope", name=op.f("pk_carrier_plan_allowance")),
    )
    op.create_table(
        "carrier_points_account",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active','frozen','closed')", name=op.f("ck_carrier_points_account_status")),
        sa.ForeignKeyConstraint(
            ["account", "customer_id"],
            ["carrier_customer.account", "carrier_customer.customer_id"],
            name=op.f("fk_carrier_points_account_account_customer_id_carrier_customer"),
        ),
        sa.PrimaryKeyConstraint("account", "customer_id", name=op.f("pk_carrier_points_account")),
    )
    op.create_table(
        "handoff",
        sa.Column("handoff_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wish_masked", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packet_enc", sa.LargeBinary(), nullable=False),
        sa.Column("packet_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=True),
        sa.Column("agent_name", sa.String(length=100), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket", sa.String(length=40), nullable=True),
        sa.Column("told_next", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.String(length=12), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.conversation_id"], name=op.f("fk_handoff_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_handoff")),
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_conversation_id_requested_at"), ["conversation_id", "requested_at"], unique=False)
        batch_op.create_index(
            "ix_handoff_waiting",
            ["status", "account", "priority", "requested_at"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.create_index(
            "uq_handoff_live",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('waiting', 'assigned')"),
            postgresql_where=sa.text("status IN ('waiting', 'assigned')"),
        )

    op.create_table(
        "inbound",
        sa.Column("inbound_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("dedup_key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("body_enc", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_mono", sa.Float(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reply", sa.String(length=10), nullable=False),
        sa.Column("passive_enc", sa.LargeBinary(), nullable=True),
        sa.Column("turn_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.conversation_id"], name=op.f("fk_inbound_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_inbound")),
    )
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbound_new",
            ["conversation_id", "status", "position"],
            unique=False,
            sqlite_where=sa.text("status = 'new'"),
            postgresql_where=sa.text("status = 'new'"),
        )
        batch_op.create_index(
            "ix_inbound_open",
            ["accepted_mono"],
            unique=False,
            sqlite_where=sa.text("reply = 'open'"),
            postgresql_where=sa.text("reply = 'open'"),
        )
        batch_op.create_index("uq_inbound_account_openid_dedup_key", ["account", "openid", "dedup_key"], unique=True)
        batch_op.create_index("uq_inbound_conversation_id_position", ["conversation_id", "position"], unique=True)

    op.create_table(
        "outbound",
        sa.Column("outbound_id", sa.String(length=48), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=12), nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("inbound_id", sa.String(length=40), nullable=True),
        sa.Column("turn_id", sa.String(length=40), nullable=True),
        sa.Column("speaker", sa.String(length=100), nullable=True),
        sa.Column("agent_id", sa.String(length=40), nullable=True),
        sa.Column("client_id", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=100), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sending_token", sa.BigInteger(), nullable=True),
        sa.Column("charged_fill", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.conversation_id"], name=op.f("fk_outbound_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("outbound_id", name=op.f("pk_outbound")),
    )
    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbound_pending",
            ["conversation_id", "status"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'held', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'held', 'sending')"),
        )
        batch_op.create_index("uq_outbound_conversation_id_client_id", ["conversation_id", "client_id"], unique=True)
        batch_op.create_index("uq_outbound_conversation_id_position", ["conversation_id", "position"], unique=True)

    op.create_table(
        "staff_session",
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.member_id"], name=op.f("fk_staff_session_member_id_staff_member")),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_staff_session")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_session_member_id"), ["member_id"], unique=False)

    op.create_table(
        "staff_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.member_id"], name=op.f("fk_staff_token_member_id_staff_member")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_token")),
    )
    with op.batch_alter_table("staff_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_token_member_id"), ["member_id"], unique=False)

    op.create_table(
        "turn",
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("inbound_id", sa.String(length=40), nullable=False),
        sa.Column("text_masked", sa.Text(), nullable=False),
        sa.Column("raw_enc", sa.LargeBinary(), nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("band", sa.String(length=12), nullable=True),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=10), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("receipts", sa.JSON(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.conversation_id"], name=op.f("fk_turn_conversation_id_conversation")),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_turn")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_turn_inbound_id")),
    )
    with op.batch_alter_table("turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_turn_account_ended_at"), ["account", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_turn_conversation_id_started_at"), ["conversation_id", "started_at"], unique=False)

    op.create_table(
        "carrier_balance",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("balance_id", sa.String(length=64), nullable=False),
        sa.Column("billing_account_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("frozen_fen", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('cash','gift','earmarked')", name=op.f("ck_carrier_balance_kind")),
        sa.CheckConstraint("frozen_fen >= 0", name=op.f("ck_carrier_balance_frozen")),
        sa.ForeignKeyConstraint(
            ["account", "billing_account_id"],
            ["carrier_billing_account.account", "carrier_billing_account.billing_account_id"],
            name=op.f("fk_carrier_balance_account_billing_account_id_carrier_billing_account"),
        ),
        sa.PrimaryKeyConstraint("account", "balance_id", name=op.f("pk_carrier_balance")),
    )
    with op.batch_alter_table("carrier_balance", schema=None) as batch_op:
        batch_op.create_index("ix_carrier_balance_of", ["account", "billing_account_id"], unique=False)

    op.create_table(
        "carrier_bill",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("bill_id", sa.String(length=64), nullable=False),
        sa.Column("billing_account_id", sa.String(length=64), nullable=False),
        sa.Column("bill_month", sa.String(length=7), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=False),
        sa.Column("discount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('running','issued','partially_paid','settled','disputed')", name=op.f("ck_carrier_bill_state")),
        sa.ForeignKeyConstraint(
            ["account", "billing_account_id"],
            ["carrier_billing_account.account", "carrier_billing_account.billing_account_id"],
            name=op.f("fk_carrier_bill_account_billing_account_id_carrier_billing_account"),
        ),
        sa.PrimaryKeyConstraint("account", "bill_id", name=op.f("pk_carrier_bill")),
        sa.UniqueConstraint(
            "account", "billing_account_id", "bill_month", name=op.f("uq_carrier_bill_account_billing_account_id_bill_month")
        ),
    )
    op.create_table(
        "carrier_line",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("billing_account_id", sa.String(length=64), nullable=False),
        sa.Column("msisdn_enc", sa.LargeBinary(), nullable=False),
        sa.Column("msisdn_hmac", sa.String(length=64), nullable=False),
        sa.Column("msisdn_masked", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("parent_line_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('primary','secondary','broadband')", name=op.f("ck_carrier_line_role")),
        sa.CheckConstraint(
            "status IN ('active','suspended_user','suspended_arrears_oneway','suspended_arrears','lost','retained','ported_out','closed')",
            name=op.f("ck_carrier_line_status"),
        ),
        sa.ForeignKeyConstraint(
            ["account", "billing_account_id"],
            ["carrier_billing_account.account", "carrier_billing_account.billing_account_id"],
            name=op.f("fk_carrier_line_account_billing_account_id_carrier_billing_account"),
        ),
        sa.PrimaryKeyConstraint("account", "line_id", name=op.f("pk_carrier_line")),
        sa.UniqueConstraint("account", "msisdn_hmac", name=op.f("uq_carrier_line_account_msisdn_hmac")),
    )
    op.create_table(
        "carrier_points_ledger",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('earn_spend','earn_tenure','earn_promo','redeem','expire','reverse')", name=op.f("ck_carrier_points_ledger_kind")
        ),
        sa.ForeignKeyConstraint(
            ["account", "customer_id"],
            ["carrier_points_account.account", "carrier_points_account.customer_id"],
            name=op.f("fk_carrier_points_ledger_account_customer_id_carrier_points_account"),
        ),
        sa.PrimaryKeyConstraint("account", "entry_id", name=op.f("pk_carrier_points_ledger")),
    )
    with op.batch_alter_table("carrier_points_ledger", schema=None) as batch_op:
        batch_op.create_index("ix_carrier_points_ledger_of", ["account", "customer_id"], unique=False)

    op.create_table(
        "carrier_bill_item",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("bill_item_id", sa.String(length=64), nullable=False),
        sa.Column("bill_id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "category IN ('plan_fee','voice_overage','data_overage','sms','vas','roaming','proxy_charge','penalty','discount')",
            name=op.f("ck_carrier_bill_item_category"),
        ),
        sa.CheckConstraint("unit IN ('byte','second','item','month')", name=op.f("ck_carrier_bill_item_unit")),
        sa.ForeignKeyConstraint(
            ["account", "bill_id"],
            ["carrier_bill.account", "carrier_bill.bill_id"],
            name=op.f("fk_carrier_bill_item_account_bill_id_carrier_bill"),
        ),
        sa.ForeignKeyConstraint(
            ["account", "line_id"],
            ["carrier_line.account", "carrier_line.line_id"],
            name=op.f("fk_carrier_bill_item_account_line_id_carrier_line"),
        ),
        sa.PrimaryKeyConstraint("account", "bill_item_id", name=op.f("pk_carrier_bill_item")),
    )
    with op.batch_alter_table("carrier_bill_item", schema=None) as batch_op:
        batch_op.create_index("ix_carrier_bill_item_of", ["account", "bill_id"], unique=False)

    op.create_table(
        "carrier_subscription",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("subscription_id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contract_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ordered_via", sa.String(length=32), nullable=False),
        sa.CheckConstraint("state IN ('pending','active','cancelling','ended')", name=op.f("ck_carrier_subscription_state")),
        sa.ForeignKeyConstraint(
            ["account", "line_id"],
            ["carrier_line.account", "carrier_line.line_id"],
            name=op.f("fk_carrier_subscription_account_line_id_carrier_line"),
        ),
        sa.ForeignKeyConstraint(
            ["account", "plan_id"],
            ["carrier_plan.account", "carrier_plan.plan_id"],
            name=op.f("fk_carrier_subscription_account_plan_id_carrier_plan"),
        ),
        sa.PrimaryKeyConstraint("account", "subscription_id", name=op.f("pk_carrier_subscription")),
    )
    op.create_table(
        "carrier_usage_bucket",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("bucket_id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("usage_type", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("carried_over", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("usage_type IN ('data','voice','sms')", name=op.f("ck_carrier_usage_bucket_usage_type")),
        sa.CheckConstraint("total IS NULL OR total >= 0", name=op.f("ck_carrier_usage_bucket_total")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_carrier_usage_bucket_used")),
        sa.ForeignKeyConstraint(
            ["account", "line_id"],
            ["carrier_line.account", "carrier_line.line_id"],
            name=op.f("fk_carrier_usage_bucket_account_line_id_carrier_line"),
        ),
        sa.PrimaryKeyConstraint("account", "bucket_id", name=op.f("pk_carrier_usage_bucket")),
    )
    with op.batch_alter_table("carrier_usage_bucket", schema=None) as batch_op:
        batch_op.create_index("ix_carrier_usage_bucket_of", ["account", "line_id"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("carrier_usage_bucket", schema=None) as batch_op:
        batch_op.drop_index("ix_carrier_usage_bucket_of")

    op.drop_table("carrier_usage_bucket")
    op.drop_table("carrier_subscription")
    with op.batch_alter_table("carrier_bill_item", schema=None) as batch_op:
        batch_op.drop_index("ix_carrier_bill_item_of")

    op.drop_table("carrier_bill_item")
    with op.batch_alter_table("carrier_points_ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_carrier_points_ledger_of")

    op.drop_table("carrier_points_ledger")
    op.drop_table("carrier_line")
    op.drop_table("carrier_bill")
    with op.batch_alter_table("carrier_balance", schema=None) as batch_op:
        batch_op.drop_index("ix_carrier_balance_of")

    op.drop_table("carrier_balance")
    with op.batch_alter_table("turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_turn_conversation_id_started_at"))
        batch_op.drop_index(batch_op.f("ix_turn_account_ended_at"))

    op.drop_table("turn")
    with op.batch_alter_table("staff_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_token_member_id"))

    op.drop_table("staff_token")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_member_id"))
        batch_op.drop_index(batch_op.f("ix_staff_session_expires_at"))

    op.drop_table("staff_session")
    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.drop_index("uq_outbound_conversation_id_position")
        batch_op.drop_index("uq_outbound_conversation_id_client_id")
        batch_op.drop_index(
            "ix_outbound_pending",
            sqlite_where=sa.text("status IN ('queued', 'held', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'held', 'sending')"),
        )

    op.drop_table("outbound")
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_index("uq_inbound_conversation_id_position")
        batch_op.drop_index("uq_inbound_account_openid_dedup_key")
        batch_op.drop_index("ix_inbound_open", sqlite_where=sa.text("reply = 'open'"), postgresql_where=sa.text("reply = 'open'"))
        batch_op.drop_index("ix_inbound_new", sqlite_where=sa.text("status = 'new'"), postgresql_where=sa.text("status = 'new'"))

    op.drop_table("inbound")
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handoff_live",
            sqlite_where=sa.text("status IN ('waiting', 'assigned')"),
            postgresql_where=sa.text("status IN ('waiting', 'assigned')"),
        )
        batch_op.drop_index(
            "ix_handoff_waiting",
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_handoff_conversation_id_requested_at"))

    op.drop_table("handoff")
    op.drop_table("carrier_points_account")
    op.drop_table("carrier_plan_allowance")
    op.drop_table("carrier_billing_account")
    op.drop_table("staff_member")
    with op.batch_alter_table("staff_audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_audit_member_id_at"))
        batch_op.drop_index(batch_op.f("ix_staff_audit_conversation_id_at"))

    op.drop_table("staff_audit")
    op.drop_table("identity_consent")
    op.drop_table("identity_code_try")
    with op.batch_alter_table("identity_code", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_code_openid")
        batch_op.drop_index("ix_identity_code_number")

    op.drop_table("identity_code")
    with op.batch_alter_table("identity_binding", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_identity_binding_live", sqlite_where=sa.text("unbound_at IS NULL"), postgresql_where=sa.text("unbound_at IS NULL")
        )
        batch_op.drop_index("ix_identity_binding_line")
        batch_op.drop_index(
            "ix_identity_binding_default",
            sqlite_where=sa.text("unbound_at IS NULL AND is_default"),
            postgresql_where=sa.text("unbound_at IS NULL AND is_default"),
        )

    op.drop_table("identity_binding")
    with op.batch_alter_table("identity_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_audit_openid")

    op.drop_table("identity_audit")
    op.drop_table("desk_router_lease")
    with op.batch_alter_table("desk_offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_desk_offer_live",
            sqlite_where=sa.text("state IN ('offered', 'accepted')"),
            postgresql_where=sa.text("state IN ('offered', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_desk_offer_conversation_id_ended_at"))
        batch_op.drop_index(batch_op.f("ix_desk_offer_agent_id_state"))
        batch_op.drop_index(batch_op.f("ix_desk_offer_account_made_at"))

    op.drop_table("desk_offer")
    op.drop_table("desk_log")
    with op.batch_alter_table("desk_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_event_account_seq"))

    op.drop_table("desk_event")
    with op.batch_alter_table("desk_agent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_agent_status"))

    op.drop_table("desk_agent")
    op.drop_table("deployment")
    op.drop_table("core_process")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("uq_conversation_account_openid")
        batch_op.drop_index("ix_conversation_owned", sqlite_where=sa.text("owner <> 'bot'"), postgresql_where=sa.text("owner <> 'bot'"))
        batch_op.drop_index(batch_op.f("ix_conversation_agent_id_owner_last_at"))
        batch_op.drop_index(batch_op.f("ix_conversation_account_last_at"))

    op.drop_table("conversation")
    op.drop_table("carrier_plan")
    op.drop_table("carrier_customer")
