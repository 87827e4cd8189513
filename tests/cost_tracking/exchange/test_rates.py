"""Money changes its currency at the rate of a day, to the last digit, or not at all."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.exchange.published import published
from cost_tracking.exchange.quotations import Quotation
from cost_tracking.exchange.rates import NoRate, Rates, StaleRate, Window
from cost_tracking.money import Money

FRIDAY, SATURDAY = date(2026, 10, 23), date(2026, 10, 24)
LAST = date(2026, 10, 30)


def quoted(base: str, quote: str, rate: str, on: date = LAST, source: str = "bank") -> Quotation:
    """Return one rate."""
    return Quotation(base=base, quote=quote, rate=Decimal(rate), on=on, source=source)


def of(*rates: Quotation) -> Window:
    """Return a source that published these."""

    def window(first: date, last: date) -> Iterator[Quotation]:
        return (one for one in rates if first <= one.on <= last)

    return window


@pytest.mark.parametrize(
    ("on", "used", "dollars", "kronor", "digits"),
    [
        (LAST, LAST, "1.1172", "10.978", "10.1767170705046456549462561"),
        # A Saturday takes the Friday's.
        (SATURDAY, FRIDAY, "1.1193", "11.131", "10.0557002964693199173479471"),
    ],
)
def test_kronor_become_dollars_through_the_euro_to_the_last_digit(
    on: date, used: date, dollars: str, kronor: str, digits: str
) -> None:
    """An auditor divides the two published numbers, and finds ours."""
    ecb = {one.quote: one.rate for one in published(used, used)}
    told = Rates(published).rate("SEK", "USD", on)
    converted = Rates(published).convert(Money.of("100", "SEK"), "USD", on)

    assert told.exact == Fraction(ecb["USD"]) / Fraction(ecb["SEK"])
    assert told.exact == Fraction(dollars) / Fraction(kronor)
    assert str(told.rate.scaleb(2)).startswith(digits)
    assert converted.amount == Money.of(Decimal(digits), "USD")
    assert converted.rate_date == used
    assert converted.rate_id == f"ecb/{used}/EUR-SEK,ecb/{used}/EUR-USD"


def test_a_rate_holds_for_seven_days_and_not_for_eight() -> None:
    """A rate of last month would be a guess; the message says how to mend it."""
    rates = Rates(published)
    within = rates.convert(Money.of("1", "EUR"), "USD", LAST + timedelta(days=7))

    assert within.amount == Money.of("1.1172", "USD")
    with pytest.raises(StaleRate, match=r"USD to EUR.*2026-10-30, 8 days old.*kampanj rates imp"):
        rates.convert(Money.of("1", "USD"), "EUR", LAST + timedelta(days=8))


def test_a_rate_of_the_future_is_never_taken() -> None:
    """A report of Saturday must read the same on Monday."""
    rates = Rates(of(quoted("EUR", "USD", "2", on=LAST + timedelta(days=1))))

    with pytest.raises(NoRate):
        rates.rate("EUR", "USD", LAST)


@pytest.mark.parametrize(
    ("base", "on", "said"),
    [
        ("AED", LAST, "no rate from AED to EUR is known on 2026-10-30; import one with kampanj"),
        ("RUB", LAST, "no rate from RUB"),
        ("BGN", LAST, "is of 2025-12-31, 303 days old"),
        ("USD", date(2024, 2, 5), "no rate from USD"),
    ],
)
def test_what_nobody_quotes_is_refused_and_never_one(base: str, on: date, said: str) -> None:
    """The bulgarian lev ended with 2025; the ECB quotes neither dirham nor rouble."""
    with pytest.raises(NoRate, match=said):
        Rates(published).convert(Money.of("5", base), "EUR", on)


def test_what_is_quoted_against_the_dollar_goes_through_dollar_and_euro() -> None:
    """A dirham is pegged to the dollar, and a Swedish budget is in kronor."""
    rates = Rates(published, of(quoted("USD", "AED", "3.6725")))

    told = rates.rate("AED", "SEK", LAST)

    assert told.exact == Fraction("10.978") / Fraction("1.1172") / Fraction("3.6725")
    assert told.rate_id == "bank/2026-10-30/USD-AED,ecb/2026-10-30/EUR-USD,ecb/2026-10-30/EUR-SEK"
    assert rates.rate("AED", "EUR", LAST).exact == 1 / Fraction("1.1172") / Fraction("3.6725")


def test_a_quoted_pair_goes_before_a_cross_and_an_entered_rate_before_the_bank_s() -> None:
    """Treasury's own rate of a day is the one that its books are kept in."""
    own = of(quoted("SEK", "USD", "0.1"), quoted("EUR", "GBP", "0.9", source="treasury"))

    rates = Rates(own, published)

    assert rates.rate("SEK", "USD", LAST).rate == Decimal("0.1")
    assert rates.rate("EUR", "GBP", LAST).rate_id == "treasury/2026-10-30/EUR-GBP"
    # A newer one of the bank holds again.
    assert rates.rate("EUR", "GBP", LAST - timedelta(days=1)).rate_id.startswith("ecb/2026-10-29")


def test_a_correction_holds_from_when_it_is_known() -> None:
    """The ECB once printed wrong rates for months."""
    wrong = quoted("EUR", "USD", "1.9")
    right = wrong.model_copy(update={"rate": Decimal("1.2"), "revision": 2})

    told = Rates(of(right, wrong)).rate("EUR", "USD", LAST)

    assert (told.rate, told.rate_id) == (Decimal("1.2"), "bank/2026-10-30/EUR-USD#2")


@given(
    st.integers(-(10**13), 10**13),
    st.sampled_from(["EUR", "USD", "SEK", "JPY", "IDR", "GBP"]),
    st.sampled_from(["EUR", "USD", "SEK", "JPY", "IDR", "GBP"]),
)
def test_a_conversion_is_exact_until_it_is_rounded_once(micros: int, base: str, quote: str) -> None:
    """Half a micro is the most that any amount may be off, whatever it goes through."""
    rates = Rates(published)
    money = Money(micros=micros, currency=base)

    converted = rates.convert(money, quote, LAST).amount

    exact = micros * rates.rate(base, quote, LAST).exact
    assert abs(converted.micros - exact) <= Fraction(1, 2)
    assert rates.convert(-money, quote, LAST).amount == -converted
    if base == quote:
        assert (converted, rates.convert(money, quote, LAST).rate_id) == (money, "")


def test_a_pair_is_looked_up_once_a_day_however_many_lines_ask_for_it() -> None:
    """A ledger has a million lines of three currencies, and a report waits for each look."""
    looks: list[tuple[date, date]] = []

    def source(first: date, last: date) -> Iterator[Quotation]:
        looks.append((first, last))
        return published(first, last)

    rates = Rates(source)
    told = {str(rates.convert(Money.of("1", "SEK"), "USD", LAST).rate) for _ in range(100)}
    for _ in range(100):
        with pytest.raises(NoRate, match="from EUR to QAR"):
            rates.convert(Money.of("1", "EUR"), "QAR", LAST)

    assert len(told) == 1
    # One for the day, and one that looks through all days for a pair that is not there.
    assert looks == [(LAST - timedelta(days=7), LAST), (date.min, LAST)]
