"""A whole is divided by exact weights, in one step or two, and nothing is lost or made."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.allocation.months import by_month, months_of
from cost_tracking.allocation.shares import parts, shares, shares_in_two
from cost_tracking.money import Money

MICROS = st.integers(min_value=-(10**15), max_value=10**15)
WEIGHT = st.decimals(min_value=0, max_value=10**6, places=3)
NAMES = st.sampled_from(["ab", "cd", "ef", "gh", "ij"])
TREE = st.dictionaries(NAMES, st.dictionaries(NAMES, WEIGHT, min_size=1), min_size=1).filter(
    lambda tree: any(weight for inner in tree.values() for weight in inner.values())
)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(MICROS, TREE)
def test_in_two_steps_all_of_it_arrives_whatever_the_order(
    total: int, tree: dict[str, dict[str, Decimal]]
) -> None:
    """A campaign's part must be the same whether or not its markets are told apart."""
    found = shares_in_two(total, tree)
    backwards = {key: dict(reversed(inner.items())) for key, inner in reversed(tree.items())}
    outer = shares(total, {key: sum(inner.values(), Decimal(0)) for key, inner in tree.items()})

    assert sum(found.values()) == total
    assert found == shares_in_two(total, backwards)
    for campaign, part in outer.items():
        assert sum(micros for key, micros in found.items() if key[0] == campaign) == part
    assert {key: -micros for key, micros in found.items()} == shares_in_two(-total, tree)


@given(MICROS, TREE, st.integers(1, 1000))
def test_only_the_proportion_of_weights_counts(
    total: int, tree: dict[str, dict[str, Decimal]], times: int
) -> None:
    """Seconds or minutes, tokens or millions of them: the shares are the same."""
    larger = {
        key: {name: one * times for name, one in inner.items()} for key, inner in tree.items()
    }

    assert shares_in_two(total, tree) == shares_in_two(total, larger)


@given(MICROS.filter(bool), st.integers(1, 10**15), TREE)
def test_what_it_was_in_the_books_is_divided_along_and_sums_up_too(
    total: int, base: int, tree: dict[str, dict[str, Decimal]]
) -> None:
    """Invariant I9: an entry balances in its currency and in that of the books."""
    sign = 1 if total > 0 else -1
    whole, told = Money(micros=total, currency="JPY"), Money(micros=sign * base, currency="EUR")

    found = parts(whole, told, tree)

    assert sum(amount.micros for amount, _ in found.values()) == total
    assert sum(one.micros for _, one in found.values() if one) == told.micros
    assert all(amount.micros * one.micros >= 0 for amount, one in found.values() if one)
    assert all(amount for amount, _ in found.values())


def test_one_more_to_share_can_take_from_somebody() -> None:
    """The Alabama paradox: it is why a share is replaced as a whole and never adjusted."""
    weights = {"a": Decimal(6), "b": Decimal(6), "c": Decimal(2)}

    assert shares(10, weights) == {"a": 4, "b": 4, "c": 2}
    assert shares(11, weights) == {"a": 5, "b": 5, "c": 1}


@pytest.mark.parametrize(
    "weights", [{}, {"a": Decimal(0)}, {"a": Decimal(-1)}, {"a": Decimal("NaN")}]
)
def test_what_nobody_can_bear_is_refused(weights: dict[str, Decimal]) -> None:
    """A share by nothing would vanish from the books."""
    with pytest.raises(ValueError, match="cannot share"):
        shares(5, weights)


@given(MICROS, DAYS, DAYS)
def test_the_months_of_a_term_sum_to_what_was_paid(total: int, one: date, other: date) -> None:
    """What is left on a prepaid account at its end is money that nobody finds again."""
    first, last = sorted((one, other))

    told = by_month(total, first, last)

    assert sum(told.values()) == total
    assert sum((end - start).days + 1 for start, end in months_of(first, last).values()) == (
        (last - first).days + 1
    )


def test_a_year_is_twelve_equal_months_and_a_broken_one_goes_by_days() -> None:
    """Finance books a subscription straight-line."""
    year = by_month(120_000_000, date(2026, 1, 1), date(2026, 12, 31))
    broken = by_month(46_000_000, date(2026, 1, 17), date(2026, 3, 3))

    assert set(year.values()) == {10_000_000}
    assert broken == {"2026-01": 15_000_000, "2026-02": 28_000_000, "2026-03": 3_000_000}
    with pytest.raises(ValueError, match="before it begins"):
        by_month(1, date(2026, 2, 1), date(2026, 1, 31))
