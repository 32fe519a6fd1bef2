"""Profiles: what section 2.6.6 of the field lists asks of an organisation; initial passwords that run out."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = ("office_address", "party_branch", "bank_account")
SWITCHES = ("is_charity", "may_raise_funds", "is_tax_exempt")


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("initial_until", sa.DateTime(), nullable=True))
    with op.batch_alter_table("organisation") as organisation:
        for name in TEXTS:
            organisation.add_column(sa.Column(name, sa.String(200), nullable=False, server_default=""))
        for name in SWITCHES:
            organisation.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        organisation.add_column(sa.Column("grade_on", sa.Date(), nullable=True))
        organisation.add_column(sa.Column("abilities", sa.JSON(), nullable=False, server_default="[]"))
        organisation.add_column(sa.Column("incubation_note", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("organisation") as organisation:
        for name in ("incubation_note", "abilities", "grade_on", *SWITCHES, *TEXTS):
            organisation.drop_column(name)
    with op.batch_alter_table("account") as account:
        account.drop_column("initial_until")
