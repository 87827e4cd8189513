"""The ledger says what the platform says now, and still knows what it said before."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.budgets import Budgets
from cost_tracking.database import reading
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.published import published
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.spend_import import importing
from cost_tracking.spend_import.imported import Imported
from creative.asset_code import asset_code
from creative.problem import InvalidInput

BringIn = Callable[..., Imported]
FEED, REELS, LEADERBOARD, LINK = (
    "tea_SE_sv-SE_meta_feed_1x1_c1",
    "tea_SE_sv-SE_meta_reels_9x16_c1",
    "tea_DE_de-DE_iab_leaderboard_c1",
    "tea_CH_de-CH_meta_link_1.91x1_c2",
)
HEAD = "date_start,date_stop,ad_id,ad_name,campaign_name,spend\n"
DAY = "2027-03-01,2027-03-01"
NEXT = "2027-03-02,2027-03-02"


def row(spend: str, ad: str = "1", name: str = FEED + "_v1.jpg", day: str = DAY) -> str:
    """Return a line of Meta's insights."""
    return f'{day},{ad},"{name}",SE | Spring,{spend}\n'


def media(engine: Engine) -> list[tuple[Any, ...]]:
    """Return the standing cost lines of media, without what reversals took back."""
    query = (
        "SELECT p.asset, p.attribution, sum(p.amount_micros) FROM posting p WHERE p.account = "
        "'cost' GROUP BY p.asset, p.attribution HAVING sum(p.amount_micros) <> 0"
    )
    with reading(engine) as connection:
        found = [tuple(one) for one in connection.execute(text(query))]
    return sorted(found, key=lambda one: one[0] or "")


def spent(engine: Engine, clock: Any) -> str:
    """Return what the working budget counts."""
    return str(Budgets(engine, clock).of("tea", SpendClass.WORKING).spent)


def test_a_row_becomes_an_entry_of_its_asset(shelf: Engine, bring_in: BringIn) -> None:
    """Working money is known to the asset that it put before people."""
    done = bring_in(HEAD + row("12.345678"))

    with reading(shelf) as connection:
        entry = ledger.read(connection, "media/meta/42/2027-03-01/1//1")
    cost, owed = entry.postings
    assert (entry.kind, entry.effective_on, entry.actor) == ("media", date(2027, 3, 1), "mia")
    assert (cost.asset, cost.market, cost.locale, cost.placement, cost.concept) == (
        FEED,
        "SE",
        "sv-SE",
        "meta_feed_1x1",
        "c1",
    )
    assert (cost.campaign, cost.channel, cost.provider) == ("tea", "social", "meta")
    assert (cost.spend_class, cost.attribution, str(cost.amount)) == (
        SpendClass.WORKING,
        "direct",
        "12.345678 EUR",
    )
    assert owed.account == "payable:meta"
    assert "export.csv" in entry.source_doc
    assert done.matched() == {"EUR": 100}
    assert ledger.check(shelf) == []


def test_the_same_file_again_changes_nothing(shelf: Engine, bring_in: BringIn, clock: Any) -> None:
    """The job that fetches the report runs every night."""
    rows = HEAD + row("12.50") + row("3", "2", REELS) + row("0", "3", "idle")
    first, second = bring_in(rows), bring_in(rows)

    assert (first.new, first.free, first.changed) == (3, 1, 3)
    assert (second.unchanged, second.changed, second.change) == (3, 0, (Money.zero("EUR"),)[:0])
    assert spent(shelf, clock) == "15.50 EUR"
    with reading(shelf) as connection:
        assert connection.execute(text("SELECT count(*) FROM txn")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM import_row")).scalar_one() == 3


def test_a_restated_day_is_reversed_and_posted_anew(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """Google takes invalid clicks back weeks later; both figures must stay readable."""
    bring_in(HEAD + row("12.50") + row("3", "2", REELS))
    done = bring_in(HEAD + row("11.25") + row("3", "2", REELS))

    assert (done.restated, done.unchanged, done.change) == (1, 1, (Money.of("-1.25", "EUR"),))
    assert media(shelf) == [(FEED, "direct", 11_250_000), (REELS, "direct", 3_000_000)]
    assert spent(shelf, clock) == "14.25 EUR"
    with reading(shelf) as connection:
        old, new = (ledger.read(connection, f"media/meta/42/2027-03-01/1//{one}") for one in (1, 2))
        back = ledger.read(connection, "reversal/media/meta/42/2027-03-01/1//1")
    assert [str(one.postings[0].amount) for one in (old, back, new)] == [
        "12.50 EUR",
        "-12.50 EUR",
        "11.25 EUR",
    ]
    assert ledger.check(shelf) == []
    # And back again: the first figure under a third revision, not a clash with the first.
    assert bring_in(HEAD + row("12.50") + row("3", "2", REELS)).restated == 1
    assert spent(shelf, clock) == "15.50 EUR"


def test_spend_that_is_restated_to_nothing_leaves_nothing(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """A day of invalid clicks alone."""
    bring_in(HEAD + row("12.50"))
    assert bring_in(HEAD + row("0")).restated == 1
    assert media(shelf) == []
    assert bring_in(HEAD + row("0")).unchanged == 1
    assert bring_in(HEAD + row("2")).restated == 1
    assert spent(shelf, clock) == "2.00 EUR"


def test_what_a_newer_file_no_longer_tells_is_listed_and_stands(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """An export may be filtered: what it leaves out has not been refunded."""
    bring_in(HEAD + row("5") + row("7", "2", REELS) + row("9", "3", LINK, NEXT))
    done = bring_in(HEAD + row("5"))

    assert [(one.ad_id, str(one.money)) for one in done.missing] == [("2", "7.00 EUR")]
    assert (done.changed, spent(shelf, clock)) == (0, "21.00 EUR")


def test_with_a_window_what_is_gone_is_reversed_and_can_come_back(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """A deleted ad, when the person says that the file is all there is."""
    both = HEAD + row("5") + row("7", "2", REELS)
    bring_in(both)

    assert bring_in(HEAD + row("5"), window=True).reversed == 1
    assert media(shelf) == [(FEED, "direct", 5_000_000)]
    assert spent(shelf, clock) == "5.00 EUR"
    assert bring_in(HEAD + row("5"), window=True).changed == 0
    assert bring_in(both).new == 1
    assert spent(shelf, clock) == "12.00 EUR"
    assert ledger.check(shelf) == []


def test_an_ad_of_several_assets_is_shared_out_to_the_last_micro(
    shelf: Engine, bring_in: BringIn
) -> None:
    """A carousel has one figure and three pictures."""
    done = bring_in(HEAD + row("10", name=f"Carousel {FEED}_v1 + {REELS}_v2 + {LINK}_v1"))

    assert [one[1:] for one in media(shelf)] == [
        ("allocated", 3_333_334),
        ("allocated", 3_333_333),
        ("allocated", 3_333_333),
    ]
    assert [(one.name, str(one.money)) for one in done.spent] == [("allocated", "10.00 EUR")]


@pytest.mark.parametrize(
    "name",
    [
        f"EMEA | {FEED}_v3.jpg | prospecting",
        FEED.lower(),
        f"emea-{FEED}_v1",
        f"Spring {asset_code(FEED)} broad",
        f"PROMO-{asset_code(FEED).upper()}",
    ],
)
def test_our_names_are_found_within_a_buyer_s_names(
    shelf: Engine, bring_in: BringIn, name: str
) -> None:
    """Buyers put their own words around ours, and platforms change the case."""
    assert bring_in(HEAD + row("1", name=name)).matched() == {"EUR": 100}
    assert media(shelf)[0][0] == FEED


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("utm_content", FEED.lower()),
        ("creative_name", f"{FEED}_v1"),
        ("website url", f"https://shop.example/?utm_source=fb&utm_content={asset_code(FEED)}"),
    ],
)
def test_an_asset_is_found_by_creative_and_link_where_the_ad_is_named_otherwise(
    shelf: Engine, bring_in: BringIn, column: str, cell: str
) -> None:
    """Half of all buyers rename the ad."""
    bring_in(f"date_start,ad_id,ad_name,spend,{column}\n2027-03-01,1,Ad A,1,{cell}\n")

    assert media(shelf) == [(FEED, "direct", 1_000_000)]


def test_a_sheet_of_codes_tells_whose_ad_it_is(shelf: Engine, bring_in: BringIn) -> None:
    """An Ad-ID, and a Performance Max group that holds two pictures."""
    codes = {"1": [FEED], "XYZA0042000H": [asset_code(LEADERBOARD), LINK]}
    rows = row("3", name="a") + row("4", "2", "xyza0042000h")

    bring_in(HEAD + rows, codes=codes)

    assert media(shelf) == [
        (LINK, "allocated", 2_000_000),
        (LEADERBOARD, "allocated", 2_000_000),
        (FEED, "direct", 3_000_000),
    ]


def test_what_matches_nothing_is_posted_and_shown(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """Spend that is dropped because of a name is spend that the CFO finds first."""
    rows = row("30", "1") + row("9", "2", "Retargeting") + row("1", "3", "tea always-on")
    done = bring_in(HEAD + rows)

    assert media(shelf) == [(None, "unmatched", 10_000_000), (FEED, "direct", 30_000_000)]
    assert done.matched() == {"EUR": 75}
    assert [(one.name, one.campaign, str(one.money)) for one in done.unmatched] == [
        ("Retargeting", "", "9.00 EUR"),
        ("tea always-on", "tea", "1.00 EUR"),
    ]
    assert spent(shelf, clock) == "31.00 EUR"
    assert bring_in(HEAD + rows, campaign="tea").restated == 1
    assert spent(shelf, clock) == "40.00 EUR"


def test_media_goes_over_a_budget_and_is_counted(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """It has happened: a gate that refuses to write it down would hide it."""
    bring_in(HEAD + row("1200.50"))

    assert str(Budgets(shelf, clock).of("tea", SpendClass.WORKING).left) == "-200.50 EUR"


def test_spend_in_another_currency_counts_at_the_rate_of_its_day(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """And is taken back at what it was counted at, whatever the rate is by then."""

    def convert(money: Money, to: str, on: date, _campaign: str) -> Money | None:
        return Money(micros=money.micros // (10 if on.day == 1 else 20), currency=to)

    bring_in(HEAD + row("100"), currency="SEK", convert=convert)
    assert spent(shelf, clock) == "10.00 EUR"
    done = bring_in(HEAD + row("200"), currency="SEK")
    assert spent(shelf, clock) == "0.00 EUR"
    assert done.uncounted == {"tea": ("SEK to EUR",)}


def test_a_dry_run_says_all_and_writes_nothing(shelf: Engine, bring_in: BringIn) -> None:
    """People look before they post a month."""
    done = bring_in(HEAD + row("5"), dry_run=True)

    assert (done.new, done.file_seq, done.change) == (1, None, (Money.of("5", "EUR"),))
    with reading(shelf) as connection:
        for table in ("txn", "import_row", "spend_file"):
            assert not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - ours


def test_an_ad_is_not_counted_whole_and_again_by_device(
    shelf: Engine, bring_in: BringIn, clock: Any
) -> None:
    """Somebody adds a breakdown to the report, and every figure doubles."""
    bring_in(HEAD + row("5"))
    cut = "date_start,ad_id,ad_name,impression_device,spend\n"
    rows = cut + f"2027-03-01,1,{FEED},ios,2\n2027-03-01,1,{FEED},android,3\n"

    with pytest.raises(InvalidInput, match="imported divided by nothing, and is here by device"):
        bring_in(rows)
    assert spent(shelf, clock) == "5.00 EUR"
    assert bring_in(rows, window=True).reversed == 1
    assert spent(shelf, clock) == "5.00 EUR"


def test_a_campaign_is_not_counted_by_ad_and_again_as_a_whole(bring_in: BringIn) -> None:
    """A report one level up holds the same money."""
    bring_in(HEAD + row("5"))

    with pytest.raises(InvalidInput, match="was imported by ad, and is here by campaign"):
        bring_in("date_start,campaign_name,spend\n2027-03-01,SE | Spring,5\n")


def test_an_account_keeps_its_currency(bring_in: BringIn) -> None:
    """A wrong --currency would mix euros and kronor under one account."""
    bring_in(HEAD + row("5"))

    with pytest.raises(InvalidInput, match="was imported in EUR, and is in SEK here"):
        bring_in(HEAD + row("5", day=NEXT), currency="SEK")


def test_a_fault_in_the_middle_leaves_nothing(
    shelf: Engine, bring_in: BringIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a month in the books is worse than none."""
    rows = HEAD + "".join(row("1", str(number)) for number in range(5))
    post_ready, calls = ledger.post_ready, []

    def fails_later(*told: Any) -> list[int]:
        calls.append(told)
        if len(calls) == 3:
            raise OSError("the disk is full")
        return post_ready(*told)

    monkeypatch.setattr(importing, "_BATCH", 2)
    monkeypatch.setattr(ledger, "post_ready", fails_later)
    with pytest.raises(OSError, match="disk"):
        bring_in(rows)
    monkeypatch.undo()

    with reading(shelf) as connection:
        for table in ("txn", "import_row", "spend_file"):
            assert not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - ours
    assert bring_in(rows).new == 5


def test_the_shares_of_an_ad_sum_to_what_the_ad_is_in_the_books_currency(
    shelf: Engine, bring_in: BringIn
) -> None:
    """Three shares that are each rounded on their own would be a micro off the ad."""
    day = date(2026, 10, 23)
    rates = Rates(published)
    of_day = row("10.00", name=f"Carousel {FEED}_v1 + {REELS}_v2 + {LINK}_v1", day=f"{day},{day}")

    bring_in(HEAD + of_day, currency="USD", books=Books("EUR", rates))

    with reading(shelf) as connection:
        entry = ledger.read(connection, f"media/meta/42/{day}/1//1")
    *shares, owed = entry.postings
    whole = rates.convert(Money.of("10", "USD"), "EUR", day).amount
    assert len(shares) == 3
    assert [one.base for one in (owed,)] == [-whole]
    assert sum(one.base.micros for one in shares if one.base) == whole.micros
    alone = [rates.convert(one.amount, "EUR", day).amount.micros for one in shares]
    assert sum(alone) != whole.micros
    assert {one.fx_rate for one in entry.postings} == {"ecb/2026-10-23/EUR-USD"}
    assert ledger.check(shelf) == []
