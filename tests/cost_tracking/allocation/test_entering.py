"""A document is posted once and corrected in the open; credits cost what they were bought for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from cost_tracking import ledger
from cost_tracking.allocation.documents import document
from cost_tracking.allocation.entering import (
    Clerk,
    DocumentConflict,
    Entered,
    NotEnough,
    enter,
)
from cost_tracking.allocation.sharing_out import share_out
from cost_tracking.database import reading, writing
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.published import published
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.policy import default_policy
from cost_tracking.proof import check
from cost_tracking.tables import posting

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CLERK = Clerk(default_policy(), "ada", NOW)
IN_EUROS = Clerk(default_policy(), "ada", NOW, Books("EUR", Rates(published)))


def put(engine: Engine, clerk: Clerk = CLERK, corrects: str = "", **said: Any) -> Entered:
    """Enter a document of acme in a transaction of its own."""
    usual = {"payee": "acme", "on": "2026-10-20", "currency": "EUR"}
    with writing(engine) as connection:
        return enter(connection, document({**usual, **said}), clerk, corrects=corrects)


def invoice(engine: Engine, amount: str, **different: Any) -> Entered:
    """Enter an invoice of acme for campaign spring-tea."""
    said = {"kind": "invoice", "number": "INV-7", "cost_type": "agency.creative", "amount": amount}
    return put(engine, **{**said, "campaign": "spring-tea", **different})


def balance(engine: Engine, account: str) -> int:
    """Return what stands on an account, in micros."""
    query = select(func.coalesce(func.sum(posting.c.amount_micros), 0))
    with reading(engine) as connection:
        return int(connection.execute(query.where(posting.c.account == account)).scalar_one())


def test_an_invoice_is_posted_once_with_its_tax_beside_it(engine: Engine) -> None:
    """Recoverable tax is owed and is no cost of the campaign's making."""
    first = invoice(engine, "1200.00", tax="240.00", market="SE")

    again = invoice(engine, "1200.00", tax="240.00", market="SE")

    assert (first.posted, again.posted, again.entry) == (True, False, first.entry)
    with reading(engine) as connection:
        entry = ledger.read(connection, first.entry)
    assert [(one.cost_type, one.amount.micros) for one in entry.postings] == [
        ("agency.creative", 1_200_000_000),
        ("tax.recoverable", 240_000_000),
        (None, -1_440_000_000),
    ]
    assert (entry.postings[0].market, entry.source_doc) == ("SE", "INV-7")
    assert {one.provider for one in entry.postings} == {"acme"}
    assert check(engine) == []


def test_the_same_number_with_another_amount_is_a_conflict_until_it_is_corrected(
    engine: Engine,
) -> None:
    """An agency sends INV-7 twice; somebody must say which of them is right, and why."""
    invoice(engine, "1200.00")
    with pytest.raises(DocumentConflict, match=r"acme/INV-7.*--corrects"):
        invoice(engine, "1300.00")

    second = invoice(engine, "1300.00", corrects="typed wrong")
    third = invoice(engine, "1300.00")

    assert (second.revision, second.posted, third.posted) == (2, True, False)
    assert balance(engine, "payable:acme") == -1_300_000_000
    with pytest.raises(DocumentConflict, match="never entered"):
        invoice(engine, "5", number="INV-9", corrects="x")
    assert check(engine) == []


def test_media_that_was_never_used_is_entered_as_wasted(engine: Engine) -> None:
    """A kill fee is working money by the policy, and wasted by its nature."""
    said = {"kind": "media", "number": "K-1", "campaign": "spring-tea", "channel": "social"}
    entered = put(engine, **said, cost_type="media.kill_fee", amount="80")

    with reading(engine) as connection:
        assert ledger.read(connection, entered.entry).postings[0].waste


def test_hours_that_nobody_timed_are_an_estimate_of_the_ledger(engine: Engine) -> None:
    """A report that shows them as actuals would claim a precision that nobody has."""
    said = {"kind": "labour", "campaign": "spring-tea", "rate": "60", "person": "mia"}
    timed = put(engine, **said, number="T-1", minutes="1.5")
    guessed = put(engine, **said, number="T-2", step="concept_review", count=4)

    with reading(engine) as connection:
        entries = ledger.read_all(connection, [timed.entry, guessed.entry])
    assert [one.status for one in entries] == ["actual", "estimate"]
    assert [(one.meter, str(one.quantity)) for entry in entries for one in entry.usage] == [
        ("minutes", "1.5"),
        ("minutes", "20"),
    ]
    assert entries[0].postings[0].reviewer == "mia"


LIST, DISCOUNTED, CHEAPER = "200000.00", "100000.00", "100000.00"


@pytest.mark.parametrize(
    ("paid", "used", "costs"),
    [
        # FOCUS 1.2, Virtual Currency Pricing Model: 245 Q at 1 token, 5 Z at 2, 120 W at 3 (B3: 2).
        pytest.param(LIST, {"q": "245", "z": "10", "w": "360"}, "1230.00", id="A2"),
        pytest.param(DISCOUNTED, {"q": "245", "z": "10", "w": "360"}, "615.00", id="B2"),
        pytest.param(CHEAPER, {"q": "245", "z": "10", "w": "240"}, "495.00", id="B3"),
    ],
)
def test_credits_cost_when_they_are_used_and_not_when_they_are_bought(
    engine: Engine, paid: str, used: dict[str, str], costs: str
) -> None:
    """FOCUS: a purchase has BilledCost and no EffectiveCost; its use has it the other way round."""
    put(engine, kind="credits", number="PO-1", amount=paid, quantity="100000", unit="token")
    assert balance(engine, "cost") == 0

    for meter, quantity in used.items():
        said = {"lot": "PO-1", "quantity": quantity, "campaign": "spring-tea"}
        put(engine, kind="credits_used", number=f"U-{meter}", **said)

    cost = Money.of(costs, "EUR").micros
    assert balance(engine, "cost") == cost
    assert balance(engine, "prepaid:acme/PO-1") == Money.of(paid, "EUR").micros - cost
    assert balance(engine, "payable:acme") == -Money.of(paid, "EUR").micros
    assert check(engine) == []


def test_more_credits_than_were_bought_are_bought_first(engine: Engine) -> None:
    """FOCUS, scenario C: an overage of 1,500 tokens at 2, and 25,000 more, are purchases."""
    put(engine, kind="credits", number="PO-1", amount="200000", quantity="100000", unit="token")
    over = {"kind": "credits_used", "number": "U-1", "lot": "PO-1", "campaign": "spring-tea"}
    with pytest.raises(NotEnough, match=r"101500 are used.*100000 token are left"):
        put(engine, **over, quantity="101500")
    with pytest.raises(NotEnough, match="no purchase of credits 'PO-9'"):
        put(engine, **{**over, "lot": "PO-9"}, quantity="1")

    put(engine, **over, quantity="100000")
    for number, tokens, paid in (("PO-2", "1500", "3000.00"), ("PO-3", "25000", "50000.00")):
        put(engine, kind="credits", number=number, amount=paid, quantity=tokens, unit="token")
    put(engine, **{**over, "number": "U-2", "lot": "PO-2"}, quantity="1500")

    assert balance(engine, "prepaid:acme/PO-1") == balance(engine, "prepaid:acme/PO-2") == 0
    assert balance(engine, "prepaid:acme/PO-3") == 50_000_000_000
    assert balance(engine, "payable:acme") == -253_000_000_000


def test_credits_that_are_used_in_pieces_sum_to_what_was_paid_and_the_rest_expires(
    engine: Engine,
) -> None:
    """A third of a micro is lost in every piece, unless they are told together."""
    lot = {"kind": "credits", "number": "PO-1", "quantity": "3", "ends": "2026-12-31"}
    put(engine, IN_EUROS, **lot, amount="0.000010", currency="USD", on="2026-10-30")
    for number in range(2):
        said = {"kind": "credits_used", "number": f"U-{number}", "lot": "PO-1", "currency": "USD"}
        put(engine, IN_EUROS, **said, quantity="1", campaign="spring-tea", on="2026-11-18")
    with reading(engine) as connection:
        used = [
            ledger.read(connection, f"document/acme/U-{number}/1").postings[0]
            for number in range(2)
        ]
    assert [one.amount.micros for one in used] == [3, 4]
    # At the rate of the day on which they were paid, though that of the use is not even known.
    assert [one.base.micros for one in used if one.base] == [3, 3]

    with writing(engine) as connection:
        share_out(connection, "2026-11", IN_EUROS)
    assert balance(engine, "prepaid:acme/PO-1") == 3
    for _ in range(2):
        with writing(engine) as connection:
            share_out(connection, "2026-12", IN_EUROS)

    assert (balance(engine, "prepaid:acme/PO-1"), balance(engine, "cost")) == (0, 10)
    with reading(engine) as connection:
        idle = ledger.read(connection, "expired/acme/PO-1/1").postings[0]
    assert (idle.stage, idle.waste, idle.campaign, idle.attribution) == (
        "idle",
        True,
        None,
        "unmatched",
    )
    assert check(engine) == []


def test_a_document_is_converted_as_a_whole_and_its_lines_sum_to_that(engine: Engine) -> None:
    """Invariant I9; three lines converted by themselves would be a micro off."""
    dollars = {"currency": "USD", "on": "2026-10-31", "clerk": IN_EUROS}
    entered = invoice(engine, "1.000001", tax="0.333333", **dollars)

    with reading(engine) as connection:
        entry = ledger.read(connection, entered.entry)
    rates = Rates(published)
    whole = rates.convert(Money.of("1.333334", "USD"), "EUR", date(2026, 10, 31))
    bases = [one.base.micros for one in entry.postings if one.base]
    assert bases[0] + bases[1] == whole.amount.micros == -bases[2]
    assert {one.fx_rate for one in entry.postings} == {"ecb/2026-10-30/EUR-USD"}
    # A rate that is not there keeps no invoice out of the books.
    late = invoice(engine, "5", number="INV-8", **{**dollars, "on": "2026-11-20"})
    with reading(engine) as connection:
        assert ledger.read(connection, late.entry).postings[0].base is None
    assert invoice(engine, "5", number="INV-8", **{**dollars, "on": "2026-11-20"}).posted is False
    assert check(engine) == []


def test_credits_in_another_currency_or_of_a_used_purchase_are_refused(engine: Engine) -> None:
    """A purchase that was drawn on is corrected after what was drawn."""
    put(engine, kind="credits", number="PO-1", amount="10", quantity="10")
    said = {"kind": "credits_used", "number": "U-1", "lot": "PO-1", "campaign": "spring-tea"}
    with pytest.raises(NotEnough, match="was bought in EUR"):
        put(engine, **said, quantity="1", currency="USD")
    put(engine, **said, quantity="1")

    with pytest.raises(DocumentConflict, match=r"is used by acme/U-1; correct those first"):
        put(engine, kind="credits", number="PO-1", amount="11", quantity="10", corrects="x")

    assert Decimal(balance(engine, "cost")) == 1_000_000
