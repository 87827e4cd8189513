"""The figures of the spend report."""

from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, report
from cost_tracking.reports.facts import Campaign, Made, Spent
from cost_tracking.reports.figures import each, number, share
from creative.brief import Baseline, Budget

MARKETS = ("SE", "NO", "CH")
PLACES = {"meta_feed_1x1": "social", "iab_leaderboard": "display"}
BASELINE = Baseline(
    currency="EUR",
    per_concept=Decimal(2500),
    per_rendition=Decimal(60),
    source="2025 rate card",
    approved_by="Finance",
    approved_on=date(2027, 1, 4),
)


def euros(amount: str) -> Money:
    """Return an amount of the report's currency."""
    return Money.of(amount, "EUR")


def spent(amount: str, **facts: object) -> Spent:
    """Return an amount that making the campaign took, and that names what is given."""
    defaults = {
        "original": euros(amount),
        "cost_type": "ai.api_call",
        "spend": "non_working",
        "stage": "concepts",
        "provider": "openai",
        "basis": "reported",
        "reference": "req_1",
    }
    return Spent.model_validate({"amount": euros(amount), **defaults, **facts})


def media(amount: str, **facts: object) -> Spent:
    """Return an amount that put the campaign before people."""
    return spent(amount, cost_type="media.inventory", spend="working", stage="media", **facts)


def made(market: str = "SE", placement: str = "meta_feed_1x1", **facts: object) -> Made:
    """Return one rendition."""
    concept = str(facts.get("concept", "c1"))
    defaults = {
        "slot": f"tea_{market}_xx_{placement}_{concept}",
        "market": market,
        "locale": f"xx-{market}",
        "placement": placement,
        "channel": PLACES[placement],
        "concept": concept,
        "accepted": True,
        "delivered": True,
    }
    return Made.model_validate({**defaults, **facts})


def campaign(**facts: object) -> Campaign:
    """Return a campaign with 100 EUR to make it and 900 EUR for media."""
    defaults = {
        "name": "tea",
        "title": "Tea",
        "run": "r1",
        "as_of": datetime(2027, 3, 10, tzinfo=UTC),
        "budget": Budget(currency="EUR", non_working=Decimal(100), working=Decimal(900)),
        "baseline": BASELINE,
        "attempts": {"settled": 3},
        "images_bought": 4,
        "policy": "wc-default@1",
        "placeholder": False,
    }
    return Campaign.model_validate({**defaults, **facts})


GRID = tuple(made(market, place) for market in MARKETS for place in PLACES)


def by_slot(told: Report) -> dict[str, Money]:
    """Return what each rendition cost."""
    return {one.made.slot: one.total for one in told.assets}


rows = st.builds(
    spent,
    st.integers(-(10**9), 10**9).map(lambda micros: f"{Decimal(micros).scaleb(-6):f}"),
    asset=st.sampled_from([None, "c1", "c2", "c9", "gone", GRID[0].slot, GRID[3].slot]),
    market=st.sampled_from([None, *MARKETS, "FI"]),
    locale=st.sampled_from([None, "xx-SE", "xx-FI"]),
    placement=st.sampled_from([None, *PLACES, "gone"]),
    channel=st.sampled_from([None, "social", "dooh"]),
    spend=st.sampled_from(["working", "non_working"]),
    provider=st.sampled_from(["openai", "agency"]),
    waste=st.booleans(),
)


@given(st.lists(rows, max_size=30), st.lists(st.sampled_from(GRID), unique=True))
def test_every_cut_sums_to_the_total_to_the_micro(entries: list[Spent], grid: list[Made]) -> None:
    """Finance adds up a breakdown, and stops believing all of it at the first missing cent."""
    told = report(campaign(), entries, grid)

    assets = sum((one.total.micros for one in told.assets), told.unallocated.micros)
    assert assets == told.non_working.micros
    cuts = (told.markets, told.placements, told.providers, told.stages, told.cost_types)
    for cut in cuts:
        assert sum(row.non_working.micros for row in cut) == told.non_working.micros
        assert sum(row.working.micros for row in cut) == told.working.micros


@given(st.lists(rows, max_size=12), st.randoms())
def test_the_order_of_the_ledger_changes_no_figure(entries: list[Spent], luck: Random) -> None:
    """A report that depends on how rows come back cannot be compared with last week's."""
    shuffled = list(entries)
    luck.shuffle(shuffled)

    assert by_slot(report(campaign(), entries, GRID)) == by_slot(report(campaign(), shuffled, GRID))


def test_a_kept_concept_is_shared_by_the_renditions_that_show_it() -> None:
    """Charged to all, the cheap concept would subsidise the dear one."""
    grid = (made("SE"), made("NO"), made("CH", concept="c2"))

    costs = by_slot(report(campaign(), [spent("0.03", asset="c1")], grid))

    assert [cost.micros for cost in costs.values()] == [15_000, 15_000, 0]


def test_a_scrapped_concept_is_shared_by_all() -> None:
    """It was drawn to find the one that was kept; left out, scrap would look free."""
    costs = by_slot(report(campaign(), [spent("0.06", asset="c4")], GRID))

    assert {cost.micros for cost in costs.values()} == {10_000}


def test_what_was_made_again_is_borne_by_those_it_was_made_for() -> None:
    """An approver who said yes must not find their file dearer for somebody else's no."""
    grid = [made("SE"), made("NO"), made("DK")]
    first, second, third = (one.slot for one in grid)
    entries = [
        spent("3.00", asset="c1", rework=True, again=(first,)),
        spent("2.00", asset="c1", rework=True, again=(first, second)),
    ]
    told = report(campaign(), entries, grid)

    assert by_slot(told) == {first: euros("4.00"), second: euros("1.00"), third: euros("0")}
    assert told.rework == euros("5.00")
    assert told.assets[0].direct == euros("3.00")


def test_the_copy_of_a_locale_is_shared_by_those_who_read_it() -> None:
    """It names no rendition, and is no money that nobody can be told of."""
    told = report(
        campaign(), [spent("2.00", asset="copy/sv-SE", market="SE")], [made("SE"), made("NO")]
    )

    assert [one.total for one in told.assets] == [euros("2.00"), euros("0")]
    assert told.unallocated == euros("0")


def test_what_a_market_costs_stays_in_it() -> None:
    """A Swiss translation on the Swedish bill starts a meeting."""
    told = report(campaign(), [spent("3", market="CH", stage="copy")], GRID)

    assert {row.key: row.non_working for row in told.markets} == {
        "CH": euros("3"),
        "SE": euros("0"),
        "NO": euros("0"),
    }


def test_what_is_spent_for_one_rendition_is_its_own() -> None:
    """Rework belongs to the asset that was rejected."""
    told = report(campaign(), [spent("1.50", asset=GRID[2].slot), spent("6")], GRID)

    asset = told.assets[2]
    assert (asset.direct, asset.allocated, asset.total) == (euros("1.5"), euros("1"), euros("2.5"))


def test_money_for_a_market_without_assets_is_not_lost() -> None:
    """A failed locale was paid for too; it must not vanish, nor burden the others."""
    told = report(campaign(), [spent("2", market="FI")], GRID)

    assert told.unallocated == euros("2")
    assert told.markets[0].key == "FI"
    assert not any(cost for cost in by_slot(told).values())


def test_cost_for_each_counts_scrap_and_waiting_assets() -> None:
    """The numerator is all that was spent, or the figure flatters."""
    grid = (made("SE"), made("NO", accepted=False), made("CH", accepted=None))

    told = report(campaign(), [spent("3"), spent("0.6", waste=True)], grid)

    assert (told.per_produced, told.per_accepted) == (euros("1.2"), euros("3.6"))
    assert (told.accepted, told.rejected, told.waiting) == (1, 1, 1)
    assert told.waste == euros("0.6")


def test_nothing_made_has_no_cost_for_each() -> None:
    """A 0 would read as free."""
    told = report(campaign(), [spent("3")], [])

    assert (told.per_produced, told.per_accepted, told.images_per_rendition) == (None, None, None)
    assert told.unallocated == euros("3")


def test_a_saving_sets_all_cost_against_accepted_assets_only() -> None:
    """Scrap on both sides of the sum is how savings are overstated."""
    grid = (made("SE"), made("NO"), made("CH", accepted=False, concept="c2"))

    told = report(campaign(), [spent("52")], grid).saving

    assert told.baseline == euros("2620")
    assert told.avoided == euros("2568")
    assert told.actual == euros("52")
    assert told.scope.replace("\N{NO-BREAK SPACE}", " ") == (
        "2 accepted renditions at 60.00 EUR + 1 concept they show at 2,500.00 EUR"
    )
    assert told.source == "2025 rate card, approved by Finance on 2027-01-04"


def test_volume_above_the_baseline_saves_nothing() -> None:
    """Nobody would have bought six at the old price."""
    capped = BASELINE.model_copy(update={"volume": 4})

    told = report(campaign(baseline=capped), [spent("52")], GRID).saving

    assert told.baseline == euros("2740")
    assert told.scope.endswith("; 2 more are extra volume and save nothing")


def test_a_baseline_in_another_currency_needs_a_rate() -> None:
    """A saving at a rate of nobody's is not a saving."""
    kronor = BASELINE.model_copy(update={"currency": "SEK"})
    rate = {"SEK": {"rate": "0.09", "on": date(2027, 3, 1), "source": "ECB"}}
    budget = Budget.model_validate({"currency": "EUR", "non_working": "1", "rates": rate})

    without = report(campaign(baseline=kronor), [], GRID).saving
    converted = report(campaign(baseline=kronor, budget=budget), [], GRID).saving

    assert without.not_claimed == "the baseline is in SEK and the budget names no rate for it"
    assert converted.baseline == euros("257.4")
    assert converted.scope.endswith(", at 0.09 EUR to the SEK")


@pytest.mark.parametrize(
    ("facts", "grid", "why"),
    [
        ({"placeholder": True}, GRID, "placeholder art"),
        ({"baseline": None}, GRID, "the brief has no baseline"),
        ({}, (made(accepted=None),), "nothing has been accepted"),
        (
            {"first_use": date(2027, 1, 3)},
            GRID,
            "after its first use on 2027-01-03; a price that is fixed afterwards proves no saving",
        ),
        (
            {"window_closes": date(2027, 3, 11)},
            GRID,
            (
                "the acceptance window is open until 2027-03-11; only what stays accepted saves "
                "anything"
            ),
        ),
    ],
)
def test_no_saving_is_claimed_without_grounds(
    facts: dict[str, object], grid: tuple[Made, ...], why: str
) -> None:
    """A free placeholder 'saves' the whole rate card; a CMO would repeat that on a stage."""
    told = report(campaign(**facts), [], grid).saving

    assert why in told.not_claimed
    assert (told.baseline, told.avoided, told.rate) == (None, None, None)


def test_a_channel_is_told_against_its_plan_in_points() -> None:
    """46 % against a plan of 40 % is 6 points over, not 15 %."""
    plan = {"social": Decimal("0.4"), "dooh": Decimal("0.6")}
    budget = Budget(currency="EUR", non_working=Decimal(1), channels=plan)
    entries = [media("46", channel="social"), media("54", channel="dooh"), media("0")]

    told = report(campaign(budget=budget), entries, GRID)

    off = {one.key: one.off for one in told.channels}
    assert off == {"dooh": Decimal(-6), "social": Decimal(6), "": Decimal(0)}


def test_an_overrun_is_a_negative_rest() -> None:
    """An invoice over budget is recorded all the same, so the report has to show it."""
    told = report(campaign(), [spent("130"), media("450")], GRID)

    working, making = told.budgets
    assert (working.left, working.used) == (euros("450"), Decimal(50))
    assert (making.left, making.used) == (euros("-30"), Decimal(130))


def test_the_notes_name_what_makes_figures_provisional() -> None:
    """Whoever quotes a number must have been able to read why it may change."""
    facts = campaign(
        window_closes=date(2027, 3, 24),
        attempts={"settled": 2, "suspect": 1},
        contested=("ai.api_call", "labour.internal"),
    )

    told = "\n".join(report(facts, [spent("1")], GRID).notes)

    assert "provisional until 2027-03-24" in told
    assert "Accepted so far: 6" in told
    assert "without a known end: 1" in told
    assert "No hours are entered" in told
    assert "belong: ai.api_call. Here wc-default@1 decides" in told


def test_a_closed_window_leaves_no_note() -> None:
    """A warning that never goes away is not read."""
    grid = [made("SE", slot=f"s{number}") for number in range(25)]
    entries = [spent("1", cost_type="labour.internal")]

    assert not report(campaign(window_closes=date(2027, 3, 10)), entries, grid).notes


def test_a_slot_that_occurs_twice_is_refused() -> None:
    """Counted twice, it would halve the cost of everything else."""
    with pytest.raises(ValueError, match="twice: tea_SE_xx_meta_feed_1x1_c1"):
        report(campaign(), [], [GRID[0], GRID[0]])


def test_an_unconverted_amount_is_refused() -> None:
    """Dollars added to euros are neither."""
    dollars = spent("1").model_copy(update={"amount": Money.of("1", "USD")})

    with pytest.raises(ValueError, match="req_1: cannot report USD in EUR"):
        report(campaign(), [dollars], GRID)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Money.of("0.0074", "EUR"), "0.0074 EUR"),
        (Money.of("0.000001", "EUR"), "0.000001 EUR"),
        (Money.of("0.5", "EUR"), "0.50 EUR"),
        (Money.of("1234567.891", "EUR"), "1,234,567.89 EUR"),
        (Money.of("-3", "EUR"), "\N{MINUS SIGN}3.00 EUR"),
        (Money.zero("EUR"), "0.00 EUR"),
        (1234, "1,234"),
        (Decimal("1234.5"), "1,234.50"),
        (None, "\N{EN DASH}"),
    ],
)
def test_a_figure_shows_what_matters_of_it(value: Money | int | None, text: str) -> None:
    """0.00 for what cost 0.0074 would hide the one figure that all rests on."""
    assert number(value).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_figure_takes_its_places_and_unit() -> None:
    """A difference without its sign reads as a share."""
    assert number(Decimal(6), places=1, unit="pp", signed=True) == "+6.0\N{NO-BREAK SPACE}pp"


def test_shares_and_parts_of_nothing_do_not_exist() -> None:
    """Dividing by an empty total must not stop the report, nor give 0."""
    assert share(euros("1"), euros("0")) is None
    assert each(euros("1"), 0) is None
    with pytest.raises(ValueError, match="EUR as a share of USD"):
        share(euros("1"), Money.of("1", "USD"))
