"""Documents that people enter, and how what they paid for was shared out."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str) -> sa.Column[str]:
    """Return a column of text that is always there."""
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Make the tables, and the triggers that keep their rows."""
    op.create_table(
        "spend_document",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        text("payee"),
        text("number"),
        sa.Column("revision", INT64, autoincrement=False, nullable=False),
        text("kind"),
        text("statement"),
        sa.Column("txn_seq", INT64, autoincrement=False, nullable=False),
        text("recorded_at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_spend_document")),
        sa.UniqueConstraint(
            "payee", "number", "revision", name=op.f("uq_spend_document_payee_number_revision")
        ),
        sa.UniqueConstraint("txn_seq", name=op.f("uq_spend_document_txn_seq")),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name=op.f("fk_spend_document_txn_seq")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_spend_document_revision")),
        sqlite_strict=True,
    )
    op.create_table(
        "allocation",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        sa.Column("txn_seq", INT64, autoincrement=False, nullable=False),
        text("pool"),
        text("month"),
        text("basis"),
        text("method"),
        text("weights"),
        sa.Column("total_micros", INT64, autoincrement=False, nullable=False),
        text("currency"),
        sa.Column("replaces", INT64, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_allocation")),
        sa.UniqueConstraint("txn_seq", name=op.f("uq_allocation_txn_seq")),
        sa.UniqueConstraint("replaces", name=op.f("uq_allocation_replaces")),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name=op.f("fk_allocation_txn_seq")),
        sa.ForeignKeyConstraint(
            ["replaces"], ["allocation.seq"], name=op.f("fk_allocation_replaces")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_allocation_pool"), "allocation", ["pool"])
    for table in ("spend_document", "allocation"):
        guard(table)


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
    """Drop both, the one that points at the other first."""
    op.drop_table("allocation")
    op.drop_table("spend_document")
