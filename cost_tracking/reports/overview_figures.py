"""The figures of many campaigns over many months, as the page and the files tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pydantic import AwareDatetime

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.reports.anomalies import Anomaly
from cost_tracking.reports.evidence import Evidence, Figure
from cost_tracking.reports.figures import share
from creative.value import Value


class Plan(Value):
    """What one campaign may spend, in the report's currency."""

    campaign: str
    title: str
    non_working: Money | None = None
    """None when nobody set a limit."""
    working: Money | None = None
    committed: Money | None = None
    """Set aside for requests that are out, and for those whose end is not known."""
    channels: Mapping[str, Decimal] = {}
    """The planned share of the working money, from 0 to 1."""


class Scope(Value):
    """What a report covers, and what it rests on."""

    title: str
    start: date
    end: date
    as_of: AwareDatetime
    """When the ledger was read."""
    head: int
    """The last entry that counts: the same figures come out for ever."""
    sealed: Head | None = None
    """The newest published head of the books that reaches no further; None before the first."""
    currency: str
    names: Mapping[str, str] = {}
    """What people call a campaign, market, placement or channel, by its code."""
    notes: tuple[str, ...] = ()
    """What a reader must know before quoting a figure."""


class Cut(NamedTuple):
    """One part of a breakdown; the parts of a breakdown sum to the whole."""

    key: str
    name: str
    working: Figure
    non_working: Figure

    @property
    def working_share(self) -> Decimal | None:
        """Return working money in percent of both, or None of nothing."""
        both = self.working.money + self.non_working.money
        return share(self.working.money, both)


class Reading(NamedTuple):
    """The same money under one reading of what is working."""

    name: str
    policy: str
    working: Figure
    non_working: Figure
    excluded: Figure

    @property
    def working_share(self) -> Decimal | None:
        """Return working money in percent of both, or None of nothing."""
        both = self.working.money + self.non_working.money
        return share(self.working.money, both)


class BudgetRow(NamedTuple):
    """One campaign's limit on one side of the line, and what became of it."""

    campaign: str
    name: str
    side: str
    limit: Money | None
    actual: Figure
    committed: Money

    @property
    def left(self) -> Money | None:
        """Return what may still be spent; negative when it was overspent."""
        if self.limit is None:
            return None
        return self.limit - self.actual.money - self.committed

    @property
    def used(self) -> Decimal | None:
        """Return what is spent or set aside in percent of the limit, or None without one."""
        return share(self.actual.money + self.committed, self.limit) if self.limit else None


class Mix(NamedTuple):
    """One channel's share of the working money against the plans of all campaigns."""

    key: str
    name: str
    spent: Figure
    actual: Decimal | None
    """In percent."""
    planned: Decimal | None
    """In percent of all planned working money; None where no plan names the channel."""

    @property
    def off(self) -> Decimal | None:
        """Return actual minus planned, in percentage points."""
        return None if self.actual is None else self.actual - (self.planned or Decimal(0))


class AssetSpend(NamedTuple):
    """What was spent on one asset alone."""

    slot: str
    campaign: str
    market: str
    placement: str
    working: Figure
    non_working: Figure


class Restated(NamedTuple):
    """A month as it was first known, and as it is known now."""

    month: str
    first: Figure
    """What was recorded until a few days after its end."""
    late: Figure
    """What came later: corrections, restated exports, late invoices."""
    now: Figure


class Ground(NamedTuple):
    """What share of the money rests on what."""

    name: str
    figure: Figure
    of: Money
    told: str

    @property
    def percent(self) -> Decimal | None:
        """Return the share in percent, or None of nothing."""
        return share(self.figure.money, self.of)


@dataclass(frozen=True)
class Overview:
    """Every figure of the page that is a sum of the ledger."""

    scope: Scope
    plans: tuple[Plan, ...]
    evidence: Evidence
    making: Mapping[int, int]
    """By the index of each line with non-working money, how much of it is that."""
    showing: Mapping[int, int]
    """The same of working money."""
    working: Figure
    non_working: Figure
    policy: str
    """The id of the policy in force, by which every other figure is told."""
    readings: tuple[Reading, ...]
    """The narrowest reading of working money first, then the default, then the widest."""
    contested: tuple[Cut, ...]
    """The cost types on which the trade disagrees, as the default reading takes them."""
    months: tuple[Cut, ...]
    campaigns: tuple[Cut, ...]
    markets: tuple[Cut, ...]
    channels: tuple[Cut, ...]
    providers: tuple[Cut, ...]
    placements: tuple[Cut, ...]
    cost_types: tuple[Cut, ...]
    budgets: tuple[BudgetRow, ...]
    mix: tuple[Mix, ...]
    assets: tuple[AssetSpend, ...]
    """The assets that most was spent on, the dearest first."""
    assets_named: int
    """How many assets money names in all."""
    rework: Figure
    waste: Figure
    rework_by_provider: tuple[Cut, ...]
    rework_by_market: tuple[Cut, ...]
    grounds: tuple[Ground, ...]
    restated: tuple[Restated, ...]
    anomalies: tuple[Anomaly, ...]

    @property
    def distance(self) -> Decimal | None:
        """Return the total variation distance of the channel mix from the plan, in points.

        0 is the plan; 100 shares nothing with it. None where no campaign plans channels.
        """
        if not any(one.planned for one in self.mix):
            return None
        return sum((abs(one.off) for one in self.mix if one.off is not None), Decimal(0)) / 2

    @property
    def working_share(self) -> Decimal | None:
        """Return working money in percent of both, or None of nothing."""
        return share(self.working.money, self.working.money + self.non_working.money)
