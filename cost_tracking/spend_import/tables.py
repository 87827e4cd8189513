"""The tables of what was imported; see ``cost_tracking.tables``."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from cost_tracking.tables import INT64, METADATA

spend_file = Table(
    "spend_file",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("sha256", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("rows", INT64, nullable=False),
    Column("changed", INT64, nullable=False),
    Column("imported_at", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Index(None, "sha256"),
    sqlite_strict=True,
)
"""Every import of a file, also of one that changed nothing."""

import_row = Table(
    "import_row",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("ad_id", Text, nullable=False),
    Column("breakdown", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("payload_sha256", Text, nullable=False),
    Column("gone", INT64, nullable=False),
    Column("level", Text, nullable=False),
    Column("of_campaign", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("amount_micros", INT64, nullable=False),
    Column("currency", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("counted", Text, nullable=False),
    Column("txn_seq", INT64, ForeignKey("txn.seq"), nullable=True),
    Column("file_seq", INT64, ForeignKey("spend_file.seq"), nullable=False),
    Column("line", INT64, nullable=False),
    UniqueConstraint("platform", "account", "day", "ad_id", "breakdown", "revision"),
    CheckConstraint("gone IN (0, 1)", name="gone"),
    CheckConstraint("amount_micros >= 0", name="amount"),
    CheckConstraint("attribution IN ('direct', 'allocated', 'unmatched')", name="attribution"),
    Index(None, "txn_seq"),
    sqlite_strict=True,
)
"""Each row of an export under its natural key (platform, account, day, ad, breakdown), in every
revision that the platform has told; the last one stands. ``txn_seq`` is its entry, NULL where it
cost nothing or is ``gone``. ``counted`` is JSON: what of it was counted against which campaign's
working budget. ``day`` is the platform's own, in ``time_zone``."""
