"""Limits beside the budgets of campaigns, what counts against them, transfers and forecasts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = (
    "budget_limit_change",
    "budget_hold",
    "budget_count",
    "budget_transfer",
    "budget_forecast",
)


def text(*names: str) -> list[sa.Column[str]]:
    """Return columns of text that are always there."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def whole(*names: str) -> list[sa.Column[int]]:
    """Return columns of whole numbers that are always there."""
    return [sa.Column(name, INT64, autoincrement=False, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables, and the triggers that keep the rows of the journals."""
    op.create_table(
        "budget_limit",
        sa.Column("id", INT64, autoincrement=True, nullable=False),
        *text("campaign", "spend_class", "channel", "period", "provider", "currency"),
        *whole("limit_micros", "reserved_micros", "spent_micros"),
        *text("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_limit")),
        sa.UniqueConstraint(
            "campaign",
            "spend_class",
            "channel",
            "period",
            "provider",
            name=op.f("uq_budget_limit_campaign_spend_class_channel_period_provider"),
        ),
        sa.CheckConstraint(
            "limit_micros >= 0 AND reserved_micros >= 0", name=op.f("ck_budget_limit_amounts")
        ),
        sa.CheckConstraint(
            "spend_class IN ('*', 'working', 'non_working')",
            name=op.f("ck_budget_limit_spend_class"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "budget_limit_change",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        *whole("limit_id"),
        sa.Column("before_micros", INT64, autoincrement=False, nullable=True),
        *whole("after_micros"),
        *text("by", "at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_budget_limit_change")),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["budget_limit.id"], name=op.f("fk_budget_limit_change_limit_id")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_budget_limit_change_limit_id"), "budget_limit_change", ["limit_id"])
    op.create_table(
        "budget_hold",
        *whole("limit_id"),
        *text("attempt"),
        *whole("micros"),
        sa.PrimaryKeyConstraint("limit_id", "attempt", name=op.f("pk_budget_hold")),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["budget_limit.id"], name=op.f("fk_budget_hold_limit_id")
        ),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_budget_hold_attempt")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_budget_hold_attempt"), "budget_hold", ["attempt"])
    op.create_table(
        "budget_count",
        *whole("limit_id", "txn_seq", "line_no", "micros"),
        sa.PrimaryKeyConstraint("limit_id", "txn_seq", "line_no", name=op.f("pk_budget_count")),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["budget_limit.id"], name=op.f("fk_budget_count_limit_id")
        ),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name=op.f("fk_budget_count_txn_seq")),
        sqlite_strict=True,
    )
    op.create_table(
        "budget_transfer",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        *text("idem_key", "kind", "from_scope", "to_scope", "campaign", "from_class", "to_class"),
        *whole("amount_micros"),
        *text("currency", "reason", "approved_by", "by", "at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_budget_transfer")),
        sa.UniqueConstraint("idem_key", name=op.f("uq_budget_transfer_idem_key")),
        sa.CheckConstraint("amount_micros > 0", name=op.f("ck_budget_transfer_amount")),
        sa.CheckConstraint("kind IN ('budget', 'limit')", name=op.f("ck_budget_transfer_kind")),
        sa.CheckConstraint("from_scope <> to_scope", name=op.f("ck_budget_transfer_scopes")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_budget_transfer_campaign"), "budget_transfer", ["campaign"])
    op.create_table(
        "budget_forecast",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        *text("campaign", "spend_class", "channel", "provider", "month"),
        *whole("amount_micros"),
        *text("currency", "note", "by", "at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_budget_forecast")),
        sa.CheckConstraint("amount_micros >= 0", name=op.f("ck_budget_forecast_amount")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_budget_forecast_campaign_month"), "budget_forecast", ["campaign", "month"]
    )
    for table in APPEND_ONLY:
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
    """Drop all of them, those first that point at others."""
    for table in (*APPEND_ONLY, "budget_limit"):
        op.drop_table(table)
