"""What accepted assets cost, tied to the lines of the ledger: the heart of the page for the CMO."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from cost_tracking.acceptance.cohort import Cohorts, Row
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.history import Fate
from cost_tracking.acceptance.outcome import Cost, Outcome, State
from cost_tracking.acceptance.rules import AcceptancePolicy
from cost_tracking.acceptance.savings import Savings
from cost_tracking.acceptance.sentence import Phrase, journalled, sentence
from cost_tracking.acceptance.sharing import Shared, Sharing
from cost_tracking.acceptance.wasted import Wasted
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.reports.cohorts import CohortRow, Kept, Part, Reason, Saved
from cost_tracking.reports.evidence import Claim, Figure, Pool
from cost_tracking.reports.figures import number
from cost_tracking.reports.overview import UNNAMED, month_name
from cost_tracking.reports.overview_figures import Overview

CUTS = ("campaign", "market", "provider", "model", "prompt", "placement", "reviewer")
"""What the cost of an accepted asset is cut by."""
_EACH = "outcome"
_NAMES = {
    "moved": "Moved from non-working to working",
    "per_accepted": "Cost of each accepted asset",
    "below_baseline": "Against the baseline",
}


class Told(NamedTuple):
    """What became of the assets of all campaigns, up to a watermark."""

    outcomes: Sequence[Outcome]
    costs: Sequence[Cost]
    """The non-working money; what is no line of the overview does not count here."""
    fates: Sequence[Fate]
    wasted: Sequence[Wasted]
    savings: Sequence[Savings]
    benign: Mapping[tuple[str, str], int]
    """By kind and reason, events that do not speak against an asset."""
    rules: AcceptancePolicy
    at: datetime


def kept_assets(over: Overview, told: Told) -> Kept:
    """Return what the page says of accepted assets; each cost is tied to lines and shares."""
    return _Work(over, told).kept()


class _Work:
    def __init__(self, over: Overview, told: Told) -> None:
        self._over = over
        self._told = told
        self._places = {
            f"{one.seq}.{one.number}": place for place, one in enumerate(over.evidence.lines)
        }
        # The page tells an amount once: what the ledger says in the page's currency.
        self._costs = [
            one._replace(micros=over.making[self._places[one.id]])
            for one in told.costs
            if self._places.get(one.id, -1) in over.making
        ]
        self._ties = _Ties(over, told.outcomes, self._costs, self._places)

    def kept(self) -> Kept:
        """Return everything."""
        told, over = self._told, self._over
        whole = self._cohorts("")
        self._ties.place(self._cohorts(_EACH))
        row = self._row("all", "", "All", whole.total, self._ties.every())
        said = sentence(whole, told.savings)
        claims = {
            one.figure: self._claim(one, row.cost)
            for one in said.phrases
            if one.figure and one.value is not None
        }
        return Kept(
            policy=(
                f"An asset counts when it stayed accepted through its window; {told.rules.id} says "
                "what speaks against it. Planned endings do not."
            ),
            whole=row,
            eventual=whole.total.counts.eventually_stayed,
            per_eventual=_money(whole.total.per_eventual, over.scope.currency),
            months=tuple(
                self._row("cohort", one.month, month_name(one.month), one, tie)
                for one in whole.months
                if one.month
                for tie in [self._ties.of_month(one.month)]
            ),
            cuts=tuple((by, self._cut(by)) for by in CUTS),
            reasons=tuple(self._reasons()),
            parts=self._parts(whole.total, row.cost),
            sentence=tuple(claims.get(one.figure, one.text) for one in said.phrases),
            caveats=said.caveats,
            claims=self._saved(row.cost),
            each=claims.get("per_accepted"),
            wasted=self._wasted(),
        )

    def _cohorts(self, by: str) -> Cohorts:
        outcomes = self._ties.outcomes
        return cohorts(outcomes, self._costs, self._told.at, self._over.scope.currency, by=by)

    def _cut(self, by: str) -> tuple[CohortRow, ...]:
        rows = self._cohorts(by).rows
        if not any(one.key for one in rows):
            return ()
        names = self._over.scope.names
        return tuple(
            self._row(
                f"by-{by}",
                one.key,
                names.get(one.key, one.key) or UNNAMED,
                one,
                self._ties.of_trait(by, one.key),
            )
            for one in rows
        )

    def _row(self, group: str, key: str, name: str, row: Row, tie: "_Tie") -> CohortRow:
        currency = self._over.scope.currency
        figure = self._over.evidence.shared(
            group, f"Cost of the accepted assets: {name}", tie.parts, tie.shares
        )
        counts = row.counts
        open_ = counts.maturing > 0
        return CohortRow(
            key=key,
            name=name,
            made=counts.generated,
            stayed=counts.stayed,
            failed=counts.failed,
            maturing=counts.maturing,
            cost=figure,
            per_accepted=_money(row.per_accepted, currency),
            low=_money(row.lower_bound, currency),
            # With nothing open the bounds have met.
            high=_money(row.per_accepted, currency) if open_ else _money(row.lower_bound, currency),
            per_made=_money(row.per_generated, currency),
            few=row.few,
        )

    def _claim(self, one: Phrase, cost: Figure) -> Claim:
        moved = one.figure == "moved"
        terms = () if moved else (("All non-working cost", cost),)
        records = self._journal() if moved else (*one.terms, *self._stayed())
        return self._over.evidence.claim(_NAMES[one.figure], one.text, one.sum, terms, records)

    def _journal(self) -> tuple[str, ...]:
        """Return each transfer of budget behind what was moved, as the journal has it."""
        return tuple(
            f"{one.id}: {number(one.amount)} of {campaign}, {_side(one.from_class)} to "
            f"{_side(one.to_class)}, on {one.at.date()}, approved by {one.approved_by}: "
            f"{one.reason}"
            for campaign, one in (
                (saved.campaign, each)
                for saved in self._told.savings
                for each in saved.moved.transfers
            )
        )

    def _stayed(self) -> Iterator[str]:
        """Yield the names of the assets that the cost is divided among, a campaign at a time."""
        names: dict[str, list[str]] = {}
        for one in self._told.outcomes:
            if one.standing(self._told.at).strict is State.STAYED:
                names.setdefault(one.campaign, []).append(one.id)
        for campaign, some in sorted(names.items()):
            yield f"{campaign}, {number(len(some))} that stayed accepted: {', '.join(sorted(some))}"

    def _parts(self, total: Row, cost: Figure) -> tuple[Part, ...]:
        parts = total.parts
        named = (
            ("Right the first time", parts.first_pass_kept, "made what stayed, or still may"),
            ("Scrap", parts.scrap, "made what was refused, failed, or nobody decided on"),
            ("Rework", parts.rework, "spent on an asset after it was refused or failed"),
            ("Overhead", parts.overhead_allocated, "labour, agencies, subscriptions, by share"),
            ("Not shared", parts.unallocated, "for a place in which there is no asset"),
        )
        beside = self._over.non_working.money - cost.money
        rest = (("Beside the assets", beside, "of campaigns that made no asset of ours"),)
        return tuple(
            Part(name, Figure("", money), told)
            for name, money, told in (*named, *(rest if beside else ()))
        )

    def _reasons(self) -> Iterable[Reason]:
        against = Counter(one.reason for one in self._told.fates)
        for code, count in sorted(against.items(), key=lambda one: (-one[1], one[0])):
            yield Reason(code, _words(code), counts=True, assets=count)
        for (kind, code), count in sorted(self._told.benign.items(), key=lambda one: -one[1]):
            yield Reason(code, _words(code or kind), counts=False, assets=count)

    def _saved(self, cost: Figure) -> tuple[Saved, ...]:
        told, currency = self._told.savings, self._over.scope.currency
        claimed = [one.avoided for one in told if not one.avoided.not_claimed]
        refused = Counter(one.avoided.not_claimed for one in told if one.avoided.not_claimed)
        avoided = _total([one.avoided for one in claimed], currency) if claimed else None
        unspent = [one.unspent for one in told]
        moved = [one.moved for one in told]
        amount = _total([one.amount for one in moved], currency)
        return (
            Saved(
                "Cost avoided against the baseline; no cash",
                self._number("Cost avoided", avoided, cost),
                f"{number(len(claimed))} of {number(len(told))} campaigns have a baseline that was "
                "approved before its first use"
                + "".join(f"; {number(many)}: {why}" for why, many in refused.most_common(2)),
            ),
            Saved(
                "Budget not spent; cash, if nobody else spends it",
                self._number(
                    "Budget not spent", _total([one.saved for one in unspent], currency), cost
                )
                if unspent
                else None,
                "approved non-working budgets less all that was spent of them"
                + (
                    f"; {number(open_)} campaigns have not ended"
                    if (open_ := sum(one.provisional_until is not None for one in unspent))
                    else ""
                ),
            ),
            Saved(
                "Moved to working money",
                self._number("Moved to working money", amount, None) if amount else None,
                journalled(sum(len(one.transfers) for one in moved))
                + ("" if amount else ": none from non-working to working"),
            ),
        )

    def _number(self, title: str, amount: Money | None, cost: Figure | None) -> Claim | None:
        if amount is None:
            return None
        terms = (("All non-working cost", cost),) if cost else ()
        # What names no cost is what was moved, and has its journal.
        records = () if cost else self._journal()
        said = "Summed over campaigns."
        return self._over.evidence.claim(title, number(amount), said, terms, records)

    def _wasted(self) -> Figure | None:
        lines = [
            self._places[name]
            for one in self._told.wasted
            for name in one.costs
            if name in self._places
        ]
        return (
            self._over.evidence.figure("wasted", "Media behind a fault", lines) if lines else None
        )


def _side(spend_class: SpendClass) -> str:
    return spend_class.value.replace("_", "-")


class _Tie(NamedTuple):
    parts: Mapping[int, int]
    shares: Sequence[tuple[Pool, int]]


class _Ties:
    """Knows of each outcome which lines are its own, and which share of which pools."""

    def __init__(
        self,
        over: Overview,
        outcomes: Sequence[Outcome],
        costs: Sequence[Cost],
        places: Mapping[str, int],
    ) -> None:
        self.outcomes = [_with_id(one) for one in outcomes]
        self._own: dict[int, dict[int, int]] = {}
        self._shares: dict[int, dict[int, int]] = {}
        self._pools: list[Pool] = []
        self._left: list[tuple[Cost, int]] = []
        self._month: dict[str, str] = {}
        self._left_month: dict[str, str] = {}
        for landed in Sharing(self.outcomes).of(costs):
            if not isinstance(landed, Shared):
                place, cost = landed
                self._own.setdefault(place, {})[places[cost.id]] = cost.micros
            elif landed.parts:
                self._pool(over, landed, places)
            else:
                self._left += [(cost, places[cost.id]) for cost in landed.costs]

    def _pool(self, over: Overview, landed: Shared, places: Mapping[str, int]) -> None:
        first = landed.costs[0]
        where = ", ".join([first.campaign, *(first.where[key] for key in sorted(first.where))])
        some = f", {number(len(first.among))} renditions of it" if first.among else ""
        title = f"{landed.part} of {where}{some}"
        lines = {places[cost.id]: cost.micros for cost in landed.costs}
        figure = over.evidence.shared("pool", f"In common: {title}", lines)
        self._pools.append(Pool(figure, title))
        for place, micros in landed.parts:
            if micros:
                self._shares.setdefault(place, {})[len(self._pools) - 1] = micros

    def place(self, each: Cohorts) -> None:
        """Learn from a cut by outcome in which month each one is told."""
        for month, key in each.behind:
            if key:
                self._month[key] = month
            else:
                own, _ = each.behind[month, key]
                self._left_month |= dict.fromkeys(own, month)

    def every(self) -> _Tie:
        """Return all of it: whole lines, for what is shared is shared by these alone."""
        return self._tie(range(len(self.outcomes)), [line for _, line in self._left_pairs()])

    def of_month(self, month: str) -> _Tie:
        """Return what the outcomes of a month cost."""
        some = [i for i, one in enumerate(self.outcomes) if self._month.get(one.id) == month]
        left = [line for cost, line in self._left_pairs() if self._left_month.get(cost.id) == month]
        return self._tie(some, left)

    def of_trait(self, by: str, key: str) -> _Tie:
        """Return what the outcomes with a trait cost."""
        some = [i for i, one in enumerate(self.outcomes) if one.dims.get(by, "") == key]
        left = [line for cost, line in self._left_pairs() if cost.where.get(by, "") == key]
        return self._tie(some, left)

    def _left_pairs(self) -> list[tuple[Cost, tuple[int, int]]]:
        return [(cost, (place, cost.micros)) for cost, place in self._left]

    def _tie(self, some: Iterable[int], left: Iterable[tuple[int, int]]) -> _Tie:
        parts: dict[int, int] = dict(left)
        shares: Counter[int] = Counter()
        for place in some:
            parts |= self._own.get(place, {})
            shares.update(self._shares.get(place, {}))
        return _Tie(parts, [(self._pools[pool], micros) for pool, micros in shares.items()])


def _with_id(one: Outcome) -> Outcome:
    return Outcome(
        id=one.id,
        campaign=one.campaign,
        tries=one.tries,
        window=one.window,
        dims={**one.dims, _EACH: one.id},
        count=one.count,
        units=one.units,
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money.of(amount, currency)


def _total(amounts: Iterable[Money | None], currency: str) -> Money:
    return sum((one for one in amounts if one is not None), Money.zero(currency))


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize() or UNNAMED
