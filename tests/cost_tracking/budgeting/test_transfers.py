"""Budget is moved once, whole, and never from under what is spent or reserved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from bookkeeping import NOW, entry, post
from sqlalchemy import Engine, event

from cost_tracking import ledger
from cost_tracking.acceptance.transfers import transfers
from cost_tracking.attempts import Attempts, Order
from cost_tracking.budgeting.forecasts import Forecast, forecast, journal
from cost_tracking.budgeting.moving import Move, NotMoved, move
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.setting import set_limit
from cost_tracking.budgeting.standing import Month, months, standings
from cost_tracking.budgets import Budgets, NoBudget, OverBudget
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.past import read_past
from cost_tracking.policy import SpendClass

MAKING = Scope(campaign="tea", spend_class="non_working")
MEDIA = Scope(campaign="tea", spend_class="working")


def eur(amount: str) -> Money:
    """Return an amount of euros."""
    return Money.of(amount, "EUR")


def wanted(much: str = "0.4", **different: object) -> Move:
    """Return a transfer from making to media."""
    usual: dict[str, object] = {
        "key": "CFO-7",
        "source": MAKING,
        "target": MEDIA,
        "amount": eur(much),
        "reason": "pictures are cheaper than planned",
        "approved_by": "cfo",
        "by": "mia",
    }
    return Move.model_validate({**usual, **different})


@pytest.fixture
def budgets(engine: Engine, clock: Any) -> Budgets:
    """Return one euro for making, and ten for media."""
    budgets = Budgets(engine, clock)
    budgets.set_limit("tea", SpendClass.NON_WORKING, eur("1"))
    budgets.set_limit("tea", SpendClass.WORKING, eur("10"))
    return budgets


def limits(budgets: Budgets) -> tuple[str, str]:
    """Return what either side may spend."""
    sides = (SpendClass.NON_WORKING, SpendClass.WORKING)
    making, media = (str(budgets.of("tea", one).limit.amount) for one in sides)
    return making, media


def test_what_is_moved_leaves_one_budget_and_is_in_the_other(
    engine: Engine, budgets: Budgets
) -> None:
    """Only this may be called freed, so the same journal is what a CMO's sentence reads."""
    first = move(engine, wanted(), NOW)
    again = move(engine, wanted(by="ole"), NOW)

    assert (first.fresh, again.fresh, again.seq) == (True, False, first.seq)
    assert limits(budgets) == ("0.600000", "10.400000")
    with reading(engine) as connection:
        (told,) = transfers(connection, "tea", datetime(2027, 1, 1, tzinfo=UTC))
        assert transfers(connection, "tea", datetime(2026, 1, 1, tzinfo=UTC)) == ()
    assert (told.freed, told.approved_by) == (eur("0.4"), "cfo")
    assert ledger.check(engine) == []


def test_a_run_that_sets_the_brief_s_budget_again_does_not_undo_a_transfer(
    engine: Engine, url: str, budgets: Budgets, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Each run sets what the brief says; the money would be in both places."""
    move(engine, wanted(), NOW)

    budgets.set_limit("tea", SpendClass.NON_WORKING, eur("1"))
    assert limits(budgets)[0] == "0.600000"
    budgets.set_limit("tea", SpendClass.NON_WORKING, eur("2"))
    assert limits(budgets)[0] == "1.600000"
    with pytest.raises(ValueError, match=r"0\.40 EUR of its non_working budget was moved away"):
        budgets.set_limit("tea", SpendClass.NON_WORKING, eur("0.3"))
    attempts.claim(order())
    # A quote takes this from what the brief says.
    taken = read_past(url, "tea").taken
    assert taken == eur("0.7")
    assert ledger.check(engine) == []


def test_what_is_reserved_or_spent_is_never_moved_away(
    engine: Engine, budgets: Budgets, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """It would be spent twice."""
    attempts.claim(order())

    with pytest.raises(NotMoved, match=r"0\.70 EUR of it is neither spent nor reserved"):
        move(engine, wanted("0.700001"), NOW)
    assert limits(budgets) == ("1.000000", "10.000000")
    assert move(engine, wanted("0.7"), NOW).fresh


@pytest.mark.parametrize(
    ("different", "kind", "says"),
    [
        ({"amount": eur("0.5")}, ValueError, "CFO-7 was made already, with another amount"),
        ({"key": "a", "amount": eur("0")}, ValueError, "above 0"),
        (
            {"key": " ", "approved_by": ""},
            ValueError,
            r"key is empty.*who approved it is empty",
        ),
        ({"key": "a", "target": MAKING}, ValueError, "on both sides"),
        ({"key": "a", "target": Scope(period="2026-11")}, ValueError, "two of one kind"),
        ({"key": "a", "amount": Money.of("1", "USD")}, ValueError, "kept in EUR"),
        (
            {"key": "a", "target": Scope(campaign="cake", spend_class="working")},
            NoBudget,
            "campaign=cake,class=working has no budget",
        ),
    ],
)
def test_a_transfer_that_makes_no_sense_moves_nothing(
    engine: Engine,
    budgets: Budgets,
    different: dict[str, object],
    kind: type[Exception],
    says: str,
) -> None:
    """It is entered by hand."""
    move(engine, wanted(), NOW)
    with pytest.raises(kind, match=says):
        move(engine, wanted(**different), NOW)
    assert limits(budgets) == ("0.600000", "10.400000")


def test_a_crash_between_the_two_sides_moves_nothing(engine: Engine, budgets: Budgets) -> None:
    """Half a transfer is money that is nowhere."""
    said: list[str] = []

    def die(*arguments: Any) -> None:
        if arguments[2].startswith("UPDATE budget"):
            said.append(arguments[2])
            if len(said) == 2:
                raise SystemExit

    event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(SystemExit):
        move(engine, wanted(), NOW)
    event.remove(engine, "before_cursor_execute", die)

    assert limits(budgets) == ("1.000000", "10.000000")
    assert move(engine, wanted(), NOW).fresh


def test_limits_are_moved_between_and_that_sets_no_money_free(
    engine: Engine, budgets: Budgets
) -> None:
    """From November to December nothing went from making to media."""
    november, december = (
        Scope(campaign="tea", spend_class="working", period=one) for one in ("2026-11", "2026-12")
    )
    for one in (november, december):
        set_limit(engine, one, eur("1"), NOW, by="mia")
    move(engine, wanted(source=november, target=december), NOW)
    set_limit(engine, december, eur("2"), NOW, by="mia")

    with reading(engine) as connection:
        found = {one.scope: one for one in standings(connection)}
        assert transfers(connection, "tea", NOW) == ()
    assert (found[november].limit, found[december].limit) == (eur("0.6"), eur("2.4"))
    assert found[december].moved == eur("0.4")
    assert limits(budgets) == ("1.000000", "10.000000")
    assert ledger.check(engine) == []


def test_thirty_two_who_move_and_buy_at_once_lose_not_a_micro(
    engine: Engine, budgets: Budgets, order: Callable[..., Order], clock: Any
) -> None:
    """A transfer and a purchase want the same last cents."""
    price = eur("0.05")

    def act(number: int) -> bool:
        try:
            if number % 2:
                move(engine, wanted("0.05", key=f"t{number}"), NOW)
            else:
                asked = order(f"{number:064d}", estimate=price, budget_amount=price)
                Attempts(engine, clock, f"worker {number}").claim(asked)
        except OverBudget:  # Of which NotMoved is one.
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        done = sum(pool.map(act, range(64)))

    making = budgets.of("tea", SpendClass.NON_WORKING)
    assert (done, making.left) == (20, eur("0"))
    assert ledger.check(engine) == []


def test_forecasts_stand_beside_what_was_spent_and_committed(
    engine: Engine, budgets: Budgets, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """The newest holds; those before it are kept to see how good we are at it."""
    assert limits(budgets)
    december, november = (
        MAKING.model_copy(update={"period": one}) for one in ("2026-12", "2026-11")
    )
    said = [(december, "3"), (december, "2"), (december, "2"), (november, "6")]
    fresh = [
        forecast(engine, Forecast(scope=of, amount=eur(amount), by="mia", at=NOW))
        for of, amount in said
    ]
    post(engine, entry())
    attempts.claim(order())

    assert fresh == [True, True, False, True]
    with reading(engine) as connection:
        assert len(list(journal(connection))) == 3
        assert months(connection, MAKING, "EUR") == (
            Month(month="2026-11", actual=eur("5"), committed=eur("0.3"), forecast=eur("6")),
            Month(month="2026-12", actual=eur("0"), committed=eur("0"), forecast=eur("2")),
        )
        (whole,) = [one for one in standings(connection) if one.scope == MAKING]
    assert whole.forecast == eur("8")
    with pytest.raises(ValueError, match="of one month, such as 2026-12"):
        forecast(engine, Forecast(scope=MAKING, amount=eur("1"), by="mia", at=NOW))
