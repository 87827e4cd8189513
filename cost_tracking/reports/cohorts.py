"""What accepted assets cost, as a page shows it: a row a month, a market, a provider."""

from decimal import Decimal
from typing import NamedTuple

from cost_tracking.money import Money
from cost_tracking.reports.evidence import Claim, Figure


class CohortRow(NamedTuple):
    """The assets that were first accepted in one month, or that share another trait."""

    key: str
    name: str
    made: int
    stayed: int
    """Accepted, and nothing befell them for the whole window."""
    failed: int
    maturing: int
    """Accepted, and the window is still open."""
    cost: Figure
    """All that making them took: scrap, rework and shares of what many have in common."""
    per_accepted: Money | None
    low: Money | None
    """If all that still mature stay."""
    high: Money | None
    """If none of them does."""
    per_made: Money | None
    few: bool
    """Whether there are so few that one more would move the figure much."""

    @property
    def drift(self) -> Decimal | None:
        """Return how many times the cost of each made asset an accepted one costs."""
        if self.per_accepted is None or not self.per_made:
            return None
        return Decimal(self.per_accepted.micros) / Decimal(self.per_made.micros)

    @property
    def pulled(self) -> Decimal | None:
        """Return how many of the judged failed, in percent, or None before any is judged."""
        judged = self.stayed + self.failed
        return Decimal(self.failed * 100) / judged if judged else None


class Reason(NamedTuple):
    """Why assets did not stay accepted, or ended without a fault."""

    code: str
    name: str
    counts: bool
    """Whether it speaks against the acceptance."""
    assets: int


class Part(NamedTuple):
    """One part of the non-working money, by what became of it."""

    name: str
    figure: Figure
    told: str


class Saved(NamedTuple):
    """One of the three numbers of a saving, which are never summed."""

    name: str
    claim: Claim | None
    """None when nothing is claimed."""
    told: str
    """Its terms, or why nothing is claimed."""


class Kept(NamedTuple):
    """What accepted assets cost, and what became of the others."""

    policy: str
    """Which events count against an asset, and for how long."""
    whole: CohortRow
    eventual: int
    """Slots of which any version stayed."""
    per_eventual: Money | None
    months: tuple[CohortRow, ...]
    """By the month of the first acceptance."""
    cuts: tuple[tuple[str, tuple[CohortRow, ...]], ...]
    """By market, provider, model …, each with its title."""
    reasons: tuple[Reason, ...]
    parts: tuple[Part, ...]
    """First-pass work that was kept, scrap, rework and what is shared; they sum to the whole."""
    sentence: tuple[str | Claim, ...]
    """The sentence to quote, in words and figures that can be followed."""
    caveats: tuple[str, ...]
    """What must be said with it."""
    claims: tuple[Saved, ...]
    each: Claim | None
    """The cost of each accepted asset; None before one stayed."""
    wasted: Figure | None
    """Media that showed an asset while it had a fault; None without any."""
