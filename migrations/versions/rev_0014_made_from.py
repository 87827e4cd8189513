"""The versions of the files that each asset was made from."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what was made before, nobody kept it."""
    op.add_column("asset", sa.Column("made_from", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("asset", "made_from")
