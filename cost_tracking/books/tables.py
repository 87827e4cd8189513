"""The tables that close and seal the books; see ``cost_tracking.tables``."""

from sqlalchemy import Column, Table, Text, UniqueConstraint

from cost_tracking.tables import INT64, METADATA

seal = Table(
    "seal",
    METADATA,
    Column("seq_to", INT64, primary_key=True, autoincrement=False),
    Column("prev_sha256", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("entries", INT64, nullable=False),
    Column("sums", Text, nullable=False),
    Column("sealed_at", Text, nullable=False),
    UniqueConstraint("prev_sha256"),
    UniqueConstraint("sha256"),
    sqlite_strict=True,
)
"""The chain of hashes over all entries up to ``seq_to``, how many they are, and as JSON what they
have cost by currency in micros. A seal has one successor, so the chain cannot fork."""

period = Table(
    "period",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("closed_at", Text, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("seq_to", INT64, nullable=False),
    Column("head_sha256", Text, nullable=False),
    Column("entries", INT64, nullable=False),
    Column("sums", Text, nullable=False),
    sqlite_strict=True,
)
"""The months (``YYYY-MM``) whose books are closed, with the seal that they were closed under and
what they held; a month without a row is open."""

carry = Table(
    "carry",
    METADATA,
    Column("price_id", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("exact_amount", Text, nullable=False),
    Column("posted_micros", INT64, nullable=False),
    sqlite_strict=True,
)
"""What was used at a price so far, exactly, and what of it was posted: the difference is carried to
the next entry, so that many calls of less than a micro are not rounded away."""
