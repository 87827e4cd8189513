"""Sums of the copy, divided by whatever is asked for: seconds over millions of lines."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import AwareDatetime, Field, field_validator

from cost_tracking.mirror import shape
from cost_tracking.mirror.sums import in_words, summed
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.policy import Policy
from cost_tracking.reports.figures import each
from creative.value import Value

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PARTS = ("month", "cost_type", *shape.NAMES, *shape.FLAGS)
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
    top: int | None = Field(default=None, ge=1)
    """How many groups are told, the dearest first; what the others sum to is told as one."""

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


class Sums(NamedTuple):
    """The groups that are told, the dearest first, and what all others sum to."""

    rows: tuple[Sum, ...]
    rest: tuple[Sum, ...] = ()
    """By currency, with no parts."""
    groups: int = 0
    """How many the others are."""


class Accepted(NamedTuple):
    """What the assets of one campaign that stand accepted have cost."""

    campaign: str
    non_working: Money
    accepted: int
    per_accepted: Money | None
    """None while nothing is accepted."""


def pivot(path: Path, policy: Policy, asked: Asked) -> Sums:
    """Return the sums.

    They are those of the ledger to the micro, also where the policy divides a cost.

    Raises:
        UnknownCostType: The ledger holds a cost type that the policy says nothing of.

    """
    count = len(asked.by)
    with closing(opened(path)) as copy:
        keep(copy, policy, asked)
        limit = "" if asked.top is None else f" LIMIT {asked.top}"
        rows = copy.execute(in_words("summed", asked.by) + limit).fetchall()
        ((groups,),) = copy.execute("SELECT count(*) FROM summed").fetchall()
        hidden = groups - len(rows)
        whole = copy.execute(in_words(f"({_WHOLE})", ())).fetchall() if hidden else []
    told = tuple(Sum(row[:count], *row[count:]) for row in rows)
    left = (_without(Sum((), *row), told) for row in whole)
    return Sums(told, tuple(one for one in left if one.lines), hidden)


_WHOLE = """
    SELECT currency, sum(working)::BIGINT AS working, sum(non_working)::BIGINT AS non_working,
        sum(excluded)::BIGINT AS excluded, sum(lines)::BIGINT AS lines
    FROM summed GROUP BY currency"""


def _without(whole: Sum, told: Sequence[Sum]) -> Sum:
    """Return what is left of a currency's whole without the groups that are told."""
    same = [one for one in told if one.currency == whole.currency]
    return Sum(
        (),
        whole.currency,
        whole.working - sum(one.working for one in same),
        whole.non_working - sum(one.non_working for one in same),
        whole.excluded - sum(one.excluded for one in same),
        whole.lines - sum(one.lines for one in same),
    )


def keep(copy: "DuckDBPyConnection", policy: Policy, asked: Asked) -> None:
    """Sum into the temporary table ``summed``, words as numbers.

    Raises:
        UnknownCostType: The ledger holds a cost type that the policy says nothing of.

    """
    query = summed(copy, policy, asked.by, asked.until, asked.campaign)
    copy.execute(f"CREATE TEMP TABLE summed AS {query.sql}", query.values)


def accepted(path: Path, policy: Policy, asked: Asked) -> tuple[Accepted, ...]:
    """Return what each accepted asset cost, by campaign: all non-working money over what stands.

    An asset stands when the newest decision on its newest decided bytes accepts them.
    """
    with closing(opened(path)) as copy:
        query = summed(copy, policy, ("campaign",), asked.until, asked.campaign)
        rows = copy.execute(
            f"""
            WITH newest AS (
                SELECT campaign, asset, arg_max(verdict, seq) AS verdict
                FROM verdict WHERE decided_at <= ? GROUP BY campaign, asset),
            standing AS (
                SELECT campaign, count(*) AS accepted FROM newest
                WHERE verdict = 'accepted' GROUP BY campaign),
            spent AS ({query.sql})
            SELECT campaign_word.text, currency_word.text, non_working, coalesce(accepted, 0)
            FROM spent LEFT JOIN standing USING (campaign)
            JOIN word AS campaign_word ON campaign_word.id = spent.campaign
            JOIN word AS currency_word ON currency_word.id = spent.currency
            ORDER BY non_working DESC, campaign_word.text, currency_word.text
            """,  # noqa: S608 - of this package
            [stamp(asked.at) if asked.at else "9", *query.values],
        ).fetchall()
    found: list[Accepted] = []
    for campaign, currency, micros, count in rows:
        spent = Money(micros=micros, currency=currency)
        found.append(Accepted(campaign, spent, count, each(spent, count)))
    return tuple(found)


def opened(path: Path) -> "DuckDBPyConnection":
    """Open the copy to be read; whoever calls closes it."""
    import duckdb

    return duckdb.connect(str(path), read_only=True)
