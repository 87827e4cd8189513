"""Many campaigns over many months: one set of figures, each tied to the lines that sum to it."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, three_readings
from cost_tracking.reports.anomalies import anomalies
from cost_tracking.reports.cost_lines import CostLine
from cost_tracking.reports.evidence import Evidence, Figure
from cost_tracking.reports.figures import share
from cost_tracking.reports.overview_figures import (
    AssetSpend,
    BudgetRow,
    Cut,
    Ground,
    Mix,
    Overview,
    Plan,
    Reading,
    Restated,
    Scope,
)

MOST_ASSETS = 20
"""How many assets the page names one by one; the formats for machines hold all."""
SETTLING = timedelta(days=5)
"""How long after a month its figures are still awaited: what comes later restates it."""
UNNAMED = "not named"


def overview(
    scope: Scope,
    lines: Sequence[CostLine],
    plans: Sequence[Plan],
    policy: Policy,
    ended: Mapping[str, date] | None = None,
) -> Overview:
    """Work out every figure that is a sum of the ledger.

    Args:
        scope: What the report covers.
        lines: All that was spent in it, in the scope's currency.
        plans: Of the campaigns that have one.
        policy: The one in force; what the narrowest, the usual and the widest would say is told
            beside it.
        ended: By asset, the day from which nothing should be spent on it any more, because it was
            withdrawn.

    Raises:
        UnknownCostType: A policy says nothing of a cost type that was spent on.

    """
    return _Work(scope, lines, plans, policy).overview(ended or {})


def _readings(policy: Policy) -> Iterator[tuple[str, Policy]]:
    three = three_readings()
    if policy.id not in {one.id for one in three}:
        yield "In force", policy
    yield from zip(("Strict", "Default", "Broad"), three, strict=True)


class _Work:
    def __init__(
        self,
        scope: Scope,
        lines: Sequence[CostLine],
        plans: Sequence[Plan],
        policy: Policy,
    ) -> None:
        self.scope = scope
        self.plans = {one.campaign: one for one in plans}
        self.evidence = Evidence(lines, scope.currency)
        self.lines = lines
        self.policy = policy
        sides = _sides(lines, self.policy, scope.currency)
        self.working = sides[SpendClass.WORKING]
        self.making = sides[SpendClass.NON_WORKING]
        self.both = [*self.working, *(i for i in self.making if i not in self.working)]

    def overview(self, ended: Mapping[str, date]) -> Overview:
        lines, scope = self.lines, self.scope
        rework = {i: micros for i, micros in self.making.items() if lines[i].rework}
        waste = {i: micros for i, micros in self.making.items() if lines[i].waste}
        assets, named = self._assets()
        channels = self._cuts("channel", lambda one: one.channel)
        return Overview(
            scope=scope,
            plans=tuple(self.plans.values()),
            evidence=self.evidence,
            making=self.making,
            showing=self.working,
            working=self._figure("all", "Working money", self.working),
            non_working=self._figure("all", "Non-working money", self.making),
            policy=self.policy.id,
            readings=tuple(self._reading(name, one) for name, one in _readings(self.policy)),
            contested=self._contested(),
            months=self._months(),
            campaigns=self._cuts("campaign", lambda one: one.campaign),
            markets=self._cuts("market", lambda one: one.market),
            channels=channels,
            providers=self._cuts("provider", lambda one: one.provider),
            placements=self._cuts("placement", lambda one: one.placement),
            cost_types=self._cuts("type", lambda one: one.cost_type),
            budgets=tuple(self._budgets()),
            mix=self._mix(channels),
            assets=tuple(assets),
            assets_named=named,
            rework=self._figure("rework", "Rework", rework),
            waste=self._figure("waste", "Spent in vain", waste),
            rework_by_provider=self._cuts("again", lambda one: one.provider, rework),
            rework_by_market=self._cuts("redone", lambda one: one.market, rework),
            grounds=tuple(self._grounds()),
            restated=self._restated(),
            anomalies=anomalies(lines, tuple(self.working), ended, self.evidence),
        )

    def _figure(self, group: str, title: str, parts: Mapping[int, int]) -> Figure:
        return self.evidence.shared(group, title, parts)

    def _sum(self, *sides: Mapping[int, int]) -> Money:
        return Money(
            micros=sum(micros for side in sides for micros in side.values()),
            currency=self.scope.currency,
        )

    def _both(self, some: Iterable[int]) -> dict[int, int]:
        """Return what counts of lines on either side of the working line."""
        return {i: self.working.get(i, 0) + self.making.get(i, 0) for i in some}

    def _name(self, key: str) -> str:
        return self.scope.names.get(key) or key or UNNAMED

    def _cuts(
        self, group: str, key: Callable[[CostLine], str], some: Container[int] | None = None
    ) -> tuple[Cut, ...]:
        """Cut the money by what its lines say; the dearest part first, the unnamed last."""
        working: dict[str, dict[int, int]] = {}
        making: dict[str, dict[int, int]] = {}
        for side, members in ((working, self.working), (making, self.making)):
            for index, micros in members.items():
                if some is None or index in some:
                    side.setdefault(key(self.lines[index]), {})[index] = micros
        cuts = [
            Cut(
                one,
                self._name(one),
                self._figure(group, f"{self._name(one)}, working", working.get(one, {})),
                self._figure(group, f"{self._name(one)}, non-working", making.get(one, {})),
            )
            for one in sorted({*working, *making})
        ]
        return tuple(
            sorted(
                cuts,
                key=lambda one: (
                    not one.key,
                    -one.working.money.micros - one.non_working.money.micros,
                ),
            )
        )

    def _months(self) -> tuple[Cut, ...]:
        found = {one.key: one for one in self._cuts("month", lambda one: one.month)}
        nothing = Figure("", Money.zero(self.scope.currency))
        return tuple(
            found.get(month, Cut(month, month, nothing, nothing))._replace(name=month_name(month))
            for month in months(self.scope.start, self.scope.end)
        )

    def _reading(self, name: str, policy: Policy) -> Reading:
        members = _sides(self.lines, policy, self.scope.currency)
        return Reading(
            name,
            policy.id,
            self._figure("reading", f"{policy.id}, working", members[SpendClass.WORKING]),
            self._figure("reading", f"{policy.id}, non-working", members[SpendClass.NON_WORKING]),
            self._figure("reading", f"{policy.id}, excluded", members[SpendClass.EXCLUDED]),
        )

    def _contested(self) -> tuple[Cut, ...]:
        argued = {kind for kind, rule in self.policy.rules.items() if rule.contested}
        some = {i for i in self.both if self.lines[i].cost_type in argued}
        return self._cuts("argued", lambda one: one.cost_type, some)

    def _budgets(self) -> Sequence[BudgetRow]:
        rows = []
        nothing = Money.zero(self.scope.currency)
        for plan in self.plans.values():
            for side, limit, members in (
                ("Working", plan.working, self.working),
                ("Non-working", plan.non_working, self.making),
            ):
                if limit is None:
                    continue
                own = {
                    i: micros
                    for i, micros in members.items()
                    if self.lines[i].campaign == plan.campaign
                }
                rows.append(
                    BudgetRow(
                        plan.campaign,
                        plan.title,
                        side,
                        limit,
                        self._figure("budget", f"{plan.title}, {side.lower()}", own),
                        (plan.committed or nothing) if side == "Non-working" else nothing,
                    )
                )
        return rows

    def _mix(self, channels: Sequence[Cut]) -> tuple[Mix, ...]:
        """Weigh each campaign's plan by its working budget; without one it plans nothing."""
        weights: dict[str, Decimal] = {}
        for plan in self.plans.values():
            if plan.working and plan.channels:
                for channel, part in plan.channels.items():
                    weights[channel] = weights.get(channel, Decimal(0)) + part * plan.working.micros
        whole = sum(weights.values())
        spent = {one.key: one for one in channels}
        working = self._sum(self.working)
        nothing = Figure("", Money.zero(self.scope.currency))
        keys = {*weights, *(key for key, one in spent.items() if one.working.money)}
        rows = [
            Mix(
                key,
                self._name(key),
                figure := spent[key].working if key in spent else nothing,
                share(figure.money, working),
                weights[key] / whole * 100 if key in weights else None,
            )
            for key in keys
        ]
        return tuple(
            sorted(rows, key=lambda one: (not one.key, -(one.planned or 0), -(one.actual or 0)))
        )

    def _assets(self) -> tuple[list[AssetSpend], int]:
        """Return the dearest assets, and how many are named in all."""
        sides: dict[tuple[str, str], tuple[dict[int, int], dict[int, int]]] = {}
        for place, members in enumerate((self.working, self.making)):
            for index, micros in members.items():
                one = self.lines[index]
                if one.asset:
                    sides.setdefault((one.campaign, one.asset), ({}, {}))[place][index] = micros
        dearest = sorted(sides.items(), key=lambda one: (-self._sum(*one[1]).micros, one[0]))
        rows = []
        for (_, slot), (working, making) in dearest[:MOST_ASSETS]:
            first = self.lines[next(iter(working or making))]
            rows.append(
                AssetSpend(
                    slot,
                    self._name(first.campaign),
                    self._name(first.market),
                    self._name(first.placement),
                    self._figure("asset", f"{slot}, working", working),
                    self._figure("asset", f"{slot}, non-working", making),
                )
            )
        return rows, len(sides)

    def _grounds(self) -> Sequence[Ground]:
        lines = self.lines
        everything, media = self._sum(self.working, self.making), self._sum(self.working)
        taken_back = {one.reverses for one in lines if one.reverses is not None}
        guessed = [
            i
            for i in self.both
            if lines[i].status == "estimate"
            and lines[i].seq not in taken_back
            and lines[i].reverses is None
        ]
        ties: dict[str, dict[int, int]] = {"direct": {}, "allocated": {}, "unmatched": {}}
        for i, micros in self.working.items():
            said = lines[i].attribution or ("direct" if lines[i].asset else "unmatched")
            ties[said][i] = micros
        abroad = [i for i in self.both if lines[i].currency != self.scope.currency]
        return (
            Ground(
                "Matched to an asset",
                self._figure("ground", "Working money matched to an asset", ties["direct"]),
                media,
                "of the working money names the one asset that it ran for",
            ),
            Ground(
                "Shared among assets",
                self._figure("ground", "Working money shared among assets", ties["allocated"]),
                media,
                "of the working money is divided among the assets that ran together",
            ),
            Ground(
                "Unmatched",
                self._figure("ground", "Working money without an asset", ties["unmatched"]),
                media,
                "of the working money names no asset of ours; it is in every total",
            ),
            Ground(
                "Still an estimate",
                self._figure("ground", "Estimates without an actual", self._both(guessed)),
                everything,
                "of all money waits for its invoice",
            ),
            Ground(
                "Converted",
                self._figure("ground", "Converted from other currencies", self._both(abroad)),
                everything,
                "of all money was billed in another currency",
            ),
        )

    def _restated(self) -> tuple[Restated, ...]:
        lines = self.lines
        first: dict[str, dict[int, int]] = {}
        late: dict[str, dict[int, int]] = {}
        for index, micros in self._both(self.both).items():
            one = lines[index]
            side = late if one.recorded_at[:10] > _settled(one.month).isoformat() else first
            side.setdefault(one.month, {})[index] = micros
        return tuple(
            Restated(
                month,
                self._figure("first", f"{month_name(month)} as first known", first.get(month, {})),
                self._figure("late", f"{month_name(month)}, recorded late", late[month]),
                self._figure(
                    "known",
                    f"{month_name(month)} as known now",
                    {**first.get(month, {}), **late[month]},
                ),
            )
            for month in sorted(late)
        )


def _sides(
    lines: Sequence[CostLine], policy: Policy, currency: str
) -> dict[SpendClass, dict[int, int]]:
    """Return for each class the lines that fall to it, with how much of each; most fall whole."""
    sides: dict[SpendClass, dict[int, int]] = {one: {} for one in SpendClass}
    rules = {kind: policy.rule(kind) for kind in {one.cost_type for one in lines}}
    for index, one in enumerate(lines):
        rule = rules[one.cost_type]
        if rule.working_bp is None:
            sides[rule.spend_class][index] = one.micros
            continue
        amount = Money(micros=one.micros, currency=currency)
        for side, part in policy.parts(one.cost_type, amount).items():
            sides[side][index] = part.micros
    return sides


def months(start: date, end: date) -> list[str]:
    """Return the months from one day to another.

    >>> months(date(2026, 11, 30), date(2027, 1, 1))
    ['2026-11', '2026-12', '2027-01']
    """
    found = []
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        found.append(f"{year}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def _settled(month: str) -> date:
    """Return the last day on which a month's figures still count as first known."""
    day = date.fromisoformat(f"{month}-28") + timedelta(days=4)
    return day.replace(day=1) - timedelta(days=1) + SETTLING


def month_name(month: str) -> str:
    """Return a month as people write it.

    >>> month_name("2026-03")
    'March 2026'
    """
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"
