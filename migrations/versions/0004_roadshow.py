"""Reviews: residents' ballots at a roadshow."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("review_round") as round_:
        round_.add_column(sa.Column("ballots", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("review_round") as round_:
        round_.drop_column("ballots")
