"""Runs that wait for people, the forms that ask them, and who is at which run."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    """Return columns of text."""
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "claim",
        *text("name", "holder", "token", "until"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_claim")),
        sqlite_strict=True,
    )
    op.create_table(
        "waiting",
        *text("id", "run", "kind", "subject", "opened_at"),
        *text("remind_at", "deadline", nullable=True),
        *text("lapse"),
        sa.Column("tries", INT64, nullable=False),
        *text("reminded_at", "closed_at", "outcome", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_waiting_run")),
        sa.CheckConstraint("kind IN ('choice', 'review')", name=op.f("ck_waiting_kind")),
        sa.CheckConstraint("lapse IN ('auto', 'stop')", name=op.f("ck_waiting_lapse")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_waiting_closed")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_waiting_run"), "waiting", ["run"])
    op.create_table(
        "form",
        *text("id", "waiting", "flow_run", "shown_at"),
        *text("read_at", "refusal", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.ForeignKeyConstraint(["waiting"], ["waiting.id"], name=op.f("fk_form_waiting")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_form_flow_run"), "form", ["flow_run"])


def downgrade() -> None:
    """Drop them, those first that point at others."""
    for table in ("form", "waiting", "claim"):
        op.drop_table(table)
