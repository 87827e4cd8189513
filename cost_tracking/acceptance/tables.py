"""The table of what befell assets after they were made; see ``cost_tracking.tables``."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint

from cost_tracking.tables import INT64, METADATA

asset_event = Table(
    "asset_event",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("idem_key", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("version", INT64, nullable=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("retracts", Text, nullable=True),
    UniqueConstraint("idem_key"),
    UniqueConstraint("retracts"),
    CheckConstraint(
        "kind IN ('pulled', 'redo_requested', 'complaint', 'platform_rejected', 'superseded', "
        "'ended', 'expired', 'support_contact', 'review', 'retracted')",
        name="kind",
    ),
    CheckConstraint("(kind = 'retracted') = (retracts IS NOT NULL)", name="retracts"),
    Index(None, "campaign", "slot"),
    sqlite_strict=True,
)
"""What was heard of an asset once it was out. What was made is in ``asset`` and what was decided in
``decision``; neither is repeated here. ``retracts`` is the ``idem_key`` of the event that this one
takes back, such as a platform's rejection that was overturned."""
