"""What is used for less than a micro adds up, and is neither lost nor counted twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from bookkeeping import tamper
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.attempts import Attempts, Order
from cost_tracking.books import carries
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.prices import PriceBook
from cost_tracking.usage import Usage

BOOK = PriceBook.read("""\
[[price]]
id = "tiny"
provider = "openai"
model = "embed"
operation = "text"
currency = "EUR"
effective_from = 2026-01-01
source = "test"
checked_on = 2026-11-01
rates = [{ unit = "input_text_token", per = 1000000, amount = "0.02" },
         { unit = "output_text_token", per = 1000000, amount = "0.33" }]
""")
[TINY] = BOOK.prices


def use(attempts: Attempts, order: Order, tokens: int, reported: str | None = None) -> Money:
    """Buy an embedding of so many tokens, and return what was posted for it."""
    sent = attempts.sent(attempts.claim(order))
    bill = None if reported is None else Money.of(reported, "EUR")
    quantities = {"input_text_token": Decimal(tokens)}
    usage = Usage(model="embed", quantities=quantities, receipt=f"req_{tokens}", reported=bill)
    amount, basis = BOOK.charge(TINY, usage, "EUR")
    used = BOOK.used(TINY, usage, amount, basis)
    settled = attempts.settle(sent, usage, amount, basis, "e" * 64, used=used)
    # A second time, as after a lost answer of the database: nothing more is carried.
    assert attempts.settle(sent, usage, amount, basis, "e" * 64, used=used) == settled
    assert settled.amount is not None
    return settled.amount


def test_a_hundred_embeddings_cost_what_they_cost(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Ten tokens are a fifth of a micro: a hundred rounded by themselves were nothing."""
    amounts = [use(attempts, order(f"{number:064d}"), 10) for number in range(20)]

    assert sum(one.micros for one in amounts) == 4
    assert {one.micros for one in amounts} == {0, 1}
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT count(*) FROM usage")).scalar_one()
        budget = connection.execute(text("SELECT spent_micros FROM budget")).scalar_one()
        entry = connection.execute(text("SELECT min(idem_key) FROM txn")).scalar_one()
        one = ledger.read(connection, entry).usage[0]
    assert (rows, budget) == (20, 4)
    assert (one.meter, one.unit, one.quantity) == ("input_text_token", "token", 10)
    assert (one.unit_price, one.exact) == (Decimal("0.00000002"), Decimal("0.0000002"))
    assert (one.price, one.request) == ("tiny", "req_10")
    assert ledger.check(engine) == []

    tamper(engine, "UPDATE carry SET posted_micros = 3")

    assert any("is carried at tiny" in fault for fault in ledger.check(engine))


def test_what_the_provider_reported_is_not_rounded_with_the_rest(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Its own figure is a fact, and stands beside what our price would have said."""
    assert use(attempts, order("a"), 10, reported="0.001") == Money.of("0.001", "EUR")

    with reading(engine) as connection:
        entry = connection.execute(text("SELECT idem_key FROM txn")).scalar_one()
        [line] = ledger.read(connection, entry).usage
    assert (line.billed, line.exact) == (Decimal("0.001"), Decimal("0.0000002"))
    assert ledger.check(engine) == []


def test_many_at_once_carry_one_sum(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Workers share a price as they share a budget."""
    small = {"estimate": Money.of("0.01", "EUR"), "budget_amount": Money.of("0.01", "EUR")}
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda one: use(attempts, order(f"{one:064d}", **small), 10), range(40))

    assert sum(one.micros for one in made) == 8
    assert ledger.check(engine) == []


@given(st.lists(st.decimals(0, 3, places=4), min_size=1, max_size=60))
def test_no_sum_of_uses_is_further_off_than_half_a_micro(micros: list[Decimal]) -> None:
    """Whatever was used in whatever order; and none is above its own use rounded up."""
    before = posted = Decimal(0)
    for one in micros:
        exact = one / 1_000_000
        after = carries.rounded(before + exact)
        assert 0 <= after - posted <= one.to_integral_value("ROUND_CEILING")
        before, posted = before + exact, Decimal(after)
        assert abs(posted - before * 1_000_000) <= Decimal("0.5")


def test_an_entry_tells_what_it_was_for(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """A report by model, concept or wording needs each of them in the books."""
    told = {"concept": "c1", "prompt": "a1b2", "rework": True}
    use(attempts, order("a", **told), 1_000_000)

    with reading(engine) as connection:
        key = connection.execute(text("SELECT idem_key FROM txn")).scalar_one()
        cost = ledger.read(connection, key).postings[0]
    assert (cost.concept, cost.prompt, cost.rework) == ("c1", "a1b2", True)
    assert (cost.model, cost.attribution) == ("gpt-image-2", "direct")


@pytest.mark.parametrize("basis", ["free", "estimated"])
def test_what_is_free_or_only_estimated_has_no_usage(basis: str) -> None:
    """An estimate's units are a guess, and nobody bills what is free."""
    usage = Usage(model="embed", quantities={"input_text_token": Decimal(1)}, receipt="r")

    assert BOOK.used(TINY, usage, Money.zero("EUR"), basis) == ()
