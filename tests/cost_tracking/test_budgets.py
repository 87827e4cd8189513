"""A limit can be changed in the open, and holds from then on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.attempts import Attempts, Order
from cost_tracking.budgets import Budgets, NoBudget, OverBudget
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.usage import Usage

MAKING = SpendClass.NON_WORKING


def test_a_limit_is_raised_and_lowered_on_record(engine: Engine, clock: Any) -> None:
    """Who allowed the money is as much a part of the books as the money."""
    budgets = Budgets(engine, clock)
    for amount, by in (("1", "brief"), ("2", "mia"), ("2", "ole"), ("0.5", "mia")):
        budgets.set_limit("tea", MAKING, Money.of(amount, "EUR"), by=by)

    with reading(engine) as connection:
        query = text("SELECT before_micros, after_micros, by FROM budget_change ORDER BY seq")
        changes = [tuple(row) for row in connection.execute(query)]
    assert changes == [
        (None, 1_000_000, "brief"),
        (1_000_000, 2_000_000, "mia"),
        (2_000_000, 500_000, "mia"),
    ]
    assert budgets.of("tea", MAKING).left == Money.of("0.5", "EUR")


def test_a_limit_below_what_is_held_stops_the_next_purchase_only(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], clock: Any
) -> None:
    """Lowering a budget must neither fail nor take back what is on the wire."""
    attempts.claim(order())
    budgets = Budgets(engine, clock)

    budgets.set_limit("tea", MAKING, Money.of("0.1", "EUR"))

    assert budgets.of("tea", MAKING).left == Money.of("-0.2", "EUR")
    with pytest.raises(OverBudget, match="Raise the budget in the brief"):
        attempts.claim(order("b"))
    free = Money.zero("EUR")
    attempts.claim(order("c", estimate=free, budget_amount=free))


def test_the_limit_itself_can_be_spent_and_not_a_micro_more(
    attempts: Attempts, order: Callable[..., Order]
) -> None:
    """One euro means one euro."""
    all_of_it = Money.of("1", "EUR")
    attempts.claim(order(estimate=all_of_it, budget_amount=all_of_it))

    micro = Money(micros=1, currency="EUR")
    with pytest.raises(OverBudget):
        attempts.claim(order("b", estimate=micro, budget_amount=micro))


def test_a_budget_keeps_its_currency(engine: Engine, clock: Any) -> None:
    """A thousand euros must not become a thousand yen by editing a brief."""
    budgets = Budgets(engine, clock)
    budgets.set_limit("tea", MAKING, Money.of("1000", "EUR"))

    with pytest.raises(ValueError, match="kept in EUR"):
        budgets.set_limit("tea", MAKING, Money.of("1000", "JPY"))
    with pytest.raises(ValueError, match="less than nothing"):
        budgets.set_limit("tea", MAKING, Money.of("-1", "EUR"))
    with pytest.raises(NoBudget):
        budgets.of("tea", SpendClass.WORKING)


@pytest.mark.usefixtures("attempts")
def test_thirty_two_workers_spend_one_budget_and_not_a_micro_more(
    engine: Engine, order: Callable[..., Order], clock: Any
) -> None:
    """The limit holds forty of sixty-four purchases: forty are made, whoever is first."""
    price = Money.of("0.025", "EUR")

    def buy(number: int) -> bool:
        mine = Attempts(engine, clock, f"worker {number % 32}")
        wanted = order(f"{number:064d}", estimate=price, budget_amount=price)
        try:
            claimed = mine.claim(wanted)
        except OverBudget:
            return False
        usage = Usage(model="m", quantities={}, receipt=f"r{number}")
        mine.settle(mine.sent(claimed), usage, price, "computed", "e" * 64)
        return True

    with ThreadPoolExecutor(32) as pool:
        bought = sum(pool.map(buy, range(64)))

    budget = Budgets(engine, clock).of("tea", MAKING)
    zero = Money.zero("EUR")
    assert (bought, budget.spent, budget.reserved, budget.left) == (40, budget.limit, zero, zero)
    assert ledger.check(engine) == []
