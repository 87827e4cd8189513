"""Seals over the entries, months that are closed, and what is carried below a micro."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("seal", "period")
INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLOSED = "this period is closed: post into the next one that is open"
SEALED = "what is sealed takes no more rows: post an entry of its own"
LATE = (
    ("txn", "{row}.posting_period IN (SELECT id FROM period)", CLOSED),
    ("posting", "{row}.txn_seq <= (SELECT max(seq_to) FROM seal)", SEALED),
    ("usage", "{row}.txn_seq <= (SELECT max(seq_to) FROM seal)", SEALED),
)
"""The table, what a new row of it may not be, and what is said then."""


def text(name: str) -> sa.Column[str]:
    """Return a column of text that is always there."""
    return sa.Column(name, sa.Text(), nullable=False)


def whole(name: str) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, INT64, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make the tables, then the triggers."""
    op.create_table(
        "seal",
        whole("seq_to"),
        text("prev_sha256"),
        text("sha256"),
        whole("entries"),
        text("sums"),
        text("sealed_at"),
        sa.PrimaryKeyConstraint("seq_to", name=op.f("pk_seal")),
        sa.UniqueConstraint("prev_sha256", name=op.f("uq_seal_prev_sha256")),
        sa.UniqueConstraint("sha256", name=op.f("uq_seal_sha256")),
        sqlite_strict=True,
    )
    op.create_table(
        "period",
        text("id"),
        text("closed_at"),
        text("closed_by"),
        whole("seq_to"),
        text("head_sha256"),
        whole("entries"),
        text("sums"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sqlite_strict=True,
    )
    op.create_table(
        "carry",
        text("price_id"),
        text("currency"),
        text("exact_amount"),
        whole("posted_micros"),
        sa.PrimaryKeyConstraint("price_id", "currency", name=op.f("pk_carry")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        guard_postgres()
    else:
        guard_sqlite()


def downgrade() -> None:
    """Drop all of it; the entries stay, unsealed, and every month is open."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, _, _ in LATE:
        op.execute(f"DROP TRIGGER {table}_not_late{f' ON {table}' if postgres else ''}")
        if postgres:
            op.execute(f"DROP FUNCTION refuse_late_{table}()")
    for table in ("carry", "period", "seal"):
        op.drop_table(table)


def guard_sqlite() -> None:
    """Refuse changes, and what comes too late; one row at a time."""
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: post a correction'); END"
            )
    for table, late, said in LATE:
        # After, since SQLite does not know the number of a row before it is there.
        op.execute(
            f"CREATE TRIGGER {table}_not_late AFTER INSERT ON {table} "
            f"WHEN {late.format(row='NEW')} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )


def guard_postgres() -> None:
    """Refuse changes, and what comes too late; once for all rows of a statement."""
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, late, said in LATE:
        found = late.format(row="fresh")
        op.execute(
            f"CREATE FUNCTION refuse_late_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM 1 FROM fresh WHERE {found}; "
            f"IF FOUND THEN RAISE EXCEPTION '{said}'; END IF; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_late AFTER INSERT ON {table} "
            "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
            f"EXECUTE FUNCTION refuse_late_{table}()"
        )
