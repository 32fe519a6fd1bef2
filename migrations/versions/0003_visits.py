"""Visits: items of a rectification typed before submitting, and the earlier rounds of each item."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("orders_draft", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("rectification_item") as item:
        item.add_column(sa.Column("history", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("rectification_item") as item:
        item.drop_column("history")
    with op.batch_alter_table("visit") as visit:
        visit.drop_column("orders_draft")
