"""The rejected renditions that an attempt of rework is for."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is there was made for the first time."""
    op.add_column("attempt", sa.Column("redoes", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("attempt", "redoes")
