"""What each outcome that stayed accepted has cost, with all that failed in the numerator.

The cost of a cohort is everything that was ever spent for it: what was never accepted, what was
done again, people's time, shares of subscriptions. The denominator is only what stayed. Beside it
stands the cost of each generated outcome, which is what a tool that counts its own calls would
report, and the drift between the two.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from cost_tracking.money import Money
from creative.value import Value

FEW = 25
"""Below so many outcomes that stayed, the cost of each still jumps from one to the next.
Source: aifinops.dev, which sees the figure settle between 25 and 100 accepted units."""


class Parts(Value):
    """Where the money of a cohort went. The parts sum to its cost, exactly."""

    stayed: Money
    """Made outcomes that stayed accepted at their first version."""
    maturing: Money
    """Made outcomes whose window is still open."""
    failed: Money
    """Made outcomes that were accepted and then disqualified."""
    rejected: Money
    """Made versions that were decided against, or that nobody chose."""
    waiting: Money
    """Made outcomes that nobody has decided on."""
    waste: Money
    """Bought nothing that can be used: refused, failed or lost calls, and scrapped concepts."""
    rework: Money
    """Spent on an outcome after it was refused or disqualified."""
    overhead_allocated: Money
    """Shares of what is for the whole: labour, subscriptions, retainers."""
    unallocated: Money
    """For a market, a placement or a campaign in which there is no outcome."""

    @property
    def first_pass_kept(self) -> Money:
        """Return what made the outcomes that are kept so far."""
        return self.stayed + self.maturing

    @property
    def scrap(self) -> Money:
        """Return what made nothing that is kept."""
        return self.failed + self.rejected + self.waiting + self.waste

    @property
    def total(self) -> Money:
        """Return all of it."""
        kept = self.first_pass_kept + self.scrap
        return kept + self.rework + self.overhead_allocated + self.unallocated

    @property
    def direct(self) -> Money:
        """Return what the first pass alone has cost: the numerator of the naive figure."""
        return self.first_pass_kept + self.scrap


class Counts(Value):
    """How many outcomes stand where. With sizes they count units."""

    generated: int
    accepted: int
    """At least once: stayed, failed and maturing."""
    stayed: int
    failed: int
    maturing: int
    rejected: int
    waiting: int
    eventually_stayed: int
    """With any version that stayed; a second version never adds a second one."""
    eventually_maturing: int
    stayed_outcomes: int
    """Outcomes that stayed, whatever their size: the sample."""


class Row(Value):
    """One cohort, or one part of it. The rows of a cut sum to the whole in every figure."""

    month: str
    """Of the first acceptance, as ``2027-03``; empty in a row of all months, and in one of
    campaigns in which nothing was accepted yet."""
    key: str
    """What it is cut by: a market's code, a model's name. Empty for what names none."""
    counts: Counts
    parts: Parts
    unpriced: Money
    """What the failures whose clean-up nobody recorded would have cost at the price of the
    others; in the evenly priced reading only."""

    @property
    def cost(self) -> Money:
        """Return everything that was ever spent for it."""
        return self.parts.total

    @property
    def per_accepted(self) -> Decimal | None:
        """Return the headline: all cost for each whose first version stayed; None before one did.

        While windows are open it is the upper bound.
        """
        return each(self.cost, self.counts.stayed)

    @property
    def lower_bound(self) -> Decimal | None:
        """Return the cost for each if all that is maturing stays."""
        return each(self.cost, self.counts.stayed + self.counts.maturing)

    @property
    def per_eventual(self) -> Decimal | None:
        """Return the evenly priced cost for each of which any version stayed."""
        return each(self.cost + self.unpriced, self.counts.eventually_stayed)

    @property
    def evenly_priced(self) -> Decimal | None:
        """Return the headline as if each failure had been cleaned up at the same price."""
        return each(self.cost + self.unpriced, self.counts.stayed)

    @property
    def per_generated(self) -> Decimal | None:
        """Return what making each has cost at first, accepted or not."""
        return each(self.parts.direct, self.counts.generated)

    @property
    def drift(self) -> Decimal | None:
        """Return how many times the cost of a generated one each accepted one cost."""
        return _ratio(self.per_accepted, self.per_generated)

    @property
    def few(self) -> bool:
        """Say whether so few stayed that the figure still moves with each."""
        return self.counts.stayed_outcomes < FEW


class Cohorts(Value):
    """What a selection of outcomes has cost, as a whole and in its parts."""

    currency: str
    at: datetime
    """The watermark."""
    by: str
    """The dimension of ``rows``; empty when it is not cut."""
    total: Row
    months: tuple[Row, ...]
    """By the month of the first acceptance, the oldest first."""
    rows: tuple[Row, ...]
    """By ``by``, the dearest first."""
    series: tuple[Row, ...]
    """By month and ``by``."""
    clean_up: Money | None
    """The price at which the evenly priced reading counts a clean-up that nobody recorded."""
    clean_up_basis: str
    """Where that price is from."""
    behind: Mapping[tuple[str, str], tuple[frozenset[str], frozenset[int]]] = Field(
        exclude=True, repr=False
    )
    """By month and key, the ids of the amounts that are wholly its, and the places in ``pools`` of
    those that it shares."""
    pools: tuple[frozenset[str], ...] = Field(exclude=True, repr=False)

    def costs(self, *, month: str | None = None, key: str | None = None) -> tuple[str, ...]:
        """Return the ids of the amounts behind a row, wholly or by a share, in the ledger's order.

        Args:
            month: Of a row of one month; None for all months.
            key: Of a row of one part; None for all parts.

        """
        cells = [
            behind
            for (its_month, its_key), behind in self.behind.items()
            if month in {None, its_month} and key in {None, its_key}
        ]
        pools = {pool for _, shared in cells for pool in shared}
        ids = set().union(*(own for own, _ in cells), *(self.pools[pool] for pool in pools))
        return tuple(sorted(ids, key=_in_order))


def each(cost: Money, count: int) -> Decimal | None:
    """Return a cost for each, exact to 28 digits, or None of none."""
    return cost.amount / count if count else None


def _ratio(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return one / other if one is not None and other else None


def _in_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort ``2.1`` before ``10.1``, and words after numbers."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in name.split("."))
