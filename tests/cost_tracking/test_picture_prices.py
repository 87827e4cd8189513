"""Pictures that are billed by the piece, by their pixels, by contract, or as people declare."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from cost_tracking.estimates import Facts, UnknownPrice
from cost_tracking.money import Money
from cost_tracking.prices import Price, PriceBook, price_book
from cost_tracking.usage import Usage

DAY = date(2026, 11, 21)


def price(**more: object) -> Price:
    """Return a price by the piece and by the megapixel."""
    facts = {
        "id": "acme",
        "provider": "acme",
        "model": "a1",
        "operation": "image",
        "currency": "USD",
        "rates": [
            {"unit": "image", "amount": "0.02"},
            {"unit": "output_megapixel", "amount": "0.01"},
            {"unit": "input_megapixel", "amount": "0.005"},
        ],
        "estimates": {
            "picture": {
                "each": {"image": "1"},
                "megapixel": 1_000_000,
                "references": {"input_megapixel": "4"},
                "most": "1.5",
                "source": "Made up.",
            }
        },
        "effective_from": "2026-01-01",
        "source": "Made up.",
        "checked_on": "2026-11-21",
    }
    return Price.model_validate({**facts, **more})


def book(one: Price) -> PriceBook:
    """Return a book of one price."""
    return PriceBook(prices=(one,), sha256="0" * 64)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"width": 1000, "height": 1000}, "0.03"),
        ({"width": 1000, "height": 1001}, "0.04"),
        ({"width": 1000, "height": 1000, "images": 3}, "0.09"),
        ({"width": 1000, "height": 1000, "references": 2}, "0.07"),
    ],
)
def test_a_picture_is_estimated_by_the_piece_and_by_its_pixels(
    facts: dict[str, int], expected: str
) -> None:
    """What a vendor rounds up and we did not is missing from the budget."""
    one = price()
    estimate = book(one).estimate(one, Facts(**facts), "USD")

    assert estimate.expected == Money.of(expected, "USD")
    assert estimate.most == Money.of(Decimal(expected) * Decimal("1.5"), "USD")


def test_pixels_that_nobody_told_have_no_price() -> None:
    """An estimate of nothing lets anything through."""
    one = price()
    with pytest.raises(ValueError, match="width and height"):
        book(one).estimate(one, Facts(), "USD")


@pytest.mark.parametrize("basis", ["computed", "contract"])
def test_an_amount_says_by_what_kind_of_price_it_was_worked_out(basis: str) -> None:
    """Finance asks whether it was a public price or what was agreed."""
    one = price(basis=basis)
    usage = Usage(model="a1", quantities={"image": Decimal(2)}, receipt="r1")

    assert book(one).charge(one, usage, "USD") == (Money.of("0.04", "USD"), basis)


def test_what_people_declare_is_estimated_and_charged_as_they_say() -> None:
    """An agency's invoice is neither worked out nor reported by a provider."""
    bare = {"rates": [], "estimates": None, "currency": None}
    one = price(basis="declared", **bare)
    paid = Money.of("900.00", "EUR")
    usage = Usage(model="a1", quantities={"image": Decimal(1)}, receipt="r1", reported=paid)

    estimate = book(one).estimate(one, Facts(declared=paid), "USD")
    assert (estimate.expected, estimate.most) == (paid, paid)
    assert book(one).charge(one, usage, "USD") == (paid, "declared")
    with pytest.raises(UnknownPrice, match="nobody has declared"):
        book(one).estimate(one, Facts(), "USD")


@pytest.mark.parametrize(
    "more", [{"free": True, "rates": [], "currency": None}, {"rates": []}, {"currency": None}]
)
def test_what_people_declare_has_no_other_price(more: dict[str, object]) -> None:
    """Of two prices nobody knows which one holds."""
    with pytest.raises(ValidationError, match="no price of its own"):
        price(basis="declared", **more)


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.6-sunburst"])
def test_what_a_picture_to_follow_takes_is_reserved(model: str) -> None:
    """A reservation below the charge lets the last edit of a campaign go over its budget."""
    book_ = price_book()
    one = book_.entry("openai", model, "image", DAY)
    facts = Facts(input_bytes=200, width=1024, height=1024, quality="high")
    plain = book_.estimate(one, facts, "USD")
    followed = book_.estimate(one, facts.model_copy(update={"references": 2}), "USD")

    # Two pictures of 1536 patches, and 64 tokens of text each: 8.00 and 5.00 USD a million.
    assert followed.expected - plain.expected == Money.of("0.025216", "USD")
    worst = 2 * (1536 if model == "gpt-image-2" else 65 + 4 * 129 + 6240)
    more = Usage(model=model, quantities={"input_image_token": Decimal(worst)}, receipt="r")
    assert followed.most - plain.most >= book_.cost(one, more, "USD")


def test_a_price_that_does_not_know_pictures_to_follow_stops_the_run() -> None:
    """A contract's price file that leaves them out would reserve nothing for them."""
    tokens = {
        "patches": {"low": 16},
        "offset": 2_000_000,
        "scale": 4_000_000,
        "source": "Made up.",
    }
    one = price(estimates={"image": tokens})
    facts = Facts(width=1024, height=1024, quality="low", references=1)

    with pytest.raises(UnknownPrice, match="what a picture to follow takes"):
        book(one).estimate(one, facts, "USD")
