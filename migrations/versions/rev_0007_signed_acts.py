"""Decisions are signed, other acts of people are chained, sessions and nonces are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and the tables, and the triggers that keep the chain's rows."""
    op.add_column("decision", sa.Column("key_id", sa.Text(), nullable=True))
    op.add_column("decision", sa.Column("signature", sa.Text(), nullable=True))
    op.create_table(
        "act",
        sa.Column("seq", INT64, autoincrement=True, nullable=False),
        sa.Column("prev_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_act")),
        sa.UniqueConstraint("prev_sha256", name=op.f("uq_act_prev_sha256")),
        sa.UniqueConstraint("sha256", name=op.f("uq_act_sha256")),
        sqlite_strict=True,
    )
    op.create_table(
        "nonce",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_nonce")),
        sqlite_strict=True,
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_session_person"), "session", ["person"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER act_no_change BEFORE UPDATE OR DELETE ON act "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER act_no_truncate BEFORE TRUNCATE ON act "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER act_no_{verb.lower()} BEFORE {verb} ON act BEGIN "
            "SELECT RAISE(ABORT, 'act is append-only: post a correction'); END"
        )


def downgrade() -> None:
    """Drop the tables with what they hold, and the signatures."""
    for table in ("session", "nonce", "act"):
        op.drop_table(table)
    op.drop_column("decision", "signature")
    op.drop_column("decision", "key_id")
