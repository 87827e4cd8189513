"""What befell assets after they were accepted, kept append-only as the books are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and the triggers that keep its rows."""
    op.create_table(
        "asset_event",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        sa.Column("idem_key", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("version", INT64, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("retracts", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_asset_event")),
        sa.UniqueConstraint("idem_key", name=op.f("uq_asset_event_idem_key")),
        sa.UniqueConstraint("retracts", name=op.f("uq_asset_event_retracts")),
        sa.CheckConstraint(
            "kind IN ('pulled', 'redo_requested', 'complaint', 'platform_rejected', 'superseded', "
            "'ended', 'expired', 'support_contact', 'review', 'retracted')",
            name=op.f("ck_asset_event_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'retracted') = (retracts IS NOT NULL)", name=op.f("ck_asset_event_retracts")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_asset_event_campaign_slot"), "asset_event", ["campaign", "slot"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER asset_event_no_change BEFORE UPDATE OR DELETE ON asset_event "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER asset_event_no_truncate BEFORE TRUNCATE ON asset_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER asset_event_no_{verb.lower()} BEFORE {verb} ON asset_event BEGIN "
            "SELECT RAISE(ABORT, 'asset_event is append-only: post a correction'); END"
        )


def downgrade() -> None:
    """Drop the table with what it holds."""
    op.drop_table("asset_event")
