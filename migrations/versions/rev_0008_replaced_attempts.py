"""Which attempt one replaced when a route went on to the next provider, and why it did."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of what is there, nobody knows what it replaced."""
    op.add_column("attempt", sa.Column("replaces", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("passed_over", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop both; the attempts themselves stay as they are."""
    op.drop_column("attempt", "passed_over")
    op.drop_column("attempt", "replaces")
