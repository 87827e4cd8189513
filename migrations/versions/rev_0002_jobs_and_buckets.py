"""The job of a slow provider beside its attempt, and how fast an account may be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column and the table; what is there stays as it is."""
    op.add_column("attempt", sa.Column("job", sa.Text(), nullable=True))
    op.create_table(
        "bucket",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_micros", INT64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bucket")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop both; a job that was not collected is then a suspect attempt like any other."""
    op.drop_table("bucket")
    op.drop_column("attempt", "job")
