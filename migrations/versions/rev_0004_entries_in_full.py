"""What an entry says beside its amounts: estimates, periods, dimensions, and exact usage."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Each constraint stands with its column: SQLite can add and drop it only so.
TXN = (
    (
        "status TEXT DEFAULT 'actual' NOT NULL CONSTRAINT ck_txn_status CHECK "
        "(status IN ('actual', 'estimate'))"
    ),
    "supersedes {whole} CONSTRAINT fk_txn_supersedes REFERENCES txn (seq)",
    "posting_period TEXT DEFAULT '' NOT NULL",
)
POSTING = (
    "concept TEXT",
    "model TEXT",
    "prompt TEXT",
    "reviewer TEXT",
    "rework {whole} DEFAULT 0 NOT NULL CONSTRAINT ck_posting_rework CHECK (rework IN (0, 1))",
    (
        "attribution TEXT CONSTRAINT ck_posting_attribution "
        "CHECK (attribution IN ('direct', 'allocated', 'unmatched'))"
    ),
    "base_micros {whole}",
    (
        "base_currency TEXT CONSTRAINT ck_posting_base "
        "CHECK ((base_micros IS NULL) = (base_currency IS NULL))"
    ),
    "fx_rate TEXT",
)


def upgrade() -> None:
    """Add the columns and the table; entries that are there belong to the month of their day."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, columns in (("txn", TXN), ("posting", POSTING)):
        for column in columns:
            whole = "BIGINT" if postgres else "INTEGER"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(whole=whole)}")
    op.create_index("uq_txn_supersedes", "txn", ["supersedes"], unique=True)
    open_txn(postgres=postgres)
    op.execute("UPDATE txn SET posting_period = substr(effective_on, 1, 7)")
    guard_txn(postgres=postgres)
    make_usage()
    if postgres:
        for name, when in (
            ("change", "UPDATE OR DELETE ON usage FOR EACH ROW"),
            ("truncate", "TRUNCATE ON usage FOR EACH STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER usage_no_{name} BEFORE {when} EXECUTE FUNCTION refuse_change()"
            )
    else:
        guard_sqlite("usage", "UPDATE")
        guard_sqlite("usage", "DELETE")


def downgrade() -> None:
    """Drop what was added, with what it holds."""
    op.drop_table("usage")
    op.drop_index("uq_txn_supersedes", "txn")
    for table, columns in (("txn", TXN), ("posting", POSTING)):
        for column in reversed(columns):
            op.drop_column(table, column.split()[0])


def open_txn(*, postgres: bool) -> None:
    """Let entries be changed, by the one statement that follows."""
    op.execute(
        "ALTER TABLE txn DISABLE TRIGGER txn_no_change"
        if postgres
        else "DROP TRIGGER txn_no_update"
    )


def guard_txn(*, postgres: bool) -> None:
    """Close them again."""
    if postgres:
        op.execute("ALTER TABLE txn ENABLE TRIGGER txn_no_change")
    else:
        guard_sqlite("txn", "UPDATE")


def guard_sqlite(table: str, verb: str) -> None:
    """Refuse a verb, as the first revision does."""
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: post a correction'); END"
    )


def make_usage() -> None:
    """Exact quantities and unit prices, beside the micros of an entry."""
    op.create_table(
        "usage",
        sa.Column("txn_seq", INT64, autoincrement=False, nullable=False),
        sa.Column("line_no", INT64, autoincrement=False, nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Text(), nullable=True),
        sa.Column("price_id", sa.Text(), nullable=True),
        sa.Column("exact_amount", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("billed_amount", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name=op.f("fk_usage_txn_seq")),
        sa.PrimaryKeyConstraint("txn_seq", "line_no", "meter", name=op.f("pk_usage")),
        sqlite_strict=True,
    )
