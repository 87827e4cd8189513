"""What people type is checked before anything is posted, and every fault is named."""

from decimal import Decimal
from typing import Any

import pytest

from cost_tracking.allocation.documents import Labour, document, usual_minutes
from cost_tracking.money import Money

USUAL: dict[str, dict[str, Any]] = {
    "invoice": {"cost_type": "agency.creative", "amount": "1200.00"},
    "retainer": {
        "cost_type": "agency.retainer",
        "amount": "9000.00",
        "starts": "2026-10-01",
        "ends": "2026-12-31",
    },
    "labour": {"minutes": "90", "rate": "50.00"},
    "media": {
        "cost_type": "media.inventory",
        "amount": "4000",
        "campaign": "spring-tea",
        "channel": "social",
    },
    "credits": {"amount": "200000.00", "quantity": "100000"},
    "credits_used": {"lot": "PO-1", "quantity": "615"},
}


def told(kind: str, /, **different: Any) -> dict[str, Any]:
    """Return what was typed."""
    head = {"kind": kind, "payee": "acme", "number": "INV-7", "on": "2026-10-20", "currency": "EUR"}
    return {
        name: value
        for name, value in {**head, **USUAL[kind], **different}.items()
        if value is not None
    }


@pytest.mark.parametrize("kind", USUAL)
def test_each_kind_is_read_and_written_back_as_it_was(kind: str) -> None:
    """The statement in the database is what an auditor is shown."""
    one = document(told(kind))

    assert one.kind == kind
    assert document(one.model_dump(mode="json")) == one


@pytest.mark.parametrize(
    ("kind", "different", "said"),
    [
        ("invoice", {"kind": "bill"}, "there is no kind 'bill'; use one of: invoice, retainer"),
        ("invoice", {"amount": None, "number": None}, "number: it is missing; amount: it is"),
        ("invoice", {"amount": 12.5}, "amount"),
        ("invoice", {"amount": "-1"}, "amount"),
        ("invoice", {"amount": "0"}, "greater than 0"),
        ("invoice", {"amount": "1.0000001"}, "decimal places"),
        ("invoice", {"amount": "NaN"}, "amount"),
        ("invoice", {"currency": "EURO"}, "currency"),
        ("invoice", {"cost_type": "agency.creativ"}, "no cost type 'agency.creativ'"),
        ("invoice", {"payee": "Acme Ltd"}, "payee"),
        ("invoice", {"number": "a b"}, "number"),
        ("invoice", {"on": "20.10.2026"}, "on"),
        ("invoice", {"minutes": "5"}, "minutes: it does not belong here"),
        ("invoice", {"market": "SE"}, "market is of a campaign; name it too"),
        ("invoice", {"campaign": "tea-time", "market": "UK"}, "UK is no market"),
        ("invoice", {"campaign": "tea-time", "basis": "spend"}, "bears alone is not shared"),
        ("invoice", {"basis": "given"}, "takes a weight for each"),
        ("invoice", {"weights": {"tea-time": "1"}}, "takes a weight for each"),
        ("invoice", {"basis": "dice"}, "basis"),
        ("invoice", {"tax": "-1"}, "tax"),
        ("retainer", {"ends": None}, "ends: it is missing"),
        ("retainer", {"ends": "2026-09-01"}, "before it starts"),
        ("retainer", {"ends": "2066-09-01"}, "more than ten years"),
        ("retainer", {"kind": "licence"}, "is no licence"),
        ("labour", {"minutes": None}, "give the minutes, or a step"),
        ("labour", {"minutes": None, "step": "nap"}, "no step 'nap'; use one of: brief"),
        ("labour", {"cost_type": "agency.media"}, "cost_type"),
        ("media", {"cost_type": "agency.media"}, "is no media"),
        ("media", {"channel": None}, "of a campaign and a channel"),
        ("credits", {"quantity": "0"}, "quantity"),
        ("credits_used", {"lot": None}, "lot: it is missing"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(
    kind: str, different: dict[str, Any], said: str
) -> None:
    """A typing error in the books costs an afternoon to find."""
    with pytest.raises(ValueError, match=said):
        document(told(kind, **different))


def test_hours_are_timed_or_they_are_an_estimate() -> None:
    """Ninety minutes at 50 are 75; twelve reviews that nobody timed are a guess, and say so."""
    timed, guessed = (
        document(told("labour")),
        document(told("labour", minutes=None, step="rendition_review", count=12)),
    )

    assert isinstance(timed, Labour)
    assert isinstance(guessed, Labour)
    assert (timed.money, timed.is_estimate) == (Money.of("75", "EUR"), False)
    assert guessed.worked == 12 * usual_minutes()["rendition_review"]
    assert (guessed.money, guessed.is_estimate) == (Money.of("20", "EUR"), True)
    third = document(told("labour", minutes="1", rate="0.01"))
    assert isinstance(third, Labour)
    assert third.money == Money.of("0.000167", "EUR")
    assert third.exact > Decimal("0.0001666666")
