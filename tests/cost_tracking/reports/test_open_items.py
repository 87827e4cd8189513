"""What the books wait for, and the charges in them that cannot be right."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.attempts import Attempts
from cost_tracking.books.as_of import watermark
from cost_tracking.books.true_ups import Actual, true_up
from cost_tracking.database import reading, writing
from cost_tracking.entries import Posting, Transaction
from cost_tracking.money import Money
from cost_tracking.policy import default_policy
from cost_tracking.reports.odd_charges import odd_charges
from cost_tracking.reports.open_items import OpenItems, open_items
from cost_tracking.usage import Usage, UsageLine


def entry(key: str, amount: str, against: str, **more: object) -> Transaction:
    """Return an entry that costs an amount, owed on or drawn from another account."""
    policy = default_policy()
    cost = {
        "account": "cost",
        "amount": Money.of(amount, "EUR"),
        "cost_type": "ai.api_call",
        "spend_class": policy.spend_class("ai.api_call"),
        "policy": policy.id,
        "campaign": "tea",
        "provider": "openai",
        "model": "gpt-image-2",
    }
    other = Posting(account=against, amount=Money.of(f"-{amount}", "EUR"))
    defaults = {"kind": "usage", "effective_on": date(2026, 10, 1), "source": "test"}
    postings = (Posting.model_validate(cost), other)
    return Transaction.model_validate({"key": key, "postings": postings, **defaults, **more})


def meter(price: str, quantity: str = "10", amount: str = "1") -> tuple[UsageLine, ...]:
    """Return ten pictures at a price."""
    return (
        UsageLine(
            meter="image", quantity=Decimal(quantity), unit="image", unit_price=Decimal(price),
            exact=Decimal(amount), currency="EUR",
        ),
    )  # fmt: skip


def post(engine: Engine, clock: Any, *entries: Transaction) -> None:
    """Post entries."""
    with writing(engine) as connection:
        ledger.post_all(connection, entries, clock())


def items(engine: Engine, up_to: int | None = None) -> OpenItems:
    """Return what is open on 21 November."""
    with reading(engine) as connection:
        return open_items(connection, up_to or watermark(engine), date(2026, 11, 21))


def test_estimates_are_laid_beside_their_actuals_and_grow_old(engine: Engine, clock: Any) -> None:
    """Nobody asks the vendor for a bill of which nobody knows that it is missing."""
    guess = {"status": "estimate"}
    post(
        engine,
        clock,
        entry("hours", "72", "accrual:labour", effective_on=date(2026, 11, 1), **guess),
        entry("print", "40", "accrual:printer", **guess),
        entry("wrong", "9", "accrual:printer", **guess),
        entry("known", "10", "payable:openai", **guess),
    )
    before = watermark(engine)
    with writing(engine) as connection:
        ledger.reverse(connection, "wrong", clock(), actor="ada", reason="twice")
        actual = Actual(amount=Money.of("10.5", "EUR"), document="INV-1", actor="ada")
        true_up(connection, "known", actual, clock())

    found = items(engine)

    assert [(one.key, one.stale, one.off) for one in found.estimates] == [
        ("print", True, None),
        ("hours", False, None),
        ("known", False, Money.of("0.5", "EUR")),
    ]
    assert [one.key for one in found.stale] == ["print"]
    assert found.estimates[2].actual_key == "true_up/known"
    assert {one.account: one.amount for one in found.unbilled} == {
        "accrual:labour": Money.of("-72", "EUR"),
        "accrual:printer": Money.of("-40", "EUR"),
    }
    assert found.owed[0].amount == Money.of("-10.5", "EUR")
    assert len(items(engine, before).estimates) == 4


def test_what_is_paid_and_not_used_and_what_exchange_left_is_told(
    engine: Engine, clock: Any
) -> None:
    """Credits that run out at the year's end are money, if somebody sees them in time."""
    bought = Transaction(
        key="credits",
        kind="invoice",
        effective_on=date(2026, 9, 1),
        postings=(
            Posting(account="prepaid:writer", amount=Money.of("100", "EUR")),
            Posting(account="fx", amount=Money.of("0.25", "EUR")),
            Posting(account="payable:writer", amount=Money.of("-100.25", "EUR")),
        ),
        source="test",
    )
    post(engine, clock, bought, entry("used", "30", "prepaid:writer"))

    found = items(engine)

    [advance] = found.advances
    assert (advance.account, advance.amount) == ("prepaid:writer", Money.of("70", "EUR"))
    assert advance.since == date(2026, 9, 1)
    assert [one.amount for one in found.exchange] == [Money.of("0.25", "EUR")]
    assert not found.unbilled


def test_a_price_that_changed_and_money_for_nothing_are_found(engine: Engine, clock: Any) -> None:
    """A vendor's new price shows on the first answer, and not on the invoice a month later."""
    owed = "payable:openai"
    post(
        engine,
        clock,
        entry("a", "1", owed, usage=meter("0.1")),
        entry("b", "1", owed, usage=meter("0.10"), effective_on=date(2026, 10, 2)),
        entry("c", "1.5", owed, usage=meter("0.15", amount="1.5"), effective_on=date(2026, 10, 3)),
        entry("d", "2", owed, usage=meter("0.15", "0", "0"), effective_on=date(2026, 10, 4)),
    )

    with reading(engine) as connection:
        found = odd_charges(connection, watermark(engine))

    assert [(one.rule, one.evidence) for one in found] == [
        ("price_changed", ("b", "c")),
        ("cost_without_units", ("d",)),
    ]
    assert "0.10 on 2026-10-02, 0.15 EUR a unit from 2026-10-03" in found[0].said
    assert found[1].amount == Money.of("2", "EUR")


def test_an_answer_entered_twice_and_units_for_nothing_are_found(
    attempts: Attempts, engine: Engine, order: Any
) -> None:
    """Both are how other tools came to report twice the bill, or none of it."""
    cent, nothing = Money.of("0.01", "EUR"), Money.zero("EUR")
    for letter, amount, basis in (
        ("a", cent, "computed"),
        ("b", cent, "computed"),
        ("c", nothing, "computed"),
        ("d", nothing, "free"),
    ):
        receipt = "same" if amount else letter
        used = Usage(model="m", quantities={"image": Decimal(1)}, receipt=receipt)
        sent = attempts.sent(attempts.claim(order(letter)))
        attempts.settle(sent, used, amount, basis, letter * 64)

    with reading(engine) as connection:
        found = odd_charges(connection, watermark(engine))

    assert [one.rule for one in found] == ["entered_twice", "units_without_cost"]
    assert found[0].amount == cent
    assert "1 image for nothing" in found[1].said
