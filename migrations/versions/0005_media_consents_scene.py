"""media, consents, the scene a subscriber came by, shops"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TO_DO = sa.text("state IN ('wanted', 'erasing')")


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("media_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("inbound_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference_enc", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.conversation_id"], name=op.f("fk_media_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_media")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_media_inbound_id")),
    )
    with op.batch_alter_table("media") as batch:
        batch.create_index("ix_media_to_do", ["retry_at"], unique=False, sqlite_where=_TO_DO, postgresql_where=_TO_DO)
        batch.create_index(batch.f("ix_media_conversation_id_position"), ["conversation_id", "position"], unique=False)
        batch.create_index(batch.f("ix_media_created_at"), ["created_at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "openid", "topic", name=op.f("pk_consent")),
    )
    op.create_table(
        "carrier_store",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("store_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("hours", sa.String(length=100), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "store_id", name=op.f("pk_carrier_store")),
    )
    with op.batch_alter_table("carrier_store") as batch:
        batch.create_index("ix_carrier_store_where", ["account", "latitude", "longitude"], unique=False)
    op.add_column("conversation", sa.Column("scene", sa.String(length=128), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("conversation", "scene")
    op.drop_table("carrier_store")
    op.drop_table("consent")
    op.drop_table("media")
