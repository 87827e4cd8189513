"""What a campaign saved against its baseline, told so that finance can sign it."""

from collections.abc import Sequence
from decimal import Decimal

from cost_tracking.acceptance.savings import unfounded
from cost_tracking.money import Money
from cost_tracking.reports.facts import Campaign, Made
from cost_tracking.reports.figures import number, share
from creative.value import Value


class Saving(Value):
    """Cost avoided, with all that is needed to check it; or why none is claimed."""

    not_claimed: str
    """Why there is no saving to tell; empty when there is one."""
    baseline: Money | None = None
    """What the accepted assets would have cost."""
    actual: Money | None = None
    """All that making the campaign cost: scrap, waste and rework included."""
    avoided: Money | None = None
    """``baseline - actual``; negative when it cost more."""
    rate: Decimal | None = None
    """``avoided / baseline`` in percent."""
    scope: str = ""
    """What was counted, at which price."""
    source: str = ""
    """Where the baseline's prices come from."""


def saving(campaign: Campaign, made: Sequence[Made], actual: Money) -> Saving:
    """Hold the whole cost against what the accepted assets alone would have cost before.

    The asymmetry is meant: scrap counts as a cost and never as a result. It is an avoidance and
    no cash: money is freed only when somebody moves it from one budget to another.
    """
    kept = [one for one in made if one.accepted]
    line = campaign.baseline
    if campaign.placeholder:
        return Saving(not_claimed="placeholder art")
    if line is None:
        return Saving(not_claimed="the brief has no baseline")
    if not kept:
        return Saving(not_claimed="nothing has been accepted")
    rate = _rate(campaign, line.currency)
    if why := unfounded(line, campaign.first_use, rate) or _still_open(campaign):
        return Saving(not_claimed=why)
    rate = rate or Decimal(1)
    concepts = len({one.concept for one in kept})
    # Volume that nobody would have bought at the old price saves nothing.
    counted = min(len(kept), line.volume or len(kept))
    total = line.per_rendition * counted + line.per_concept * concepts
    baseline = Money.of(total * rate, campaign.budget.currency)
    avoided = baseline - actual
    terms = (
        _term(counted, "accepted rendition", line.per_rendition, line.currency),
        _term(concepts, "concept they show", line.per_concept, line.currency, "concepts they show"),
    )
    extra = len(kept) - counted
    beside = f"; {number(extra)} more are extra volume and save nothing" if extra else ""
    converted = (
        "" if rate == 1 else f", at {rate} {campaign.budget.currency} to the {line.currency}"
    )
    return Saving(
        not_claimed="",
        baseline=baseline,
        actual=actual,
        avoided=avoided,
        rate=share(avoided, baseline),
        scope=" + ".join(terms) + converted + beside,
        source=f"{line.source}, approved by {line.approved_by} on {line.approved_on}",
    )


def _still_open(campaign: Campaign) -> str:
    """Return why nothing is claimed before the last window closed; nothing when it has."""
    closes = campaign.window_closes
    if closes is None or campaign.as_of.date() >= closes:
        return ""
    return f"the acceptance window is open until {closes}; only what stays accepted saves anything"


def _rate(campaign: Campaign, currency: str) -> Decimal | None:
    if currency == campaign.budget.currency:
        return Decimal(1)
    terms = campaign.budget.rates.get(currency)
    return terms.rate if terms else None


def _term(count: int, one: str, price: Decimal, currency: str, many: str = "") -> str:
    name = one if count == 1 else many or f"{one}s"
    return f"{number(count)} {name} at {number(Money.of(price, currency))}"
