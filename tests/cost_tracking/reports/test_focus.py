"""The ledger as FOCUS 1.2: every column, its nulls and numbers, and sums that are the books'."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.books import periods
from cost_tracking.database import reading, writing
from cost_tracking.entries import Posting, Transaction, UsageLine
from cost_tracking.money import Money
from cost_tracking.policy import default_policy
from cost_tracking.reports.focus import as_focus
from cost_tracking.reports.focus_columns import COLUMNS, CUSTOM

DECIMALS = tuple(name for name in COLUMNS if re.search(r"Cost$|Price$|Quantity$", name))
NEVER_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeDescription",
    "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "PricingCurrency", "PricingCurrencyEffectiveCost",
    "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory",
)  # fmt: skip
PRICED = ("ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "PricingUnit", "SkuId",
          "SkuPriceId", "SkuMeter", "PricingCategory", "PricingCurrencyListUnitPrice")  # fmt: skip
PAIRS = (
    ("ResourceId", "ResourceType"), ("SubAccountId", "SubAccountName"),
    ("SubAccountId", "SubAccountType"), ("ConsumedQuantity", "ConsumedUnit"),
    ("PricingQuantity", "PricingUnit"), ("SkuId", "SkuMeter"),
)  # fmt: skip


def cost(amount: str, cost_type: str, currency: str = "EUR", **names: object) -> Posting:
    """Return a line on the account of costs."""
    side = default_policy().spend_class(cost_type)
    return Posting.model_validate(
        {
            "account": "cost",
            "amount": Money.of(amount, currency),
            "cost_type": cost_type,
            "spend_class": side,
            "policy": default_policy().id,
            "campaign": "tea",
            **names,
        }
    )


def on(account: str, amount: str, currency: str = "EUR") -> Posting:
    """Return a line on another account."""
    return Posting(account=account, amount=Money.of(amount, currency), campaign="tea")


def entry(key: str, kind: str, *lines: Posting, day: int = 3, **more: object) -> Transaction:
    """Return an entry of March 2026."""
    defaults = {"effective_on": date(2026, 3, day), "source": "test", "source_doc": f"DOC-{key}"}
    return Transaction.model_validate(
        {"key": key, "kind": kind, "postings": lines, **defaults, **more}
    )


def drawing() -> tuple[UsageLine, ...]:
    """Return what a picture consumed: two meters of one line."""
    common: dict[str, Any] = {"line": 1, "currency": "USD", "unit": "token"}
    return (
        UsageLine(**common, meter="input", quantity=Decimal(12), unit_price=Decimal("0.000005"),
                  exact=Decimal("0.00006"), price="openai/gpt-image-2/input"),
        UsageLine(**common, meter="output", quantity=Decimal(4160),
                  unit_price=Decimal("0.00001"), exact=Decimal("0.0416")),
    )  # fmt: skip


@pytest.fixture
def books(engine: Engine, clock: Any) -> Engine:
    """Return books with an entry of every kind, and a correction of a month that is closed."""
    where = {"market": "SE", "placement": "meta_feed_1x1", "channel": "social"}
    picture = cost("0.04166", "ai.api_call", "USD", provider="openai", asset="c1", stage="concepts")
    shared = cost("3", "ai.credits", provider="writer", asset="tea_SE_sv_meta_feed_1x1_c1")
    credits_used = UsageLine(
        line=1, meter="credits", quantity=Decimal(30), unit="credit", unit_price=Decimal("0.1"),
        exact=Decimal(3), currency="EUR",
    )  # fmt: skip
    entries = (
        entry("picture", "usage", picture, on("payable:openai", "-0.04166", "USD"),
              usage=drawing()),
        entry("agency", "invoice", cost("500", "agency.creative", provider="agency"),
              cost("95", "tax.recoverable", provider="agency"), on("payable:agency", "-595")),
        entry("credits", "invoice", on("prepaid:writer", "100"), on("payable:writer", "-100")),
        entry("drawn", "allocation", shared, on("prepaid:writer", "-3"), usage=(credits_used,)),
        entry("media", "media", cost("240.5", "media.inventory", provider="meta", **where),
              on("payable:meta", "-240.5")),
        entry("fx", "fx", on("fx", "0.25"), on("payable:agency", "-0.25")),
        entry("hours", "labour", cost("72", "labour.internal"), on("accrual:labour", "-72"),
              status="estimate"),
    )  # fmt: skip
    with writing(engine) as connection:
        ledger.post_all(connection, entries, clock())
        ledger.reverse(connection, "media", clock(), actor="ada", reason="Not our account")
    periods.close(engine, "2026-03", by="ada", at=clock())
    with writing(engine) as connection:
        ledger.reverse(connection, "agency", clock(), actor="ada", reason="Billed twice")
    return engine


def rows_of(engine: Engine, campaign: str | None = None) -> list[dict[str, str]]:
    """Return the rows as a program reads them."""
    with reading(engine) as connection:
        text = as_focus(connection, default_policy(), campaign)
    return list(csv.DictReader(io.StringIO(text)))


def total(rows: list[dict[str, str]], column: str, **where: str) -> Decimal:
    """Return a column's sum over the rows that match."""
    fits = (row for row in rows if all(row[name] == value for name, value in where.items()))
    return sum((Decimal(row[column]) for row in fits), Decimal(0))


def test_every_row_keeps_the_rules_of_the_columns(books: Engine) -> None:
    """A loader that rejects one row rejects the month."""
    rows = rows_of(books)

    assert len(rows) == 12
    assert tuple(rows[0]) == (*COLUMNS, *CUSTOM)
    for row in rows:
        assert all(row[name] for name in NEVER_NULL), row
        assert all(bool(row[first]) == bool(row[second]) for first, second in PAIRS), row
        for name in (*DECIMALS, "x_WorkingCost", "x_NonWorkingCost"):
            # With a point: some readers take 12 for a whole number and refuse the column.
            assert re.fullmatch(r"(-?\d+\.\d+)?", row[name]), (name, row[name])
        for name in ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", row[name])
        assert row["ChargeCategory"] in {"Usage", "Purchase", "Tax", "Adjustment"}
        if row["ChargeCategory"] in {"Usage", "Purchase"}:
            assert all(row[name] for name in PRICED), row
            assert Decimal(row["ListUnitPrice"]) >= 0
            product = Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
            assert product == Decimal(row["ListCost"]) == Decimal(row["ContractedCost"])
        if row["ChargeCategory"] == "Tax":
            assert not any(row[name] for name in PRICED), row
        assert bool(row["ConsumedQuantity"]) == (row["ChargeCategory"] == "Usage")
        for name in ("BillingAccountId", "InvoiceId", "ResourceId", "SkuId", "SubAccountId"):
            assert not row[name].replace(".", "").isdigit()


def test_what_is_billed_is_what_is_owed_and_what_costs_is_what_was_spent(books: Engine) -> None:
    """The bill and the books must both be found again, each in its own column."""
    rows = rows_of(books)

    assert total(rows, "BilledCost", BillingCurrency="USD") == Decimal("0.04166")
    # The agency's invoice and the media were taken back; credits, fx and hours are left.
    assert total(rows, "BilledCost", BillingCurrency="EUR") == Decimal("172.25")
    assert total(rows, "EffectiveCost", BillingCurrency="EUR") == Decimal("75.25")
    assert total(rows, "x_WorkingCost") == 0
    assert total(rows, "x_NonWorkingCost", BillingCurrency="EUR") == Decimal(75)
    assert total(rows, "BilledCost", InvoiceId="document:DOC-agency") == 0


def test_an_advance_is_billed_once_and_costs_when_it_is_used(books: Engine) -> None:
    """Credits counted when bought and when used would be paid twice."""
    rows = {row["x_EntryKey"]: row for row in rows_of(books) if row["ServiceName"]}
    bought, used = rows["credits"], rows["drawn"]

    assert (bought["ChargeCategory"], bought["BilledCost"], bought["EffectiveCost"]) == (
        "Purchase", "100.000000", "0.000000",
    )  # fmt: skip
    assert (used["ChargeCategory"], used["BilledCost"], used["EffectiveCost"]) == (
        "Usage", "0.000000", "3.000000",
    )  # fmt: skip
    assert (used["PricingCurrency"], used["PricingCurrencyEffectiveCost"]) == ("Credits", "30.0")
    assert bought["PricingCurrencyEffectiveCost"] == "0.0"


def test_a_meter_has_its_own_row_and_the_rows_sum_to_the_line(books: Engine) -> None:
    """Tokens in and out have two prices; one row of both has none."""
    rows = [row for row in rows_of(books) if row["x_EntryKey"] == "picture"]

    assert [row["SkuMeter"] for row in rows] == ["input", "output"]
    assert [row["ConsumedUnit"] for row in rows] == ["Tokens", "Tokens"]
    assert [row["ListCost"] for row in rows] == ["0.000060", "0.04160"]
    assert sum(Decimal(row["EffectiveCost"]) for row in rows) == Decimal("0.04166")


def test_only_what_changes_a_closed_month_is_a_correction(books: Engine) -> None:
    """FOCUS calls it a correction when the month it belongs to was already invoiced."""
    classes = {row["x_EntryKey"]: row["ChargeClass"] for row in rows_of(books)}

    assert classes["reversal/agency"] == "Correction"
    assert classes["reversal/media"] == ""
    assert set(classes.values()) == {"", "Correction"}
    late = next(row for row in rows_of(books) if row["x_EntryKey"] == "reversal/agency")
    assert late["ChargePeriodStart"] < late["BillingPeriodStart"]


@pytest.mark.parametrize("payload", ["=cmd|' /C calc'!A0", "+1", "@x", 'a "quoted", name\nb'])
def test_a_machine_gets_the_text_as_it_is(
    engine: Engine, clock: Callable[[], Any], payload: str
) -> None:
    """An apostrophe in a key joins to nothing."""
    odd = entry("odd", "invoice", cost("1", "agency.media", provider=payload),
                on("payable:x", "-1"), source_doc=payload)  # fmt: skip
    with writing(engine) as connection:
        ledger.post(connection, odd, clock())

    [row] = rows_of(engine, "tea")

    assert row["ProviderName"] == row["x_Document"] == payload
    assert row["InvoiceId"] == f"document:{payload}"
    assert not rows_of(engine, "coffee")
