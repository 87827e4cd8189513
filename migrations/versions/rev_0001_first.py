"""The first tables, and the triggers that keep the ledger append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("txn", "posting", "budget_change", "choice", "decision")
INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str) -> sa.Column[str]:
    """Return a column of text that is always there."""
    return sa.Column(name, sa.Text(), nullable=False)


def maybe(name: str) -> sa.Column[str]:
    """Return a column of text that may be missing."""
    return sa.Column(name, sa.Text(), nullable=True)


def whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, INT64, autoincrement=False, nullable=nullable)


def sequence(name: str) -> sa.Column[int]:
    """Return a column that counts up by itself."""
    return sa.Column(name, INT64, autoincrement=True, nullable=False)


def upgrade() -> None:
    """Make the tables, then the triggers."""
    assets_and_decisions()
    money()
    if op.get_bind().dialect.name == "postgresql":
        guard_postgres()
    else:
        guard_sqlite()


def downgrade() -> None:
    """Drop all of it, with what it holds."""
    for table in (
        "posting",
        "txn",
        "attempt",
        "budget_change",
        "budget",
        "decision",
        "choice",
        "asset",
        "run",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def guard_sqlite() -> None:
    """Refuse UPDATE and DELETE; a connection needs recursive_triggers for INSERT OR REPLACE."""
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: post a correction'); END"
            )


def guard_postgres() -> None:
    """Refuse UPDATE, DELETE and TRUNCATE."""
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only: post a correction', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def assets_and_decisions() -> None:
    """Runs, what they made, and what people decided."""
    op.create_table(
        "run",
        text("id"),
        text("campaign"),
        text("brief_path"),
        text("brief_sha256"),
        text("options"),
        text("state"),
        text("started_at"),
        text("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sqlite_strict=True,
    )
    op.create_index("ix_run_campaign_started_at", "run", ["campaign", "started_at"])
    op.create_table(
        "asset",
        sequence("seq"),
        text("campaign"),
        text("slot"),
        whole("version"),
        text("sha256"),
        text("recipe"),
        text("kind"),
        maybe("market"),
        maybe("locale"),
        maybe("placement"),
        maybe("concept"),
        whole("bytes"),
        whole("width", nullable=True),
        whole("height", nullable=True),
        text("format"),
        maybe("key_visual"),
        maybe("deck"),
        maybe("source_type"),
        text("findings"),
        text("made_at"),
        sa.PrimaryKeyConstraint("seq", name="pk_asset"),
        sa.UniqueConstraint("campaign", "slot", "version", name="uq_asset_campaign_slot_version"),
        sqlite_strict=True,
    )
    op.create_index("ix_asset_recipe", "asset", ["recipe"])
    op.create_table(
        "choice",
        text("campaign"),
        whole("seq"),
        text("statement"),
        sa.PrimaryKeyConstraint("campaign", "seq", name="pk_choice"),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sequence("seq"),
        text("prev_sha256"),
        text("sha256"),
        text("statement"),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("prev_sha256", name="uq_decision_prev_sha256"),
        sa.UniqueConstraint("sha256", name="uq_decision_sha256"),
        sqlite_strict=True,
    )


def money() -> None:
    """Attempts, budgets and the ledger."""
    op.create_table(
        "attempt",
        text("id"),
        text("campaign"),
        text("run"),
        text("asset"),
        text("stage"),
        text("provider"),
        text("model"),
        text("operation"),
        maybe("market"),
        maybe("locale"),
        text("price"),
        text("request_sha256"),
        whole("round"),
        text("state"),
        whole("repeatable"),
        whole("estimate_micros"),
        text("currency"),
        whole("budget_micros"),
        text("budget_currency"),
        text("owner"),
        text("token"),
        text("lease_until"),
        text("reserved_at"),
        maybe("sent_at"),
        maybe("closed_at"),
        whole("amount_micros", nullable=True),
        whole("budget_spent_micros", nullable=True),
        whole("waste"),
        maybe("basis"),
        maybe("receipt"),
        maybe("usage"),
        maybe("answer_sha256"),
        maybe("error_kind"),
        maybe("error"),
        maybe("closed_by"),
        maybe("close_reason"),
        sa.CheckConstraint(
            "(state = 'settled') = (amount_micros IS NOT NULL)",
            name=op.f("ck_attempt_settled_amount"),
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'sent', 'settled', 'released', 'suspect')",
            name=op.f("ck_attempt_state"),
        ),
        sa.CheckConstraint(
            "estimate_micros >= 0 AND budget_micros >= 0", name=op.f("ck_attempt_estimate")
        ),
        sa.CheckConstraint(
            "repeatable IN (0, 1) AND waste IN (0, 1)", name=op.f("ck_attempt_flags")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("request_sha256", "round", name="uq_attempt_request_sha256_round"),
        sqlite_strict=True,
    )
    op.create_index("ix_attempt_campaign_state", "attempt", ["campaign", "state"])
    op.create_index("ix_attempt_state_lease_until", "attempt", ["state", "lease_until"])
    op.create_table(
        "budget",
        text("campaign"),
        text("spend_class"),
        text("currency"),
        whole("limit_micros"),
        whole("reserved_micros"),
        whole("spent_micros"),
        text("updated_at"),
        sa.CheckConstraint(
            "limit_micros >= 0 AND reserved_micros >= 0", name=op.f("ck_budget_amounts")
        ),
        sa.PrimaryKeyConstraint("campaign", "spend_class", name="pk_budget"),
        sqlite_strict=True,
    )
    op.create_table(
        "budget_change",
        sequence("seq"),
        text("campaign"),
        text("spend_class"),
        text("currency"),
        whole("before_micros", nullable=True),
        whole("after_micros"),
        text("by"),
        text("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_budget_change"),
        sqlite_strict=True,
    )
    op.create_index("ix_budget_change_campaign", "budget_change", ["campaign"])
    op.create_table(
        "txn",
        sequence("seq"),
        text("idem_key"),
        text("payload_sha256"),
        text("kind"),
        text("effective_on"),
        text("recorded_at"),
        text("source"),
        text("source_doc"),
        text("actor"),
        maybe("run"),
        whole("reverses", nullable=True),
        sa.ForeignKeyConstraint(["reverses"], ["txn.seq"], name="fk_txn_reverses"),
        sa.PrimaryKeyConstraint("seq", name="pk_txn"),
        sa.UniqueConstraint("idem_key", name="uq_txn_idem_key"),
        sa.UniqueConstraint("reverses", name="uq_txn_reverses"),
        sqlite_strict=True,
    )
    op.create_table(
        "posting",
        whole("txn_seq"),
        whole("line_no"),
        text("account"),
        maybe("cost_type"),
        maybe("spend_class"),
        maybe("policy"),
        whole("amount_micros"),
        text("currency"),
        maybe("campaign"),
        maybe("asset"),
        maybe("market"),
        maybe("locale"),
        maybe("placement"),
        maybe("channel"),
        maybe("provider"),
        maybe("stage"),
        whole("waste"),
        sa.CheckConstraint(
            "(account = 'cost') = (cost_type IS NOT NULL)", name=op.f("ck_posting_cost_type")
        ),
        sa.CheckConstraint(
            "(cost_type IS NULL) = (spend_class IS NULL)", name=op.f("ck_posting_spend_class")
        ),
        sa.CheckConstraint("amount_micros <> 0", name=op.f("ck_posting_amount")),
        sa.CheckConstraint("waste IN (0, 1)", name=op.f("ck_posting_waste")),
        sa.ForeignKeyConstraint(["txn_seq"], ["txn.seq"], name="fk_posting_txn_seq"),
        sa.PrimaryKeyConstraint("txn_seq", "line_no", name="pk_posting"),
        sqlite_strict=True,
    )
    op.create_index("ix_posting_campaign_account", "posting", ["campaign", "account"])
