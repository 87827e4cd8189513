"""The table of rates that were imported; see ``cost_tracking.tables``."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from cost_tracking.tables import INT64, METADATA

fx_rate = Table(
    "fx_rate",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("rate", Text, nullable=False),
    Column("rate_date", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("published_at", Text, nullable=True),
    Column("recorded_at", Text, nullable=False),
    Column("document_sha256", Text, nullable=False),
    Column("supersedes", INT64, ForeignKey("fx_rate.seq"), nullable=True),
    UniqueConstraint("base", "quote", "rate_date", "source", "revision"),
    UniqueConstraint("supersedes"),
    CheckConstraint("base <> quote AND revision >= 1", name="pair"),
    Index(None, "rate_date"),
    sqlite_strict=True,
)
"""What one unit of ``base`` was worth in ``quote``, as exact decimal text. A correction is a row
with the next ``revision`` that ``supersedes`` the earlier one; the first correction of a rate that
ships with us supersedes no row. ``document_sha256`` is of the file that it came in."""
