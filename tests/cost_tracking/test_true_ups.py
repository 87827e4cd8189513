"""An estimate gives way to what was really charged, and both stay to be seen."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from bookkeeping import NOW, entry, line, post
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.attempts import AlreadyClosed, Attempts, Order
from cost_tracking.bill import Bill, BillLine
from cost_tracking.books import as_of
from cost_tracking.books.true_ups import Actual, Superseded, scaled, standing, true_up
from cost_tracking.budgets import Budgets
from cost_tracking.database import reading, writing
from cost_tracking.entries import Transaction, UnknownEntry
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.reconcile import reconcile
from cost_tracking.spending import Spending


def actual(micros: int, currency: str = "EUR") -> Actual:
    """Return what an invoice says."""
    return Actual(Money(micros=micros, currency=currency), document="INV-9", actor="fin")


def up(engine: Engine, key: str, said: Actual) -> int:
    """True an entry up, in a transaction of its own."""
    with writing(engine) as connection:
        return true_up(connection, key, said, NOW)


def cost(engine: Engine) -> int:
    """Return what all has cost, in micros."""
    with reading(engine) as connection:
        found = as_of.balances(connection, as_of.watermark(engine)).get(("cost", "EUR"))
    return found.micros if found else 0


def shared(key: str = "k") -> Transaction:
    """Return an estimate that is shared by three assets."""
    thirds = tuple(
        line("cost", micros).model_copy(update={"asset": asset})
        for asset, micros in (("a", 34), ("b", 33), ("c", 33))
    )
    return entry(key, postings=(*thirds, line("payable:agency", -100)), status="estimate")


def test_an_actual_takes_the_place_of_its_estimate(engine: Engine) -> None:
    """The invoice is of more than was thought, and each asset bears its share of it."""
    post(engine, shared())

    seq = up(engine, "k", actual(101))

    assert cost(engine) == 101
    with reading(engine) as connection:
        stands = ledger.read(connection, "true_up/k")
        assert ledger.read(connection, "reversal/k").reverses == "k"
        assert standing(connection, "k") == "true_up/k"
    assert (stands.supersedes, stands.status, stands.source_doc) == ("k", "actual", "INV-9")
    assert [one.amount.micros for one in stands.postings] == [35, 33, 33, -101]
    assert [one.asset for one in stands.postings] == ["a", "b", "c", None]
    assert up(engine, "k", actual(101)) == seq
    assert ledger.check(engine) == []


def test_a_second_invoice_for_the_same_thing_is_a_conflict(engine: Engine) -> None:
    """Which of the two is right is for a person to say, about the one that stands."""
    post(engine, shared())
    up(engine, "k", actual(90))

    with pytest.raises(Superseded, match="true up true_up/k to correct that"):
        up(engine, "k", actual(95))
    with pytest.raises(Superseded):
        up(engine, "k", actual(0))
    assert cost(engine) == 90

    up(engine, "true_up/k", actual(95))

    assert cost(engine) == 95
    with reading(engine) as connection:
        assert standing(connection, "k") == "true_up/true_up/k"
    up(engine, "k", actual(90))
    assert cost(engine) == 95
    assert ledger.check(engine) == []


def test_what_turned_out_to_be_free_is_only_taken_back(engine: Engine) -> None:
    """The ledger holds no line of nothing."""
    post(engine, shared())

    assert up(engine, "k", actual(0)) == up(engine, "k", actual(0))

    assert cost(engine) == 0
    assert ledger.check(engine) == []


def test_what_cannot_be_an_actual_is_refused_whole(engine: Engine) -> None:
    """Nothing is taken back for an invoice that cannot be posted."""
    two = (line("cost", 5), line("payable:x", -5), line("fx", 5, "USD"), line("fx", -5, "USD"))
    post(engine, shared(), entry("two", postings=two))

    for said in (actual(5, "USD"), actual(-5)):
        with pytest.raises(ValueError, match=r"is of 0.0001 EUR and cannot have been charged"):
            up(engine, "k", said)
    with pytest.raises(ValueError, match="two is not of one currency"):
        up(engine, "two", actual(5))
    with pytest.raises(UnknownEntry, match="no entry 'other'"):
        up(engine, "other", actual(5))
    assert cost(engine) == 105


@pytest.mark.parametrize("charged", ["0.17", "0.45", "0"])
def test_an_attempt_that_was_settled_by_estimate_is_trued_up_by_its_bill(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], clock: Any, charged: str
) -> None:
    """Its answer was lost and a person took the estimate; the bill knows better, more or less."""
    sent = attempts.sent(attempts.claim(order(estimate=Money.of("0.30", "EUR"))))
    lost = attempts.suspect(sent, "lost", "no answer")
    attempts.close(lost.id, charged=True, by="mia", reason="it took so long")
    with reading(engine) as connection:
        assert ledger.read(connection, f"attempt/{lost.id}").status == "estimate"
    day = clock().date()
    said = BillLine(start=day, end=day, amount=Money.of(charged, "EUR"), receipt=lost.id)
    bill = Bill(provider="openai", source="B", start=day, end=day, whole_until=day, lines=(said,))
    [decided] = reconcile(bill, attempts.list()).decided
    assert (decided.amount or Money.zero("EUR")) == Money.of(charged, "EUR")

    for _ in range(2):
        actual = Money.of(charged, "EUR")
        attempts.true_up(lost.id, actual, by="fin", document=decided.reason)

    after = attempts.get(lost.id)
    assert (after.amount, after.budget_spent, after.basis) == (actual, actual, "reported")
    assert Budgets(engine, clock).of("tea", SpendClass.NON_WORKING).spent == actual
    assert cost(engine) == actual.micros
    assert reconcile(bill, attempts.list()).explained
    told = Spending(engine, "tea", "EUR", {}, default_policy()).spent()
    assert sum((one.amount for one in told), Money.zero("EUR")) == actual
    assert ledger.check(engine) == []


def test_what_is_not_settled_cannot_be_trued_up(
    attempts: Attempts, order: Callable[..., Order]
) -> None:
    """There is nothing yet whose place a bill could take."""
    claimed = attempts.claim(order())

    with pytest.raises(AlreadyClosed, match="only a settled one"):
        attempts.true_up(claimed.id, Money.of("1", "EUR"), by="fin", document="B")


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=8),
    st.integers(1, 10**12),
    st.integers(1, 10**6),
)
def test_what_is_shared_anew_sums_exactly(parts: list[int], much: int, rate: int) -> None:
    """To the micro, in both currencies, and each line keeps its side."""
    based = [
        line("cost", one).model_copy(update={"base": Money(micros=one * rate, currency="SEK")})
        for one in parts
    ]
    owed = line("payable:x", -sum(parts)).model_copy(
        update={"base": Money(micros=-sum(parts) * rate, currency="SEK")}
    )

    lines = scaled((*based, owed), Money(micros=much, currency="EUR"))

    trued = entry(postings=lines, effective_on=date(2026, 11, 1))
    assert sum(one.amount.micros for one in trued.postings if one.account == "cost") == much
    bases = [one.base.micros for one in lines if one.base and one.account == "cost"]
    assert abs(sum(bases) - much * rate) <= 1
