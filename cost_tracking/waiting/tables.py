"""The tables of runs that wait, and of who is at them; see ``cost_tracking.tables``."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from cost_tracking.tables import INT64, METADATA

claim = Table(
    "claim",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("until", Text, nullable=False),
    sqlite_strict=True,
)
"""Who alone is at something now, such as at carrying a run out. ``token`` is of this one claim:
the same process may ask twice."""

waiting = Table(
    "waiting",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("run", Text, ForeignKey("run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("remind_at", Text, nullable=True),
    Column("deadline", Text, nullable=True),
    Column("lapse", Text, nullable=False),
    Column("tries", INT64, nullable=False),
    Column("reminded_at", Text, nullable=True),
    Column("closed_at", Text, nullable=True),
    Column("outcome", Text, nullable=True),
    CheckConstraint("kind IN ('choice', 'review')", name="kind"),
    CheckConstraint("lapse IN ('auto', 'stop')", name="lapse"),
    CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
    Index(None, "run"),
    sqlite_strict=True,
)
"""One time that a run came to wait for a person, until it is answered. ``subject`` is what they
are to look at, as JSON: the sha256 of each picture by the name of its concept or rendition."""

form = Table(
    "form",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("waiting", Text, ForeignKey("waiting.id"), nullable=False),
    Column("flow_run", Text, nullable=False),
    Column("shown_at", Text, nullable=False),
    Column("read_at", Text, nullable=True),
    Column("refusal", Text, nullable=True),
    Index(None, "flow_run"),
    sqlite_strict=True,
)
"""A form that Prefect shows for a waiting. ``refusal`` says why what was typed into it decided
nothing; it is empty where it did, or where nothing was typed."""
