"""What was imported from platforms' exports, in every revision that they told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("spend_file", "import_row")


def text(*names: str) -> list[sa.Column[str]]:
    """Return columns of text that are always there."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, INT64, autoincrement=False, nullable=nullable)


def upgrade() -> None:
    """Make the tables, and the triggers that keep their rows."""
    op.create_table(
        "spend_file",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        *text("sha256", "name", "platform"),
        whole("rows"),
        whole("changed"),
        *text("imported_at", "imported_by"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_spend_file")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_spend_file_sha256"), "spend_file", ["sha256"])
    op.create_table(
        "import_row",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        *text("platform", "account", "day", "ad_id", "breakdown"),
        whole("revision"),
        *text("payload_sha256"),
        whole("gone"),
        *text("level", "of_campaign", "label", "time_zone"),
        whole("amount_micros"),
        *text("currency", "attribution", "counted"),
        whole("txn_seq", nullable=True),
        whole("file_seq"),
        whole("line"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_import_row")),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name=op.f("fk_import_row_txn_seq")),
        sa.ForeignKeyConstraint(
            ["file_seq"], ["spend_file.seq"], name=op.f("fk_import_row_file_seq")
        ),
        sa.UniqueConstraint(
            "platform",
            "account",
            "day",
            "ad_id",
            "breakdown",
            "revision",
            name=op.f("uq_import_row_platform_account_day_ad_id_breakdown_revision"),
        ),
        sa.CheckConstraint("gone IN (0, 1)", name=op.f("ck_import_row_gone")),
        sa.CheckConstraint("amount_micros >= 0", name=op.f("ck_import_row_amount")),
        sa.CheckConstraint(
            "attribution IN ('direct', 'allocated', 'unmatched')",
            name=op.f("ck_import_row_attribution"),
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_import_row_txn_seq"), "import_row", ["txn_seq"])
    for table in TABLES:
        guard(table, postgres=op.get_bind().dialect.name == "postgresql")


def downgrade() -> None:
    """Drop both, with what they hold."""
    for table in reversed(TABLES):
        op.drop_table(table)


def guard(table: str, *, postgres: bool) -> None:
    """Refuse every change of a row."""
    if postgres:
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
