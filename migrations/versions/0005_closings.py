"""Closings: why the street goes on without a report or self-score; guards of the sample and of accepted reports."""

import sqlalchemy as sa
from alembic import op

from matchhub.core import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.drop(op.get_bind())  # other tables' triggers name this one while it is rebuilt; env.py puts all back
    with op.batch_alter_table("assessment") as assessment:
        assessment.add_column(sa.Column("absent_reason", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    guards.drop(op.get_bind())
    with op.batch_alter_table("assessment") as assessment:
        assessment.drop_column("absent_reason")
