"""Money is exact, of one currency, and divided without loss."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cost_tracking.money import Money, allocate

MICROS = st.integers(min_value=-(10**15), max_value=10**15)
WEIGHTS = st.dictionaries(
    st.text(min_size=1, max_size=4),
    st.integers(min_value=0, max_value=3) | st.integers(min_value=0, max_value=10**9),
    min_size=1,
).filter(lambda weights: any(weights.values()))


@given(MICROS, WEIGHTS)
def test_the_parts_of_an_allocation_sum_to_the_whole(total: int, weights: dict[str, int]) -> None:
    """A controller adds the shares up, and one micro of drift ends the trust in all of them."""
    parts = allocate(total, weights)

    assert sum(parts.values()) == total
    assert all(
        abs(Decimal(total * weights[key]) / sum(weights.values()) - part) < 1
        for key, part in parts.items()
    )


@given(MICROS, WEIGHTS)
def test_an_allocation_does_not_depend_on_the_order_of_its_weights(
    total: int, weights: dict[str, int]
) -> None:
    """Two databases return rows in two orders; the report must be the same."""
    backwards = dict(reversed(weights.items()))

    assert allocate(total, weights) == allocate(total, backwards)


@given(MICROS, WEIGHTS)
def test_a_reversed_allocation_takes_back_exactly_what_was_shared(
    total: int, weights: dict[str, int]
) -> None:
    """A reversal that left a micro on some asset would never be found."""
    shared, back = allocate(total, weights), allocate(-total, weights)

    assert all(shared[key] + back[key] == 0 for key in weights)


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_what_cannot_be_shared_is_refused(weights: dict[str, int]) -> None:
    """A share by no weights would vanish from the books."""
    with pytest.raises(ValueError, match="cannot share"):
        allocate(5, weights)


@given(MICROS)
def test_an_amount_survives_being_written_and_read(micros: int) -> None:
    """What the report prints is what the ledger holds."""
    money = Money(micros=micros, currency="SEK")

    written = str(money).removesuffix(" SEK")

    assert Money.of(written, "SEK") == money == Money.of(money.amount, "SEK")


def test_an_amount_shows_two_decimals_and_more_only_where_they_matter() -> None:
    """Finance reads 12.30 and not 12.3; a token's price must not read 0.00."""
    shown = [str(Money.of(one, "EUR")) for one in ("12.3", "-0.5", "0.0074", "7")]

    assert shown == ["12.30 EUR", "-0.50 EUR", "0.0074 EUR", "7.00 EUR"]


@pytest.mark.parametrize("verb", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_money_of_two_currencies_never_mixes(verb: str) -> None:
    """A sum of euros and dollars is a number that means nothing."""
    euros, reais = Money.of("2", "USD"), Money.of("3", "BRL")

    with pytest.raises(ValueError, match=r"2\.00 USD and 3\.00 BRL"):
        getattr(euros, verb)(reais)


@pytest.mark.parametrize(
    "amount", ["1e5", "1,5", "1 000", "NaN", "Infinity", "٤٠٠", "", "1.", " 1", "0x1"]
)
def test_an_amount_that_people_could_read_otherwise_is_refused(amount: str) -> None:
    """1,5 is one and a half to some and fifteen to others; NaN passes every limit."""
    with pytest.raises(ValueError, match="is not an amount"):
        Money.of(amount, "EUR")


def test_a_float_is_refused_wherever_money_is_made() -> None:
    """0.1 + 0.2 in the books is a difference that nobody can explain."""
    with pytest.raises(ValidationError):
        Money.model_validate({"micros": 1.0, "currency": "EUR"})
    with pytest.raises(ValueError, match="exact"):
        Money.of(0.1, "EUR")


def test_an_amount_beyond_int64_is_refused_and_not_cut() -> None:
    """A database would wrap it around, or fail in the middle of a report."""
    with pytest.raises(ValidationError):
        Money.of("10000000000000", "IDR")
    with pytest.raises(ValidationError):
        Money(micros=2**63 - 1, currency="IDR") + Money(micros=1, currency="IDR")


def test_rounding_is_half_even_and_up_where_it_bounds() -> None:
    """What is reserved must not be a micro below what is then charged."""
    assert Money.of("0.0000005", "EUR").micros == 0
    assert Money.of("0.0000015", "EUR").micros == 2
    assert Money.of("0.0000001", "EUR", up=True).micros == 1


def test_an_amount_does_not_depend_on_the_thread_s_decimal_context() -> None:
    """Another library may lower the precision behind our back."""
    with localcontext() as context:
        context.prec = 3
        money = Money.of("123456.789012", "EUR")

        assert money.micros == 123456789012
        assert str(money.amount) == "123456.789012"
        assert money.at(Decimal("1.1"), "USD").micros == 135802467913


@pytest.mark.parametrize(("rate", "currency"), [("0", "USD"), ("-1", "USD"), ("1.1", "EUR")])
def test_a_rate_that_cannot_be_is_refused(rate: str, currency: str) -> None:
    """A missing rate that came in as 0 would make every invoice free."""
    with pytest.raises(ValueError, match="rate"):
        Money.of("1", "EUR").at(Decimal(rate), currency)
