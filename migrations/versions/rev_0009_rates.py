"""Rates of exchange that were imported, kept append-only as the books are."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and the triggers that keep its rows."""
    op.create_table(
        "fx_rate",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("rate_date", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("published_at", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.Column("supersedes", INT64, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fx_rate")),
        sa.UniqueConstraint(
            "base",
            "quote",
            "rate_date",
            "source",
            "revision",
            name=op.f("uq_fx_rate_base_quote_rate_date_source_revision"),
        ),
        sa.UniqueConstraint("supersedes", name=op.f("uq_fx_rate_supersedes")),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["fx_rate.seq"], name=op.f("fk_fx_rate_supersedes")
        ),
        sa.CheckConstraint("base <> quote AND revision >= 1", name=op.f("ck_fx_rate_pair")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_fx_rate_rate_date"), "fx_rate", ["rate_date"])
    guard("fx_rate")


def guard(table: str) -> None:
    """Refuse UPDATE and DELETE, and TRUNCATE where there is one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, '{table} is append-only: post a correction'); END"
        )


def downgrade() -> None:
    """Drop the table with what it holds."""
    op.drop_table("fx_rate")
