"""The sentence that a CMO says on a stage, of which each number can be followed to its entries."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from cost_tracking.acceptance.cohort import FEW, Cohorts, each
from cost_tracking.acceptance.savings import Savings
from cost_tracking.money import Money
from cost_tracking.reports.figures import number
from creative.value import Value


class Phrase(Value):
    """A piece of the sentence. One with a figure says what the figure is made of."""

    text: str
    figure: str = ""
    """What it tells: ``moved``, ``per_accepted`` or ``below_baseline``; empty for mere words."""
    value: Decimal | None = None
    """Exactly, in the sentence's currency; None when there is nothing to claim."""
    sum: str = ""
    """How it was worked out, with numerator and denominator."""
    terms: tuple[str, ...] = ()
    """The scope, price and source of each baseline that the sum speaks of, one a campaign."""
    evidence: tuple[str, ...] = ()
    """The ids of the entries, transfers, decisions and events behind it."""


class Sentence(Value):
    """What may be said, and nothing that may not."""

    currency: str
    phrases: tuple[Phrase, ...]
    caveats: tuple[str, ...] = ()
    """What must be said with it."""

    def __str__(self) -> str:
        """Return it as it is spoken."""
        return "".join(one.text for one in self.phrases)


class _Said(NamedTuple):
    phrase: Phrase
    caveats: tuple[str, ...] = ()


def sentence(told: Cohorts, saved: Sequence[Savings]) -> Sentence:
    """Return "we moved X from non-working to working, at Y per accepted asset, Z less than ...".

    A number that cannot be claimed is replaced by words that say why.

    Args:
        told: The cost of the accepted assets of some campaigns.
        saved: The savings of the same campaigns, in the same currency and at the same watermark.

    """
    moved, cost, below = _moved(told, saved), _cost(told), _below(told, saved)
    return Sentence(
        currency=told.currency,
        phrases=(
            moved.phrase,
            Phrase(text=_joint(moved.phrase, cost.phrase)),
            cost.phrase,
            Phrase(text=", " if below.phrase.value is not None else "; "),
            below.phrase,
            Phrase(text="."),
        ),
        caveats=(*moved.caveats, *cost.caveats, *below.caveats),
    )


def _joint(moved: Phrase, cost: Phrase) -> str:
    if cost.value is None:
        return "; "
    return "; it cost " if moved.value is None else ", at "


def journalled(count: int) -> str:
    """Return how many transfers there are, in words."""
    return f"{number(count)} journalled {'transfer' if count == 1 else 'transfers'} of budget"


def _moved(told: Cohorts, saved: Sequence[Savings]) -> _Said:
    amount = sum((one.moved.amount for one in saved), Money.zero(told.currency))
    evidence = tuple(name for one in saved for name in one.moved.evidence)
    broken = tuple(f"{one.campaign}: {one.moved.broken}" for one in saved if one.moved.broken)
    if amount.micros <= 0:
        text = "We have moved no money from non-working to working"
        why = "no transfer of budget to working spend is journalled"
        return _Said(Phrase(text=text, figure="moved", sum=why, evidence=evidence), broken)
    count = sum(len(one.moved.transfers) for one in saved)
    return _Said(
        Phrase(
            text=f"We moved {number(amount)} from non-working to working",
            figure="moved",
            value=amount.amount,
            sum=f"{journalled(count)}, of {_campaigns(saved)}",
            evidence=evidence,
        ),
        broken,
    )


def _cost(told: Cohorts) -> _Said:
    row = told.total
    counts = row.counts
    if row.per_accepted is None:
        text = "what an accepted asset cost is not known before one has stayed accepted"
        if row.lower_bound is not None:
            text += (
                f": {number(counts.maturing)} are in their window, and cost "
                f"{_money(row.lower_bound, told)} each or more"
            )
        return _Said(Phrase(text=text, figure="per_accepted", evidence=told.costs()))
    caveats = []
    if counts.maturing and row.lower_bound is not None:
        caveats.append(
            f"{number(counts.maturing)} accepted assets are still in their window; if all of them "
            f"stay, each costs {_money(row.lower_bound, told)}"
        )
    if row.few:
        caveats.append(
            f"only {number(counts.stayed_outcomes)} have stayed accepted; below {FEW} the cost of "
            "each still moves much with every one"
        )
    return _Said(
        Phrase(
            text=f"{_money(row.per_accepted, told)} per accepted asset",
            figure="per_accepted",
            value=row.per_accepted,
            sum=(
                f"{number(row.cost)} of all non-working cost, scrap and rework included, over "
                f"{number(counts.stayed)} assets that stayed accepted"
            ),
            evidence=told.costs(),
        ),
        tuple(caveats),
    )


def _below(told: Cohorts, saved: Sequence[Savings]) -> _Said:
    mine = told.total.per_accepted
    unclaimed = [
        f"{one.campaign}: {one.avoided.not_claimed}" for one in saved if one.avoided.not_claimed
    ]
    counted = sum(one.avoided.counted for one in saved)
    bases = [one.avoided.baseline for one in saved if one.avoided.baseline is not None]
    before = each(sum(bases, Money.zero(told.currency)), counted)
    if unclaimed or mine is None or before is None:
        why = "; ".join(unclaimed) or "nothing has stayed accepted yet"
        text = "no saving against a baseline is claimed"
        return _Said(Phrase(text=text, figure="below_baseline", sum=why), (f"{text}: {why}",))
    less = before - mine
    ids = tuple(one.avoided.baseline_id for one in saved)
    extra = sum(one.avoided.extra_volume for one in saved)
    caveats = (
        (f"{number(extra)} assets are volume that the baseline does not cover; they save nothing",)
        if extra
        else ()
    )
    return _Said(
        Phrase(
            text=f"{_money(abs(less), told)} {'less' if less >= 0 else 'more'} than the baseline",
            figure="below_baseline",
            value=less,
            sum=f"{_money(before, told)} by the baseline less {_money(mine, told)}",
            terms=tuple(
                f"{one.campaign}: {one.avoided.scope}; {one.avoided.source}; "
                f"{one.avoided.baseline_id}"
                for one in saved
            ),
            evidence=(*ids, *(name for one in saved for name in one.avoided.evidence)),
        ),
        caveats,
    )


def _campaigns(saved: Sequence[Savings]) -> str:
    return ", ".join(one.campaign for one in saved if one.moved.transfers)


def _money(amount: Decimal, told: Cohorts) -> str:
    return number(Money.of(amount, told.currency))
