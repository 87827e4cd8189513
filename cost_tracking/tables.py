"""The tables, once, for SQLite and Postgres.

Amounts are int64 micros beside their currency. There is no float and no ``Numeric`` column: on
SQLite both come back inexact, without a warning. Moments are UTC text (``moments.stamp``), days are
ISO text, JSON is canonical text (``creative.value.canonical``), so that what is hashed is what is
kept. On SQLite the tables are STRICT: text in a column of whole numbers is an error, not a guess.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up only a column that is spelled INTEGER, and STRICT knows no BIGINT.
INT64 = BigInteger().with_variant(Integer(), "sqlite")
APPEND_ONLY = ("txn", "posting", "usage", "budget_change", "choice", "decision", "act")
"""The tables whose rows a trigger keeps from being changed or deleted."""


def _table(
    name: str,
    *parts: Column[str]
    | Column[int]
    | Column[int | None]
    | Column[str | None]
    | CheckConstraint
    | UniqueConstraint
    | Index,
) -> Table:
    return Table(name, METADATA, *parts, sqlite_strict=True)


def _text(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=False)


def _maybe(name: str) -> Column[str | None]:
    return Column(name, Text, nullable=True)


def _whole(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, INT64, nullable=nullable)


def _sequence() -> Column[int]:
    return Column("seq", INT64, primary_key=True, autoincrement=True)


run = _table(
    "run",
    _text("id", primary_key=True),
    _text("campaign"),
    _text("brief_path"),
    _text("brief_sha256"),
    _text("options"),
    _text("state"),
    _text("started_at"),
    _text("updated_at"),
    Index(None, "campaign", "started_at"),
)
"""One execution of a campaign. ``options`` is JSON."""

attempt = _table(
    "attempt",
    _text("id", primary_key=True),
    _text("campaign"),
    _text("run"),
    _text("asset"),
    _text("stage"),
    _text("provider"),
    _text("model"),
    _text("operation"),
    _maybe("market"),
    _maybe("locale"),
    _text("price"),
    _text("request_sha256"),
    _whole("round"),
    _text("state"),
    _whole("repeatable"),
    _whole("estimate_micros"),
    _text("currency"),
    _whole("budget_micros"),
    _text("budget_currency"),
    _text("owner"),
    _text("token"),
    _text("lease_until"),
    _text("reserved_at"),
    _maybe("sent_at"),
    _maybe("closed_at"),
    _whole("amount_micros", nullable=True),
    _whole("budget_spent_micros", nullable=True),
    _whole("waste"),
    _maybe("basis"),
    _maybe("receipt"),
    _maybe("usage"),
    _maybe("answer_sha256"),
    _maybe("job"),
    _maybe("replaces"),
    _maybe("passed_over"),
    _maybe("concept"),
    _maybe("prompt"),
    Column("rework", INT64, nullable=False, server_default="0"),
    _maybe("redoes"),
    _maybe("error_kind"),
    _maybe("error"),
    _maybe("closed_by"),
    _maybe("close_reason"),
    UniqueConstraint("request_sha256", "round"),
    CheckConstraint(
        "state IN ('reserved', 'sent', 'settled', 'released', 'suspect')", name="state"
    ),
    CheckConstraint("(state = 'settled') = (amount_micros IS NOT NULL)", name="settled_amount"),
    CheckConstraint("estimate_micros >= 0 AND budget_micros >= 0", name="estimate"),
    CheckConstraint("repeatable IN (0, 1) AND waste IN (0, 1)", name="flags"),
    CheckConstraint("rework IN (0, 1)", name="rework"),
    Index(None, "campaign", "state"),
    Index(None, "state", "lease_until"),
)
"""One request to a provider that bills, written down before it is sent. ``currency`` is that of
``estimate_micros`` and ``amount_micros``; ``budget_currency`` that of the two budget columns.
``job`` is JSON: what is needed to ask a slow provider for its answer. ``replaces`` is the id of the
attempt at a provider before it in the route, or of rework, of that which brought what was rejected;
``passed_over`` is a JSON list of why those before it did not do it, and ``redoes`` one of the
rejected renditions that it is for."""

txn = _table(
    "txn",
    _sequence(),
    _text("idem_key"),
    _text("payload_sha256"),
    _text("kind"),
    _text("effective_on"),
    _text("recorded_at"),
    _text("source"),
    _text("source_doc"),
    _text("actor"),
    _maybe("run"),
    Column("reverses", INT64, ForeignKey("txn.seq"), nullable=True),
    Column("status", Text, nullable=False, server_default="actual"),
    Column("supersedes", INT64, ForeignKey("txn.seq"), nullable=True),
    Column("posting_period", Text, nullable=False, server_default=""),
    UniqueConstraint("idem_key"),
    UniqueConstraint("reverses"),
    CheckConstraint("status IN ('actual', 'estimate')", name="status"),
    # An index and not a constraint, which SQLite could not add to a table that is there.
    Index("uq_txn_supersedes", "supersedes", unique=True),
)
"""The head of one balanced entry of the ledger; ``seq`` is the order in which we knew.
``posting_period`` (``YYYY-MM``) is the month whose books it stands in: that of ``effective_on``, or
the next one that was open when it was posted. ``supersedes`` is the estimate that it takes the
place of."""

posting = _table(
    "posting",
    Column("txn_seq", INT64, ForeignKey("txn.seq"), primary_key=True, autoincrement=False),
    Column("line_no", INT64, primary_key=True, autoincrement=False),
    _text("account"),
    _maybe("cost_type"),
    _maybe("spend_class"),
    _maybe("policy"),
    _whole("amount_micros"),
    _text("currency"),
    _maybe("campaign"),
    _maybe("asset"),
    _maybe("market"),
    _maybe("locale"),
    _maybe("placement"),
    _maybe("channel"),
    _maybe("provider"),
    _maybe("stage"),
    _whole("waste"),
    _maybe("concept"),
    _maybe("model"),
    _maybe("prompt"),
    _maybe("reviewer"),
    Column("rework", INT64, nullable=False, server_default="0"),
    _maybe("attribution"),
    _whole("base_micros", nullable=True),
    _maybe("base_currency"),
    _maybe("fx_rate"),
    CheckConstraint("amount_micros <> 0", name="amount"),
    CheckConstraint("(account = 'cost') = (cost_type IS NOT NULL)", name="cost_type"),
    CheckConstraint("(cost_type IS NULL) = (spend_class IS NULL)", name="spend_class"),
    CheckConstraint("waste IN (0, 1)", name="waste"),
    CheckConstraint("rework IN (0, 1)", name="rework"),
    CheckConstraint("attribution IN ('direct', 'allocated', 'unmatched')", name="attribution"),
    CheckConstraint("(base_micros IS NULL) = (base_currency IS NULL)", name="base"),
    Index(None, "campaign", "account"),
)
"""One line of an entry. Money that was spent stands on the account ``cost``, positive; whom it is
owed to stands on ``payable:<name>``, negative. ``waste`` marks what was paid for nothing,
``rework`` what was paid to do an asset again. ``base_micros`` is the amount in ``base_currency``,
at the dated rate whose id is ``fx_rate``."""

usage = _table(
    "usage",
    Column("txn_seq", INT64, ForeignKey("txn.seq"), primary_key=True, autoincrement=False),
    Column("line_no", INT64, primary_key=True, autoincrement=False),
    _text("meter", primary_key=True),
    _text("quantity"),
    _text("unit"),
    _maybe("unit_price"),
    _maybe("price_id"),
    _text("exact_amount"),
    _text("currency"),
    _maybe("request_id"),
    _maybe("billed_amount"),
)
"""What a line of an entry is made of, as exact decimal text: unit prices go far below a micro.
``line_no`` is that of the posting. An entry of less than half a micro has usage and no posting."""

budget = _table(
    "budget",
    _text("campaign", primary_key=True),
    _text("spend_class", primary_key=True),
    _text("currency"),
    _whole("limit_micros"),
    _whole("reserved_micros"),
    _whole("spent_micros"),
    _text("updated_at"),
    CheckConstraint("limit_micros >= 0 AND reserved_micros >= 0", name="amounts"),
)
"""What a campaign may spend. ``spent`` may exceed the limit: a fact is never refused."""

budget_change = _table(
    "budget_change",
    _sequence(),
    _text("campaign"),
    _text("spend_class"),
    _text("currency"),
    _whole("before_micros", nullable=True),
    _whole("after_micros"),
    _text("by"),
    _text("at"),
    Index(None, "campaign"),
)
"""Who set which limit, and when."""

bucket = _table("bucket", _text("name", primary_key=True), _whole("due_micros"))
"""How fast one account may be asked. ``due_micros`` is the moment, in microseconds since 1970, at
which all that was asked so far is worked off at the account's rate."""

asset = _table(
    "asset",
    _sequence(),
    _text("campaign"),
    _text("slot"),
    _whole("version"),
    _text("sha256"),
    _text("recipe"),
    _text("kind"),
    _maybe("market"),
    _maybe("locale"),
    _maybe("placement"),
    _maybe("concept"),
    _whole("bytes"),
    _whole("width", nullable=True),
    _whole("height", nullable=True),
    _text("format"),
    _maybe("key_visual"),
    _maybe("deck"),
    _maybe("source_type"),
    _text("findings"),
    _text("made_at"),
    _maybe("made_from"),
    UniqueConstraint("campaign", "slot", "version"),
    Index(None, "recipe"),
)
"""Every version of every asset. It is also the cache of what was rendered: the same recipe gives
the same sha256. ``findings`` is JSON. ``made_from`` is the sha256 of the list of files that it was
made from."""

choice = _table(
    "choice",
    _text("campaign", primary_key=True),
    Column("seq", INT64, primary_key=True, autoincrement=False),
    _text("statement"),
)
"""The picks of concepts of a campaign, the newest last. ``statement`` is JSON."""

decision = _table(
    "decision",
    _sequence(),
    _text("prev_sha256"),
    _text("sha256"),
    _text("statement"),
    _maybe("key_id"),
    _maybe("signature"),
    UniqueConstraint("prev_sha256"),
    UniqueConstraint("sha256"),
)
"""The chain of decisions; a parent has one child, so it cannot fork. ``statement`` is JSON.
``signature`` is over ``sha256``, and so over all that came before; rows from before there were
keys have none."""

act = _table(
    "act",
    _sequence(),
    _text("prev_sha256"),
    _text("sha256"),
    _text("statement"),
    _maybe("key_id"),
    _maybe("signature"),
    UniqueConstraint("prev_sha256"),
    UniqueConstraint("sha256"),
)
"""The chain of all that people did or were refused, decisions aside: choices, edits, refusals."""

nonce = _table("nonce", _text("nonce", primary_key=True), _text("used_at"))
"""What was made to be used once, and was: a form that is sent again decides nothing twice."""

session = _table(
    "session",
    _text("token_sha256", primary_key=True),
    _text("person"),
    _text("statement"),
    _text("created_at"),
    _text("expires_at"),
    _maybe("ended_at"),
    Index(None, "person"),
)
"""Who is signed in to the review page. The token itself is only in the person's browser;
``statement`` is JSON: how they proved who they are."""
