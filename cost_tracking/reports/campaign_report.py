"""The spend report: one frozen set of figures, from which every page and file is made."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from cost_tracking.money import Money
from cost_tracking.reports.asset_costs import AssetCost, Unallocated, asset_costs
from cost_tracking.reports.facts import Campaign, Made, Spent
from cost_tracking.reports.figures import each, number, share
from cost_tracking.reports.saving import Saving, saving
from creative.value import Value

_CHANNELS = {"dooh": "Digital out of home"}
FEW = 25
"""Below so many accepted assets, the cost of each still jumps from one to the next."""


MOST_REASONS = 5
"""How many reasons for passing somebody over a report tells in full."""


class Row(Value):
    """One part of a breakdown. The rows of a breakdown sum to the campaign's totals."""

    key: str
    """Empty for money that names no part of this kind."""
    name: str
    non_working: Money
    working: Money
    produced: int | None = None
    """None where a breakdown is of money alone."""
    accepted: int | None = None

    @property
    def per_accepted(self) -> Money | None:
        """Return what each accepted asset of it cost, or None before there is one."""
        return each(self.non_working, self.accepted or 0)


class BudgetLine(Value):
    """One side of the line, planned and spent."""

    name: str
    budget: Money
    actual: Money

    @property
    def left(self) -> Money:
        """Return what may still be spent; negative when it was overspent."""
        return self.budget - self.actual

    @property
    def used(self) -> Decimal | None:
        """Return the percentage that is spent, or None of a budget of nothing."""
        return share(self.actual, self.budget)


class Channel(Value):
    """One channel's part of the working money, against the plan."""

    key: str
    name: str
    planned: Decimal | None
    """In percent; None when the brief does not plan it."""
    spent: Money
    actual: Decimal | None
    """In percent of all working money; None before any is spent."""

    @property
    def off(self) -> Decimal | None:
        """Return actual minus planned, in percentage points."""
        return None if self.actual is None else self.actual - (self.planned or Decimal(0))


class Report(Value):
    """What a campaign cost and made, as of one moment."""

    campaign: Campaign
    working: Money
    non_working: Money
    budgets: tuple[BudgetLine, ...]
    produced: int
    accepted: int
    rejected: int
    waiting: int
    delivered: int
    per_produced: Money | None
    per_accepted: Money | None
    """All non-working money over the accepted assets: what was scrapped is in it."""
    assets: tuple[AssetCost, ...]
    unallocated: Money
    """What no rendition shares. With the assets' costs it sums to ``non_working``."""
    markets: tuple[Row, ...]
    placements: tuple[Row, ...]
    providers: tuple[Row, ...]
    stages: tuple[Row, ...]
    cost_types: tuple[Row, ...]
    channels: tuple[Channel, ...]
    images_per_rendition: Decimal | None
    waste: Money
    """What was spent on calls that were refused, failed or lost; part of ``non_working``."""
    rework: Money
    """What was spent to make again what somebody had rejected; part of ``non_working``."""
    saving: Saving
    notes: tuple[str, ...]
    """What a reader must know before quoting a figure."""
    entries: tuple[Spent, ...]
    """Every amount that the figures were made from, in the order given."""
    excluded: tuple[Spent, ...] = ()
    """What the policy counts on neither side; another reading may."""

    @property
    def lines(self) -> tuple[Spent, ...]:
        """Return every amount, and behind them what the policy excludes."""
        return (*self.entries, *self.excluded)

    @property
    def working_share(self) -> Decimal | None:
        """Return working money in percent of all, or None before anything is spent."""
        return share(self.working, self.working + self.non_working)


def report(
    campaign: Campaign,
    spent: Sequence[Spent],
    made: Sequence[Made],
    excluded: Sequence[Spent] = (),
) -> Report:
    """Work out every figure of the report.

    Args:
        campaign: What the figures are held against.
        spent: Working and non-working money.
        made: Every rendition.
        excluded: What is neither; it is told, and in no figure but those of other readings.

    Raises:
        ValueError: A slot occurs twice, or an amount is not in the budget's currency.

    """
    currency = campaign.budget.currency
    assets, left = asset_costs(spent, made, currency)
    working = _sum(currency, [one.amount for one in spent if one.spend == "working"])
    making = _sum(currency, [one.amount for one in spent if one.spend == "non_working"])
    waste = [one.amount for one in spent if one.waste and one.spend == "non_working"]
    again = [one.amount for one in spent if one.rework and one.spend == "non_working"]
    accepted = sum(one.accepted is True for one in made)
    places = _Breakdown(campaign.names, currency, spent, assets, left)
    return Report(
        campaign=campaign,
        working=working,
        non_working=making,
        budgets=_budgets(campaign, working, making),
        produced=len(made),
        accepted=accepted,
        rejected=sum(one.accepted is False for one in made),
        waiting=sum(one.accepted is None for one in made),
        delivered=sum(one.delivered for one in made),
        per_produced=each(making, len(made)),
        per_accepted=each(making, accepted),
        assets=assets,
        unallocated=_sum(currency, [one.amount for one in left]),
        markets=places.of(lambda one: one.market),
        placements=places.of(lambda one: one.placement),
        providers=places.money(lambda one: one.provider),
        stages=places.money(lambda one: one.stage),
        cost_types=places.money(lambda one: one.cost_type),
        channels=_channels(campaign, spent, working),
        images_per_rendition=Decimal(campaign.images_bought) / len(made) if made else None,
        waste=_sum(currency, waste),
        rework=_sum(currency, again),
        saving=saving(campaign, made, making),
        notes=tuple(_notes(campaign, spent, accepted)),
        entries=tuple(spent),
        excluded=tuple(excluded),
    )


class _Breakdown:
    """Cuts the same money in several ways, each of which sums to the whole."""

    def __init__(
        self,
        names: Mapping[str, str],
        currency: str,
        spent: Sequence[Spent],
        assets: Sequence[AssetCost],
        left: Sequence[Unallocated],
    ) -> None:
        self._names = names
        self._currency = currency
        self._spent = spent
        self._assets = assets
        self._left = left

    def of(self, key: Callable[[Made | Spent | Unallocated], str | None]) -> tuple[Row, ...]:
        """Cut by where assets run: shared costs follow the assets, media what it names."""
        making: dict[str, int] = {}
        working: dict[str, int] = {}
        produced: dict[str, int] = {}
        accepted: dict[str, int] = {}
        for asset in self._assets:
            place = key(asset.made) or ""
            making[place] = making.get(place, 0) + asset.total.micros
            produced[place] = produced.get(place, 0) + 1
            accepted[place] = accepted.get(place, 0) + (asset.made.accepted is True)
        for rest in self._left:
            place = key(rest) or ""
            making[place] = making.get(place, 0) + rest.amount.micros
        for one in self._spent:
            if one.spend == "working":
                place = key(one) or ""
                working[place] = working.get(place, 0) + one.amount.micros
        return self._rows(making, working, (produced, accepted))

    def money(self, key: Callable[[Spent], str]) -> tuple[Row, ...]:
        """Cut by what the entries themselves say."""
        making: dict[str, int] = {}
        working: dict[str, int] = {}
        for one in self._spent:
            side = working if one.spend == "working" else making
            side[key(one)] = side.get(key(one), 0) + one.amount.micros
        return self._rows(making, working, None)

    def _rows(
        self,
        making: dict[str, int],
        working: dict[str, int],
        counts: tuple[dict[str, int], dict[str, int]] | None,
    ) -> tuple[Row, ...]:
        rows = [
            Row(
                key=key,
                name=self._names.get(key, key) or "not named",
                non_working=Money(micros=making.get(key, 0), currency=self._currency),
                working=Money(micros=working.get(key, 0), currency=self._currency),
                produced=counts[0].get(key, 0) if counts else None,
                accepted=counts[1].get(key, 0) if counts else None,
            )
            for key in {**making, **working}
        ]
        # The dearest first; what names nothing last, however dear.
        return tuple(sorted(rows, key=_dearest))


def _dearest(row: Row) -> tuple[bool, int, int, str]:
    return not row.key, -row.non_working.micros, -row.working.micros, row.name


def _sum(currency: str, amounts: Sequence[Money]) -> Money:
    return Money(micros=sum(one.micros for one in amounts), currency=currency)


def _budgets(campaign: Campaign, working: Money, making: Money) -> tuple[BudgetLine, ...]:
    terms = campaign.budget
    sides = (("Working", terms.working, working), ("Non-working", terms.non_working, making))
    return tuple(
        BudgetLine(name=name, budget=Money.of(limit, terms.currency), actual=actual)
        for name, limit, actual in sides
    )


def _channels(campaign: Campaign, spent: Sequence[Spent], working: Money) -> tuple[Channel, ...]:
    plan = campaign.budget.channels
    paid: dict[str, int] = {}
    for one in spent:
        if one.spend == "working":
            paid[one.channel or ""] = paid.get(one.channel or "", 0) + one.amount.micros
    keys = sorted({*plan, *paid}, key=lambda key: (not key, -plan.get(key, Decimal(0)), key))
    return tuple(
        Channel(
            key=key,
            name=campaign.names.get(key) or _channel(key),
            planned=plan[key] * 100 if key in plan else None,
            spent=(amount := Money(micros=paid.get(key, 0), currency=working.currency)),
            actual=share(amount, working),
        )
        for key in keys
    )


def _channel(key: str) -> str:
    return _CHANNELS.get(key) or key.replace("_", " ").capitalize() or "Not named"


def _passed_over(spent: Sequence[Spent]) -> list[str]:
    """Say who did not do what the brief asked of them first, and why."""
    asked = {one.asked.id: one.asked for one in spent if one.asked}
    count = Counter(
        (one.provider, " ".join(one.passed_over)) for one in asked.values() if one.passed_over
    )
    notes = [
        f"{number(much)} times {provider} was asked in place of another: {why}"
        for (provider, why), much in count.most_common(MOST_REASONS)
    ]
    others = len(count) - len(notes)
    return notes + [
        f"Passed over for {others} more reasons; kampanj spend attempts lists them."
    ] * (others > 0)


def _notes(campaign: Campaign, spent: Sequence[Spent], accepted: int) -> list[str]:
    types = {one.cost_type for one in spent}
    notes = []
    if campaign.placeholder:
        notes.append(
            "The pictures are placeholder art of the embedded studio. They must not be published,"
            " and what they cost says nothing about real ones."
        )
    if accepted and campaign.window_closes and campaign.as_of.date() < campaign.window_closes:
        notes.append(
            "The acceptance window has not closed. Figures for each accepted asset are provisional"
            f" until {campaign.window_closes}: a withdrawal raises them."
        )
    if 0 < accepted < FEW:
        notes.append(
            f"Accepted so far: {number(accepted)}. Below {FEW}, the cost of each still moves much"
            " with every decision."
        )
    if lost := campaign.attempts.get("suspect", 0):
        notes.append(
            f"Requests without a known end: {number(lost)}. Each counts as paid, at the most it can"
            " have cost, until somebody closes it."
        )
    notes += _passed_over(spent)
    if campaign.unpriced_minutes:
        notes.append(
            f"Minutes of review on record, and in no figure: {campaign.unpriced_minutes}. No rate"
            " is set; with KAMPANJ_LABOUR_RATE the next run enters them."
        )
    if not any(one.startswith("labour") for one in types):
        notes.append("No hours are entered, so people's time is not in these figures.")
    if argued := sorted(types & set(campaign.contested)):
        notes.append(
            f"The trade disagrees on which side of the line these belong: {', '.join(argued)}."
            f" Here {campaign.policy} decides."
        )
    return notes
