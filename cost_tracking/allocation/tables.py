"""The tables of documents that people enter, and of how they were shared; see ``tables``."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from cost_tracking.tables import INT64, METADATA

spend_document = Table(
    "spend_document",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("payee", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("kind", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("txn_seq", INT64, ForeignKey("txn.seq"), nullable=False),
    Column("recorded_at", Text, nullable=False),
    UniqueConstraint("payee", "number", "revision"),
    UniqueConstraint("txn_seq"),
    CheckConstraint("revision >= 1", name="revision"),
    sqlite_strict=True,
)
"""What somebody entered: an invoice, a retainer, hours. ``statement`` is JSON. A correction is a
row with the next ``revision``, and the entry of the one before it is reversed."""

allocation = Table(
    "allocation",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("txn_seq", INT64, ForeignKey("txn.seq"), nullable=False),
    Column("pool", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("weights", Text, nullable=False),
    Column("total_micros", INT64, nullable=False),
    Column("currency", Text, nullable=False),
    Column("replaces", INT64, ForeignKey("allocation.seq"), nullable=True),
    UniqueConstraint("txn_seq"),
    UniqueConstraint("replaces"),
    Index(None, "pool"),
    sqlite_strict=True,
)
"""Why a pool was shared as it was. ``weights`` is JSON, by campaign and then by market, as exact
decimal text; it is empty where nobody used what was paid for. One that ``replaces`` another comes
after the reversal of that one's entry."""
