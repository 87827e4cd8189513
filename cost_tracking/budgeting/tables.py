"""The tables of limits, what counts against them, transfers and forecasts."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from cost_tracking.tables import INT64, METADATA


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _whole(name: str) -> Column[int]:
    return Column(name, INT64, nullable=False)


def _key(name: str, of: str) -> Column[int]:
    return Column(name, INT64, ForeignKey(of), primary_key=True, autoincrement=False)


budget_limit = Table(
    "budget_limit",
    METADATA,
    Column("id", INT64, primary_key=True, autoincrement=True),
    _text("campaign"),
    _text("spend_class"),
    _text("channel"),
    _text("period"),
    _text("provider"),
    _text("currency"),
    _whole("limit_micros"),
    _whole("reserved_micros"),
    _whole("spent_micros"),
    _text("updated_at"),
    UniqueConstraint("campaign", "spend_class", "channel", "period", "provider"),
    CheckConstraint("limit_micros >= 0 AND reserved_micros >= 0", name="amounts"),
    CheckConstraint("spend_class IN ('*', 'working', 'non_working')", name="spend_class"),
    sqlite_strict=True,
)
"""What may be spent of all that matches a scope; ``*`` matches anything. ``limit_micros`` is the
newest amount that was set, and what was transferred since the first. ``spent_micros`` is the sum
of ``budget_count`` and may exceed it: a fact is never refused."""

budget_limit_change = Table(
    "budget_limit_change",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    Column("limit_id", INT64, ForeignKey("budget_limit.id"), nullable=False),
    Column("before_micros", INT64, nullable=True),
    _whole("after_micros"),
    _text("by"),
    _text("at"),
    Index(None, "limit_id"),
    sqlite_strict=True,
)
"""Who set which limit, and when; transfers are not in these amounts."""

budget_hold = Table(
    "budget_hold",
    METADATA,
    _key("limit_id", "budget_limit.id"),
    Column("attempt", Text, ForeignKey("attempt.id"), primary_key=True),
    _whole("micros"),
    Index(None, "attempt"),
    sqlite_strict=True,
)
"""What an attempt reserved of a limit, in its currency; it holds for as long as it is open."""

budget_count = Table(
    "budget_count",
    METADATA,
    _key("limit_id", "budget_limit.id"),
    _key("txn_seq", "txn.seq"),
    Column("line_no", INT64, primary_key=True, autoincrement=False),
    _whole("micros"),
    sqlite_strict=True,
)
"""What a line of the ledger counts for against a limit, in its currency."""

budget_transfer = Table(
    "budget_transfer",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    _text("idem_key"),
    _text("kind"),
    _text("from_scope"),
    _text("to_scope"),
    _text("campaign"),
    _text("from_class"),
    _text("to_class"),
    _whole("amount_micros"),
    _text("currency"),
    _text("reason"),
    _text("approved_by"),
    _text("by"),
    _text("at"),
    UniqueConstraint("idem_key"),
    CheckConstraint("amount_micros > 0", name="amount"),
    CheckConstraint("kind IN ('budget', 'limit')", name="kind"),
    CheckConstraint("from_scope <> to_scope", name="scopes"),
    Index(None, "campaign"),
    sqlite_strict=True,
)
"""Budget that was moved. ``campaign`` is the one that it was taken from. Of kind ``budget`` it went
from one campaign's budget of a class to another; of kind ``limit`` between two limits, which sets
no money free."""

budget_forecast = Table(
    "budget_forecast",
    METADATA,
    Column("seq", INT64, primary_key=True, autoincrement=True),
    _text("campaign"),
    _text("spend_class"),
    _text("channel"),
    _text("provider"),
    _text("month"),
    _whole("amount_micros"),
    _text("currency"),
    _text("note"),
    _text("by"),
    _text("at"),
    CheckConstraint("amount_micros >= 0", name="amount"),
    Index(None, "campaign", "month"),
    sqlite_strict=True,
)
"""What somebody expected a month to cost; of one scope, month and currency the newest holds."""
