"""What a campaign saved, in three numbers, and the sentence that is made of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from cost_tracking.acceptance.cohort import Cohorts
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.outcome import Cost, Outcome, Try
from cost_tracking.acceptance.savings import Savings, Terms, savings
from cost_tracking.acceptance.sentence import sentence
from cost_tracking.acceptance.transfers import Transfer
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from creative.brief import Baseline

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
WINDOW = timedelta(days=14)
LATER = START + timedelta(days=20)
NBSP = "\N{NO-BREAK SPACE}"
BASELINE = Baseline(
    currency="EUR",
    per_concept=Decimal(2500),
    per_rendition=Decimal(60),
    source="2025 rate card",
    approved_by="Finance",
    approved_on=date(2026, 11, 1),
)


OUTCOMES = tuple(
    Outcome(
        name, "tea", (Try(START, at, failed_at=failed, evidence=(f"decision/{number}",)),), WINDOW,
        {"concept": concept},
    )
    for number, (name, at, failed, concept) in enumerate(
        (
            ("first", START, None, "c1"),
            ("second", START + timedelta(hours=1), None, "c2"),
            ("pulled", START, START + timedelta(days=2), "c3"),
        ),
        start=1,
    )
)  # fmt: skip
COSTS = (
    Cost("1.1", 19_000_000, "tea", START.date(), START),
    Cost("2.1", 40_000_000, "tea", START.date(), START, part="overhead"),
)


def told_at(at: datetime) -> Cohorts:
    """Return the cost of each accepted asset at a watermark."""
    return cohorts(OUTCOMES, COSTS, at, "EUR")


def saved(journal: tuple[Transfer, ...] = (), at: datetime = LATER, **facts: object) -> Savings:
    """Return the savings of the campaign."""
    terms = Terms.model_validate(
        {
            "campaign": "tea", "currency": "EUR", "non_working": Decimal(1000),
            "ends": date(2026, 12, 31), "baseline": BASELINE, "rate": Decimal(1),
            "placeholder": False,
        }
        | facts
    )  # fmt: skip
    told = told_at(at)
    return savings(terms, OUTCOMES, told.total, told.costs(), journal, at)


def transfer(amount: str, *, back: bool = False) -> Transfer:
    """Return a transfer from making to media, or back."""
    sides = (SpendClass.NON_WORKING, SpendClass.WORKING)
    one, other = reversed(sides) if back else sides
    return Transfer(
        seq=1, campaign="tea", from_class=one, to_class=other, amount=Money.of(amount, "EUR"),
        reason="saved on production", approved_by="cmo", at=datetime(2026, 12, 1, tzinfo=UTC),
    )  # fmt: skip


def test_the_three_numbers_of_a_saving() -> None:
    """Avoided 5,061, not spent 941, moved 500: nobody may add them up."""
    told = saved((transfer("700"), transfer("200", back=True)))

    assert told.avoided.baseline == Money.of("5120", "EUR")
    assert told.avoided.actual == Money.of("59", "EUR")
    assert told.avoided.avoided == Money.of("5061", "EUR")
    assert told.unspent.saved == Money.of("941", "EUR")
    assert told.unspent.provisional_until == date(2026, 12, 31)
    assert told.moved.amount == Money.of("500", "EUR")
    assert told.moved.broken == ""
    assert not {"total", "sum"} & set(Savings.model_fields)


def test_more_moved_than_saved_is_told() -> None:
    """Money that was never saved cannot have been freed."""
    told = saved((transfer("941.01"),))

    assert "941.01" in told.moved.broken
    assert saved((transfer("941"),)).moved.broken == ""


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"baseline": None}, "the brief has no baseline"),
        ({"placeholder": True}, "placeholder art"),
        ({"rate": None}, "names no rate"),
        (
            {"baseline": BASELINE.model_copy(update={"approved_by": "", "approved_on": None})},
            "nobody has approved",
        ),
        (
            {"baseline": BASELINE.model_copy(update={"approved_on": date(2026, 11, 22)})},
            "after its first use on 2026-11-21",
        ),
    ],
)
def test_nothing_is_claimed_without_grounds(facts: dict[str, object], why: str) -> None:
    """Claimed savings overstate validated ones by a third when no baseline was fixed first."""
    told = saved(**facts).avoided

    assert why in told.not_claimed
    assert told.avoided is None


def test_an_open_window_saves_nothing_yet() -> None:
    """What may still be pulled has not been saved on."""
    assert "2 still may" in saved(at=START).avoided.not_claimed


def test_volume_above_the_baseline_saves_nothing() -> None:
    """Nobody would have bought so many at the old price."""
    told = saved(baseline=BASELINE.model_copy(update={"volume": 1})).avoided

    assert (told.counted, told.extra_volume) == (1, 1)
    assert told.baseline == Money.of("2560", "EUR")
    assert told.actual == Money.of("59", "EUR")


def test_each_number_of_the_sentence_leads_to_its_entries() -> None:
    """The CMO says it on a stage, and the auditor clicks on it."""
    told = sentence(told_at(LATER), [saved((transfer("500"),))])

    assert str(told).replace(NBSP, " ") == (
        "We moved 500.00 EUR from non-working to working, at 29.50 EUR per accepted asset, "
        "2,530.50 EUR less than the baseline."
    )
    evidence = {one.figure: one.evidence for one in told.phrases if one.figure}
    assert evidence["moved"] == ("transfer/1",)
    assert evidence["per_accepted"] == ("1.1", "2.1")
    assert evidence["below_baseline"][0].startswith("baseline/tea@")
    assert evidence["below_baseline"][-2:] == ("decision/1", "decision/2")
    assert "only 2 have stayed accepted" in " ".join(told.caveats)
    [terms] = next(one.terms for one in told.phrases if one.figure == "below_baseline")
    assert terms.replace(NBSP, " ").startswith("tea: 2 renditions that stayed accepted at ")
    assert terms.endswith(evidence["below_baseline"][0])


def test_the_sentence_claims_nothing_that_is_not_so() -> None:
    """On the day of delivery nothing has stayed, nothing was saved and nothing moved."""
    told = str(sentence(told_at(START), [saved(at=START)])).replace(NBSP, " ")

    assert told == (
        "We have moved no money from non-working to working; what an accepted asset cost is not "
        "known before one has stayed accepted: 2 are in their window, and cost 29.50 EUR each or "
        "more; no saving against a baseline is claimed."
    )


def test_a_dearer_way_is_told_as_dearer() -> None:
    """A tool that can only say less is an advertisement."""
    cheap = BASELINE.model_copy(update={"per_concept": Decimal(1), "per_rendition": Decimal(2)})

    told = sentence(told_at(LATER), [saved((transfer("500"),), baseline=cheap)])

    assert str(told).replace(NBSP, " ").endswith("26.50 EUR more than the baseline.")


def test_an_approval_needs_a_name_and_a_day() -> None:
    """Half an approval is none, and a saving would rest on it."""
    with pytest.raises(ValidationError, match="both approved_by and approved_on"):
        Baseline.model_validate(BASELINE.model_dump() | {"approved_on": None})
