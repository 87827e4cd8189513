"""Sums of the copy, divided by whatever is asked for: seconds over millions of lines."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import AwareDatetime, Field, field_validator

from cost_tracking.mirror.copy import NAMES
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.policy import WHOLE, Policy, SpendClass
from cost_tracking.reports.figures import each
from creative.value import Value

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARTS = ("month", "cost_type", *NAMES, "rework", "waste")
"""What sums may be divided by, beside the currency, which always divides them."""
Part = Literal[
    "month",
    "cost_type",
    "campaign",
    "asset",
    "market",
    "locale",
    "placement",
    "channel",
    "provider",
    "stage",
    "rework",
    "waste",
]


class Asked(Value):
    """Which sums."""

    by: tuple[Part, ...] = ()
    until: int | None = Field(default=None, ge=0)
    """The last entry that counts; None counts all that the copy has."""
    at: AwareDatetime | None = None
    """The moment up to which decisions count; None counts all that the copy has."""
    campaign: str | None = None

    @field_validator("by")
    @classmethod
    def _once(cls, by: tuple[Part, ...]) -> tuple[Part, ...]:
        if len(set(by)) < len(by):
            raise ValueError("it names one part twice; name each once")
        return by


class Sum(NamedTuple):
    """One group's money, in micros: a big ledger has a hundred thousand groups."""

    parts: tuple[str, ...]
    """In the order of ``Asked.by``; empty text for what a line does not name."""
    currency: str
    working: int
    non_working: int
    excluded: int
    lines: int

    def money(self, micros: int) -> Money:
        """Return micros of this group as money."""
        return Money(micros=micros, currency=self.currency)


class Accepted(NamedTuple):
    """What the assets of one campaign that stand accepted have cost."""

    campaign: str
    non_working: Money
    accepted: int
    per_accepted: Money | None
    """None while nothing is accepted."""


def pivot(path: Path, policy: Policy, asked: Asked) -> tuple[Sum, ...]:
    """Return the sums, the dearest first.

    A cost that the policy divides is divided a line at a time, as ``Policy.parts`` does it, so
    that the sums are those of the ledger to the micro.

    Raises:
        UnknownCostType: The ledger holds a cost type that the policy says nothing of.

    """
    groups = ", ".join((*asked.by, "currency"))
    where, values = _where(asked)
    with closing(_opened(path)) as copy:
        _classes(copy, policy)
        rows = copy.execute(
            f"""
            SELECT {groups}, sum(working)::BIGINT, sum(non_working)::BIGINT,
                sum(excluded)::BIGINT, count(*)
            FROM ({_DIVIDED} {where}) GROUP BY {groups}
            ORDER BY sum(working) + sum(non_working) DESC, {groups}
            """,  # noqa: S608 - the names are those of ``Part``, and the values are bound
            values,
        ).fetchall()
    count = len(asked.by)
    return tuple(Sum(row[:count], *row[count:]) for row in rows)


def accepted(path: Path, policy: Policy, asked: Asked) -> tuple[Accepted, ...]:
    """Return what each accepted asset cost, by campaign: all non-working money over what stands.

    An asset stands when the newest decision on its newest decided bytes accepts them.
    """
    where, values = _where(asked)
    with closing(_opened(path)) as copy:
        _classes(copy, policy)
        rows = copy.execute(
            f"""
            WITH newest AS (
                SELECT campaign, asset, arg_max(verdict, seq) AS verdict
                FROM verdict WHERE decided_at <= ? GROUP BY campaign, asset),
            standing AS (
                SELECT campaign, count(*) AS accepted FROM newest
                WHERE verdict = 'accepted' GROUP BY campaign),
            spent AS (
                SELECT campaign, currency, sum(non_working)::BIGINT AS micros
                FROM ({_DIVIDED} {where}) GROUP BY campaign, currency)
            SELECT spent.campaign, currency, micros, coalesce(accepted, 0)
            FROM spent LEFT JOIN standing USING (campaign)
            ORDER BY micros DESC, spent.campaign, currency
            """,  # noqa: S608 - likewise
            [stamp(asked.at) if asked.at else "9", *values],
        ).fetchall()
    found: list[Accepted] = []
    for campaign, currency, micros, count in rows:
        spent = Money(micros=int(micros), currency=currency)
        found.append(Accepted(campaign, spent, count, each(spent, count)))
    return tuple(found)


# The division of ``money.allocate`` between two: what is left over goes to the larger remainder,
# and of equal ones to non-working, which sorts first. The sign is put back at the end.
_DIVIDED = """
    SELECT line.*,
        CASE working_bp WHEN 0 THEN 0 WHEN 10000 THEN micros ELSE (
            sign(micros) * (abs(micros)::HUGEINT * working_bp // 10000
                + (abs(micros)::HUGEINT * working_bp % 10000 > 5000)::INT))::BIGINT END AS working,
        CASE counted WHEN 0 THEN micros ELSE 0 END AS excluded,
        micros - working - excluded AS non_working
    FROM line JOIN class USING (cost_type)"""


def _opened(path: Path) -> "DuckDBPyConnection":
    import duckdb

    return duckdb.connect(str(path), read_only=True)


def _classes(copy: "DuckDBPyConnection", policy: Policy) -> None:
    types = [name for (name,) in copy.execute("SELECT DISTINCT cost_type FROM line").fetchall()]
    rows = []
    for name in types:
        rule = policy.rule(name)
        whole = WHOLE if rule.spend_class is SpendClass.WORKING else 0
        share = whole if rule.working_bp is None else rule.working_bp
        rows.append((name, share, int(rule.spend_class is not SpendClass.EXCLUDED)))
    copy.execute("CREATE TEMP TABLE class (cost_type VARCHAR, working_bp BIGINT, counted BIGINT)")
    if rows:
        copy.executemany("INSERT INTO class VALUES (?, ?, ?)", rows)


def _where(asked: Asked) -> tuple[str, list[object]]:
    terms: list[str] = []
    values: list[object] = []
    if asked.until is not None:
        terms.append("seq <= ?")
        values.append(asked.until)
    if asked.campaign is not None:
        terms.append("campaign = ?")
        values.append(asked.campaign)
    return (f"WHERE {' AND '.join(terms)}" if terms else ""), values
