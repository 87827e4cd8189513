"""The audit trail: every figure is exactly what its lines make."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost_tracking.money import Money
from cost_tracking.readings import readings
from cost_tracking.reports.asset_costs import shares
from cost_tracking.reports.campaign_report import report
from cost_tracking.reports.facts import Campaign, Made, Posted, Spent
from cost_tracking.reports.trails import Trails, UnknownFigure
from creative.brief import Baseline, Budget

CAMPAIGN = Campaign(
    name="tea",
    title="Tea",
    run="r1",
    as_of=datetime(2027, 3, 10, tzinfo=UTC),
    budget=Budget(currency="EUR", non_working=Decimal(100), working=Decimal(900)),
    baseline=Baseline(
        currency="EUR",
        per_concept=Decimal(2500),
        per_rendition=Decimal(60),
        source="rate card",
        approved_by="Finance",
        approved_on=date(2027, 1, 4),
    ),
    attempts={},
    images_bought=0,
    policy="wc-default@1",
    placeholder=False,
)
GRID = tuple(
    Made(
        slot=f"tea_{market}_xx_{place}_{concept}",
        market=market,
        locale=f"xx-{market}",
        placement=place,
        channel="social",
        concept=concept,
        accepted=accepted,
        delivered=accepted is True,
    )
    for market in ("SE", "NO", "CH")
    for place in ("feed", "story")
    for concept, accepted in (("c1", True), ("c2", None))
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Spent]:
    """Return amounts of either sign, each in a line of its own, that name anything or nothing."""
    lines = []
    for number in range(draw(st.integers(0, 25))):
        amount = Money(micros=draw(st.integers(-(10**8), 10**8)), currency="EUR")
        lines.append(
            Spent(
                amount=amount,
                original=amount,
                cost_type=draw(
                    st.sampled_from(["ai.api_call", "influencer.fee", "tax.recoverable"])
                ),
                spend=draw(st.sampled_from(["working", "non_working"])),
                stage=draw(st.sampled_from(["concepts", "copy"])),
                provider=draw(st.sampled_from(["openai", "agency"])),
                market=draw(st.sampled_from([None, "SE", "FI"])),
                placement=draw(st.sampled_from([None, "feed", "gone"])),
                channel=draw(st.sampled_from([None, "social", "dooh"])),
                asset=draw(st.sampled_from([None, "c1", "c9", GRID[0].slot])),
                waste=draw(st.booleans()),
                basis="reported",
                reference=f"invoice {number}",
                posted=Posted(
                    seq=number + 1,
                    line=1,
                    key=f"invoice/{number}",
                    kind="invoice",
                    effective_on=date(2027, 3, 1),
                    recorded_at=datetime(2027, 3, 2, tzinfo=UTC),
                    source="test",
                ),
            )
        )
    return lines


@settings(max_examples=40, deadline=None)
@given(ledgers(), st.lists(st.sampled_from(GRID), unique=True))
def test_every_figure_is_what_its_lines_make(entries: list[Spent], grid: list[Made]) -> None:
    """An auditor adds up the lines below a figure; a cent off, and no figure is believed."""
    amounts = [(one.cost_type, one.amount) for one in entries]
    campaign = CAMPAIGN.model_copy(update={"readings": readings(amounts, "EUR")})
    trails = Trails(report(campaign, entries, grid))

    for name in trails.figures:
        trail = trails.of(name)
        assert trail.figure == name
        assert trail.made == trail.value, name


@settings(max_examples=40, deadline=None)
@given(ledgers(), st.lists(st.sampled_from(GRID), unique=True))
def test_the_shares_of_an_amount_are_all_of_it(entries: list[Spent], grid: list[Made]) -> None:
    """Read the other way round, an invoice is found whole in the renditions that bear it."""
    found = [0] * len(entries)
    for one in shares(entries, grid):
        found[one.entry] += one.micros

    making = [one.amount.micros if one.spend == "non_working" else 0 for one in entries]
    assert found == making


def test_a_figure_leads_to_the_lines_and_their_documents() -> None:
    """SE bears two of six parts of a shared invoice, and its own invoice whole."""
    shared, own = (
        Spent(
            amount=Money.of(amount, "EUR"),
            original=Money.of(amount, "EUR"),
            cost_type="translation",
            spend="non_working",
            stage="copy",
            provider="agency",
            market=market,
            basis="declared",
            reference=document,
        )
        for amount, market, document in (("6", None, "INV-1"), ("5", "SE", "INV-2"))
    )
    grid = [one for one in GRID if one.concept == "c1"]
    trails = Trails(report(CAMPAIGN, [shared, own], grid))

    parts = trails.of("market:SE").parts
    quotient = trails.of("market:SE:per_accepted")

    assert [(one.entry, one.amount.micros) for one in parts] == [(0, 2_000_000), (1, 5_000_000)]
    assert quotient.value == Money.of("3.5", "EUR")
    assert [one.figure for one in quotient.terms] == ["market:SE", "market:SE:accepted"]
    assert quotient.terms[1].counted == (GRID[0].slot, GRID[2].slot)


def test_an_unknown_figure_is_told_with_those_that_come_near() -> None:
    """Who mistypes a market should see how figures are named."""
    trails = Trails(report(CAMPAIGN, [], GRID))

    with pytest.raises(UnknownFigure, match="no figure 'market:S'; it has market:SE"):
        trails.of("market:S")
