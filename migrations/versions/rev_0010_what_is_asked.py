"""What an attempt is for beside its asset: the concept, the words, and whether it is rework."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there stays as it is."""
    op.add_column("attempt", sa.Column("concept", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("prompt", sa.Text(), nullable=True))
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    # In one statement: SQLite can add and drop a constraint only with its column.
    op.execute(
        f"ALTER TABLE attempt ADD COLUMN rework {whole} DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_attempt_rework CHECK (rework IN (0, 1))"
    )


def downgrade() -> None:
    """Drop them."""
    for column in ("rework", "prompt", "concept"):
        op.drop_column("attempt", column)
