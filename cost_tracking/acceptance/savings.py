"""What a campaign saved, in three numbers that are never summed.

Avoided cost is what the same work would have cost by an approved baseline; nobody has that money.
A budget saving is approved money that was not spent. Moved money is what somebody took from making
and gave to media, in the journal; only that may be called freed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from cost_tracking.acceptance.cohort import Row, each
from cost_tracking.acceptance.outcome import Outcome, State
from cost_tracking.acceptance.transfers import Transfer
from cost_tracking.money import Money
from cost_tracking.reports.figures import number, share
from creative.brief import Baseline
from creative.value import Value, fingerprint


class Avoided(Value):
    """Cost avoided against a baseline, with all that is needed to check it."""

    not_claimed: str
    """Why nothing is claimed; empty when it is."""
    baseline_id: str = ""
    """Of exactly these terms: they change, it changes."""
    source: str = ""
    approved_by: str = ""
    approved_on: date | None = None
    counted: int = 0
    """Renditions that stayed accepted, up to the volume that the baseline covers."""
    extra_volume: int = 0
    """Those above it: they would not have been bought before, so they save nothing."""
    baseline: Money | None = None
    """What the counted would have cost."""
    actual: Money | None = None
    """All that the campaign's making cost: scrap, rework, overhead and extra volume included."""
    avoided: Money | None = None
    """``baseline - actual``; negative when it cost more."""
    rate: Decimal | None = None
    """``avoided / baseline`` in percent."""
    scope: str = ""
    """What was counted, at which price."""
    maturing: int = 0
    """Renditions whose window is open. They count when it has closed."""
    evidence: tuple[str, ...] = ()

    @property
    def baseline_each(self) -> Decimal | None:
        """Return what each counted rendition would have cost."""
        return each(self.baseline, self.counted) if self.baseline is not None else None


class Unspent(Value):
    """Approved non-working budget that was not spent."""

    budget: Money
    actual: Money
    provisional_until: date | None
    """The day on which the campaign ends, when it has not."""
    evidence: tuple[str, ...] = ()

    @property
    def saved(self) -> Money:
        """Return it; negative when more was spent than was approved."""
        return self.budget - self.actual

    @property
    def rate(self) -> Decimal | None:
        """Return it in percent of the budget."""
        return share(self.saved, self.budget)


class Moved(Value):
    """Money that was taken from making and given to media."""

    amount: Money
    transfers: tuple[Transfer, ...]
    broken: str = ""
    """Why the amount cannot be all freed money: more was moved than was saved."""
    evidence: tuple[str, ...] = ()


class Savings(Value):
    """The three numbers of one campaign. There is no sum of them, and none may be made."""

    campaign: str
    avoided: Avoided
    unspent: Unspent
    moved: Moved


class Terms(Value):
    """What a campaign was promised, against which a saving is told."""

    campaign: str
    currency: str
    non_working: Decimal
    """The approved budget."""
    ends: date
    baseline: Baseline | None
    rate: Decimal | None
    """What one unit of the baseline's currency is worth in the budget's; None when unknown."""
    placeholder: bool
    """Whether any picture is one that must not be published."""


def savings(
    terms: Terms,
    outcomes: Sequence[Outcome],
    whole: Row,
    evidence: Sequence[str],
    journal: Sequence[Transfer],
    at: datetime,
) -> Savings:
    """Work out the three numbers.

    Args:
        terms: Of the campaign.
        outcomes: Its renditions, as of a watermark.
        whole: All of it, as ``cohorts`` told it at the same watermark.
        evidence: The ids of every amount in ``whole``.
        journal: Its budget transfers.
        at: The watermark.

    """
    unspent = Unspent(
        budget=Money.of(terms.non_working, terms.currency),
        actual=whole.cost,
        provisional_until=terms.ends if at.date() < terms.ends else None,
        evidence=tuple(evidence),
    )
    return Savings(
        campaign=terms.campaign,
        avoided=_avoided(terms, outcomes, whole, evidence, at),
        unspent=unspent,
        moved=_moved(terms.currency, journal, unspent),
    )


def _moved(currency: str, journal: Sequence[Transfer], unspent: Unspent) -> Moved:
    freeing = tuple(one for one in journal if one.freed)
    amount = sum((one.freed for one in freeing), Money.zero(currency))
    broken = ""
    if amount > Money.zero(currency) and amount > unspent.saved:
        broken = (
            f"{number(amount)} was moved to working spend, and only "
            f"{number(max(unspent.saved, Money.zero(currency)))} of the non-working budget is not "
            "spent; the rest was never saved"
        )
    ids = tuple(one.id for one in freeing)
    return Moved(amount=amount, transfers=freeing, broken=broken, evidence=ids)


def _avoided(
    terms: Terms, outcomes: Sequence[Outcome], whole: Row, evidence: Sequence[str], at: datetime
) -> Avoided:
    line, maturing = terms.baseline, whole.counts.maturing
    if terms.placeholder or line is None:
        why = "the pictures are placeholder art" if line else "the brief has no baseline"
        return Avoided(not_claimed=why, maturing=maturing)
    told = Avoided(
        not_claimed="",
        baseline_id=f"baseline/{terms.campaign}@{fingerprint(line.model_dump(mode='json'))[:12]}",
        source=line.source,
        approved_by=line.approved_by,
        approved_on=line.approved_on,
        maturing=maturing,
    )
    kept = _kept(outcomes, at)
    used = min((one.tries[0].made_at.date() for one in outcomes), default=None)
    if why := unfounded(line, used, terms.rate) or _too_early(kept, maturing):
        return told.model_copy(update={"not_claimed": why})
    # The earliest accepted come first: what came on top of the volume is what came later.
    counted = kept[: line.volume] if line.volume else kept
    concepts = len({one.dims.get("concept", "") for one in counted})
    price = line.per_rendition * len(counted) + line.per_concept * concepts
    rate = terms.rate or Decimal(1)
    baseline = Money.of(price * rate, terms.currency)
    avoided = baseline - whole.cost
    scope = [
        _term(len(counted), "rendition{} that stayed accepted", line.per_rendition, line.currency),
        _term(concepts, "concept{} that they show", line.per_concept, line.currency),
    ]
    converted = "" if rate == 1 else f", at {rate} {terms.currency} to the {line.currency}"
    return told.model_copy(
        update={
            "counted": len(counted),
            "extra_volume": len(kept) - len(counted),
            "baseline": baseline,
            "actual": whole.cost,
            "avoided": avoided,
            "rate": share(avoided, baseline),
            "scope": " + ".join(scope) + converted,
            "evidence": (
                *evidence,
                *sorted({name for one in counted for its in one.tries for name in its.evidence}),
            ),
        }
    )


def _kept(outcomes: Sequence[Outcome], at: datetime) -> list[Outcome]:
    """Return what stayed accepted, the first to be accepted first."""
    stood = [(one.standing(at), one) for one in outcomes]
    kept = [
        (its.accepted_at or at, one.id, one) for its, one in stood if its.strict is State.STAYED
    ]
    return [one for _, _, one in sorted(kept, key=lambda row: row[:2])]


def unfounded(line: Baseline, used: date | None, rate: Decimal | None) -> str:
    """Return why a baseline cannot carry a claim; nothing when it can.

    Args:
        line: The baseline.
        used: The day on which the first asset was made; None before that.
        rate: What one unit of its currency is worth in the budget's; None when unknown.

    """
    if not line.approved_by or line.approved_on is None:
        return (
            "nobody has approved the baseline; give baseline.approved_by and baseline.approved_on "
            "in the brief"
        )
    if used is not None and line.approved_on > used:
        return (
            f"the baseline was approved on {line.approved_on}, after its first use on {used}; a "
            "price that is fixed afterwards proves no saving"
        )
    if rate is None:
        return f"the baseline is in {line.currency} and the budget names no rate for it"
    return ""


def _too_early(kept: Sequence[Outcome], maturing: int) -> str:
    if kept:
        return ""
    return f"no rendition has stayed accepted until its window closed; {number(maturing)} still may"


def _term(count: int, what: str, price: Decimal, currency: str) -> str:
    named = what.format("" if count == 1 else "s")
    return f"{number(count)} {named} at {number(Money.of(price, currency))}"
