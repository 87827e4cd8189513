"""What each outcome that stayed accepted has cost, with all that failed in the numerator.

The cost of a cohort is everything that was ever spent for it: what was never accepted, what was
done again, people's time, shares of subscriptions. The denominator is only what stayed. Beside it
stands the cost of each generated outcome, which is what a tool that counts its own calls would
report, and the drift between the two.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache

from pydantic import Field

from cost_tracking.acceptance.outcome import Cost, Outcome, Standing, State
from cost_tracking.acceptance.sharing import Shared, Sharing
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


@dataclass(slots=True)
class _Tally:
    """One cell while it is counted."""

    states: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    eventually_stayed: int = 0
    eventually_maturing: int = 0
    sample: int = 0
    unpriced: int = 0
    money: Counter[str] = field(default_factory=Counter)
    costs: set[str] = field(default_factory=set)
    shared: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Held:
    """One outcome while its cost is counted."""

    outcome: Outcome
    state: State
    turned_at: datetime | None
    refused_first: bool
    """Whether a version was refused before one was accepted."""
    tally: _Tally
    part: str
    """Where what made it stands: the name of its state."""
    rework: int = 0


def cohorts(
    outcomes: Sequence[Outcome],
    costs: Iterable[Cost],
    at: datetime,
    currency: str,
    *,
    by: str = "",
    clean_up: Money | None = None,
) -> Cohorts:
    """Work out the cost of each accepted outcome, in every reading.

    What was never accepted is told in the month of the next acceptance of its campaign, or of the
    last one, and so are amounts that no outcome shares.

    Args:
        outcomes: As they were at the watermark, with ids that differ.
        costs: All non-working money, in one currency and up to the watermark.
        at: The watermark: windows that close later are open.
        currency: Of ``costs``.
        by: A dimension to cut by; empty for none.
        clean_up: What cleaning up a failure costs where nobody recorded it, for the evenly priced
            reading. None takes the mean of those recorded, and without any the mean of a first
            version.

    Raises:
        ValueError: An id occurs twice.

    Source: the accepted-outcome metric of aifinops.dev; the identity and the three readings are
    spelled out in ``docs/cost-per-accepted-asset.md``.

    """
    return _Work(outcomes, at, currency, by).told(costs, clean_up)


class _Work:
    """One computation: outcomes stand, amounts land on them, cells are summed."""

    def __init__(self, outcomes: Sequence[Outcome], at: datetime, currency: str, by: str) -> None:
        self._sharing = Sharing(outcomes)
        self._at = at
        self._currency = currency
        self._by = by
        self._cells: dict[tuple[str, str], _Tally] = {}
        self._pools: list[frozenset[str]] = []
        stands = [one.standing(at) for one in outcomes]
        months: dict[str, set[str]] = {}
        for one, its in zip(outcomes, stands, strict=True):
            if its.accepted_at is not None:
                months.setdefault(one.campaign, set()).add(_month(its.accepted_at))
        self._months = {campaign: sorted(found) for campaign, found in months.items()}
        self._held = [self._hold(one, its) for one, its in zip(outcomes, stands, strict=True)]

    def _hold(self, one: Outcome, its: Standing) -> _Held:
        accepted_at, state, turned = its.accepted_at, its.strict, its.turned_at
        month = (
            _month(accepted_at)
            if accepted_at
            else self._next_month(one.campaign, _month(one.tries[-1].made_at))
        )
        tally = self._cell(month, one.dims.get(self._by, "") if self._by else "")
        weight = one.weight
        tally.states[state] += weight
        if state is State.STAYED:
            tally.sample += one.count
        if its.eventual is State.STAYED:
            tally.eventually_stayed += weight
        elif its.eventual is State.MATURING:
            tally.eventually_maturing += weight
        refused_first = turned is not None and accepted_at is not None and turned < accepted_at
        return _Held(one, state, turned, refused_first, tally, state.value)

    def _cell(self, month: str, key: str) -> _Tally:
        cell = self._cells.get((month, key))
        if cell is None:
            cell = self._cells[month, key] = _Tally()
        return cell

    def _next_month(self, campaign: str, month: str) -> str:
        months = self._months.get(campaign, ())
        return next((one for one in months if one >= month), months[-1] if months else "")

    def told(self, costs: Iterable[Cost], clean_up: Money | None) -> Cohorts:
        """Return the figures of these amounts."""
        for landed in self._sharing.of(costs):
            if isinstance(landed, Shared):
                self._share(landed)
            else:
                self._charge(*landed)
        price, basis = self._price(clean_up)
        for one in self._held:
            one.tally.unpriced += _unpriced(one) * price
        return self._result(Money(micros=price, currency=self._currency), basis)

    def _charge(self, place: int, cost: Cost) -> None:
        """Charge an amount to the one outcome that it names."""
        one = self._held[place]
        if cost.part == "made":
            if one.turned_at is not None and cost.at > one.turned_at:
                part = "rework"
            elif one.refused_first:
                part = "rejected"
            else:
                part = one.part
        else:
            part = _PART[cost.part]
        one.tally.money[part] += cost.micros
        if part == "rework":
            one.rework += cost.micros
        one.tally.costs.add(cost.id)

    def _share(self, shared: Shared) -> None:
        if not shared.parts:
            for cost in shared.costs:
                key = cost.where.get(self._by, "") if self._by else ""
                month = self._next_month(cost.campaign, cost.period or f"{cost.on:%Y-%m}")
                cell = self._cell(month, key)
                cell.money["unallocated"] += cost.micros
                cell.costs.add(cost.id)
            return
        pool = len(self._pools)
        self._pools.append(frozenset(cost.id for cost in shared.costs))
        fixed = None if shared.part == "made" else _PART[shared.part]
        held = self._held
        for place, micros in shared.parts:
            one = held[place]
            part = fixed or one.part
            one.tally.money[part] += micros
            one.tally.shared.add(pool)
            if part == "rework":
                one.rework += micros

    def _price(self, given: Money | None) -> tuple[int, str]:
        if given is not None:
            return given.micros, "given"
        recorded = [one for one in self._held if one.rework and _failed(one)]
        if recorded:
            times = sum(max(1, one.outcome.redone) * one.outcome.count for one in recorded)
            return _rounded(sum(one.rework for one in recorded), times), "mean of those recorded"
        made = sum(cell.money[part] for cell in self._cells.values() for part in _MADE)
        count = sum(one.outcome.count for one in self._held)
        return (_rounded(made, count), "mean of a first version") if count else (0, "nothing made")

    def _result(self, price: Money, basis: str) -> Cohorts:
        cells = self._cells
        months = sorted({month for month, _ in cells}, key=lambda month: (not month, month))
        keys = {key for _, key in cells}
        rows = [
            self._row("", key, [cell for (_, its), cell in cells.items() if its == key])
            for key in keys
        ]
        rows.sort(key=lambda row: (not row.key, -row.cost.micros, row.key))
        return Cohorts(
            currency=self._currency,
            at=self._at,
            by=self._by,
            total=self._row("", "", list(cells.values())),
            months=tuple(
                self._row(month, "", [cell for (its, _), cell in cells.items() if its == month])
                for month in months
            ),
            rows=tuple(rows) if self._by else (),
            series=tuple(
                self._row(month, row.key, [cells[month, row.key]])
                for month in months
                for row in rows
                if (month, row.key) in cells
            )
            if self._by
            else (),
            clean_up=price if any(cell.states[State.FAILED] for cell in cells.values()) else None,
            clean_up_basis=basis,
            behind={
                which: (frozenset(cell.costs), frozenset(cell.shared))
                for which, cell in cells.items()
            },
            pools=tuple(self._pools),
        )

    def _row(self, month: str, key: str, cells: Sequence[_Tally]) -> Row:
        states = {state: sum(cell.states[state] for cell in cells) for state in State}
        accepted = sum(states[one] for one in (State.STAYED, State.FAILED, State.MATURING))
        money = {
            name: Money(micros=sum(cell.money[name] for cell in cells), currency=self._currency)
            for name in Parts.model_fields
        }
        return Row(
            month=month,
            key=key,
            counts=Counts(
                **{state.value: count for state, count in states.items()},
                generated=sum(states.values()),
                accepted=accepted,
                eventually_stayed=sum(cell.eventually_stayed for cell in cells),
                eventually_maturing=sum(cell.eventually_maturing for cell in cells),
                stayed_outcomes=sum(cell.sample for cell in cells),
            ),
            parts=Parts.model_validate(money),
            unpriced=Money(micros=sum(cell.unpriced for cell in cells), currency=self._currency),
        )


_MADE = ("stayed", "maturing", "failed", "rejected", "waiting", "waste")
_PART: Mapping[str, str] = {
    "rework": "rework",
    "overhead": "overhead_allocated",
    "waste": "waste",
}


def _failed(one: _Held) -> bool:
    return one.state is State.FAILED


def _unpriced(one: _Held) -> int:
    """Return how many clean-ups of an outcome nobody has recorded a cost for."""
    if one.state is not State.FAILED or one.rework:
        return 0
    return max(1, one.outcome.redone) * one.outcome.count


def _month(moment: datetime) -> str:
    return _written(moment.year, moment.month)


@cache
def _written(year: int, month: int) -> str:
    return f"{year:04}-{month:02}"


def _rounded(micros: int, count: int) -> int:
    return round(Fraction(micros, count))


def _in_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort ``2.1`` before ``10.1``, and words after numbers."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in name.split("."))
