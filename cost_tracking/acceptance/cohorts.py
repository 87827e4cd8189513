"""Works out what outcomes have cost: who bears which amount, and what the failures would have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cache

from cost_tracking.acceptance.cohort import Cohorts, Counts, Parts, Row
from cost_tracking.acceptance.outcome import Cost, Outcome, Standing, State
from cost_tracking.acceptance.sharing import Shared, Sharing
from cost_tracking.money import Money


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
