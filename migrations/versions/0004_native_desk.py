"""how often a message has come; whose desk a person is asked for at"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound", sa.Column("deliveries", sa.Integer(), server_default="1", nullable=False))
    op.add_column("handoff", sa.Column("desk", sa.String(length=10), server_default="own", nullable=False))


def downgrade() -> None:
    op.drop_column("handoff", "desk")
    op.drop_column("inbound", "deliveries")
