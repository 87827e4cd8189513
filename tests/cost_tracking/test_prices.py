"""Prices are dated data; what is not in the book is not bought."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cost_tracking.money import Money
from cost_tracking.prices import Facts, PriceBook, UnknownPrice, price_book
from cost_tracking.usage import Usage

TODAY = date(2026, 11, 21)
BOOK = """
[[price]]
id = "old"
provider = "acme"
model = "m"
operation = "text"
currency = "USD"
effective_from = 2026-01-01
effective_to = 2026-06-30
source = "a page"
checked_on = 2026-01-01
rates = [{ unit = "output_text_token", per = 1000000, amount = "10" }]

[[price]]
id = "new"
provider = "acme"
model = "m"
operation = "text"
currency = "USD"
effective_from = 2026-07-01
retires_on = 2026-12-01
source = "a page"
checked_on = 2026-07-01
rates = [{ unit = "output_text_token", per = 1000000, amount = "2.5" }]
"""


def used(written: int = 0, *, read: int = 0, **others: int) -> Usage:
    """Return what an answer consumed: tokens it wrote and read, and other units."""
    quantities = {"output_text_token": written, "input_text_token": read, **others}
    return Usage(
        model="m", quantities={unit: Decimal(n) for unit, n in quantities.items()}, receipt="r"
    )


def test_the_price_of_the_day_holds() -> None:
    """A call of June that is priced in July is billed at June's price."""
    book = PriceBook.read(BOOK)

    found = [
        book.entry("acme", "m", "text", date(2026, month, day)).id
        for month, day in ((1, 1), (6, 30), (7, 1), (12, 31))
    ]

    assert found == ["old", "old", "new", "new"]


@pytest.mark.parametrize(
    ("provider", "model", "operation", "on"),
    [
        ("acme", "m", "text", date(2025, 12, 31)),
        ("acme", "other", "text", TODAY),
        ("acme", "m", "image", TODAY),
        ("nobody", "m", "text", TODAY),
        ("openai", "studio", "image", TODAY),
    ],
)
def test_an_unknown_price_is_never_nothing(
    provider: str, model: str, operation: str, on: date
) -> None:
    """A model that a price table did not know was once free for a month."""
    with pytest.raises(UnknownPrice, match=f"{provider}: no price is known"):
        PriceBook.read(BOOK).entry(provider, model, operation, on)


def test_a_unit_without_a_rate_is_never_nothing() -> None:
    """Reasoning tokens were billed, and counted by nobody."""
    book = PriceBook.read(BOOK)
    price = book.entry("acme", "m", "text", TODAY)

    with pytest.raises(UnknownPrice, match="image"):
        book.cost(price, used(5, image=1), "EUR")
    assert not book.cost(price, used(image=0), "EUR")


def test_an_answer_is_rounded_once_and_half_to_even() -> None:
    """Rounding each unit by itself loses every short call."""
    book = PriceBook.read(BOOK)
    price = book.entry("acme", "m", "text", TODAY)

    costs = [book.cost(price, used(n), "EUR").micros for n in (1, 3, 1000)]

    assert costs == [2, 8, 2500]


def test_what_the_provider_reports_wins() -> None:
    """Its own figure is what it will put on the invoice."""
    book = PriceBook.read(BOOK)
    price = book.entry("acme", "m", "text", TODAY)
    usage = used(1_000_000)
    reported = usage.model_copy(update={"reported": Money.of("2.49", "USD")})

    assert book.charge(price, usage, "EUR") == (Money.of("2.50", "USD"), "computed")
    assert book.charge(price, reported, "EUR") == (Money.of("2.49", "USD"), "reported")


def test_the_studio_is_free_for_every_model_in_the_asked_currency() -> None:
    """The first run must need neither a key nor a price."""
    book = price_book()

    for operation in ("image", "text", "translation"):
        price = book.entry("studio", "any", operation, TODAY)
        usage = used(image=1, character=3)
        assert book.charge(price, usage, "SEK") == (Money.zero("SEK"), "free")
        assert book.estimate(price, Facts(), "SEK").most == Money.zero("SEK")


@pytest.mark.parametrize(
    ("quality", "width", "height", "tokens"),
    [
        ("high", 1024, 1024, 7024),
        ("high", 1536, 1024, 5488),
        ("high", 1024, 1536, 5488),
        ("high", 1792, 1024, 5063),
        ("high", 1920, 1088, 5300),
        ("high", 3584, 2048, 12329),
        ("medium", 1024, 1024, 1756),
        ("low", 1024, 1024, 196),
    ],
)
def test_a_picture_is_estimated_as_the_vendor_s_own_calculator_does(
    quality: str, width: int, height: int, tokens: int
) -> None:
    """A quote that is off by the size of the picture is no quote.

    The high figures are those of the source that the price book names (5300 for 1920x1088 is what
    its formula gives); low and medium are 0.006 and 0.053 USD, as OpenAI publishes them.
    """
    book = price_book()
    price = book.entry("openai", "gpt-image-2", "image", TODAY)
    assert price.estimates

    facts = Facts(width=width, height=height, quality=quality)

    assert price.estimates.quantities(price.id, "image", facts)[0]["output_image_token"] == tokens


@given(
    st.integers(0, 40_000),
    st.integers(1, 240),
    st.integers(1, 240),
    st.sampled_from(["low", "medium", "high"]),
    st.integers(1, 10),
)
def test_what_is_reserved_is_never_below_what_is_expected(
    size: int, width: int, height: int, quality: str, images: int
) -> None:
    """A reservation below the quote would let the last call through over the limit."""
    book = price_book()
    facts = Facts(
        input_bytes=size, width=16 * width, height=16 * height, quality=quality, images=images
    )

    for model in ("gpt-image-2", "gpt-image-2.6-sunburst"):
        price = book.entry("openai", model, "image", TODAY)
        estimate = book.estimate(price, facts, "EUR")
        assert estimate.most >= estimate.expected > Money.zero("USD")
        assert estimate == book.estimate(price, facts, "SEK")


def test_what_is_reserved_leaves_room_for_a_picture_that_takes_more() -> None:
    """Nobody has published what the newest models take, so their bound is a quarter above."""
    book = price_book()
    price = book.entry("openai", "gpt-image-2.6-flare", "image", TODAY)

    estimate = book.estimate(price, Facts(width=1024, height=1024, quality="high"), "EUR")

    assert estimate.expected == Money.of("0.21088", "USD")  # 7024 tokens, and 32 around a prompt
    assert estimate.most == Money.of("0.26356", "USD")


def test_a_part_of_a_micro_is_reserved_as_a_whole_one() -> None:
    """A charge that rounds up must find room."""
    book = PriceBook.read(f"{BOOK}estimates = {{ extra_tokens = 0 }}")
    price = book.entry("acme", "m", "text", TODAY)

    estimate = book.estimate(price, Facts(max_output_tokens=1), "EUR")

    assert (estimate.expected.micros, estimate.most.micros) == (2, 3)


def test_a_text_is_bounded_by_its_limit_and_its_bytes() -> None:
    """No answer within the limit can cost more than was set aside."""
    book = price_book()
    price = book.entry("openai", "gpt-6-luna", "text", TODAY)
    facts = Facts(input_bytes=400, max_output_tokens=1000)

    estimate = book.estimate(price, facts, "EUR")
    worst = book.cost(price, used(1000, read=432), "EUR")

    assert estimate.most >= worst
    with pytest.raises(ValueError, match="needs a limit"):
        book.estimate(price, Facts(input_bytes=400), "EUR")


def test_a_quality_that_nobody_has_measured_has_no_price() -> None:
    """The newest models know qualities whose tokens nobody has published."""
    book = price_book()
    price = book.entry("openai", "gpt-image-2.6-sunburst", "image", TODAY)

    with pytest.raises(UnknownPrice, match="'max' quality"):
        book.estimate(price, Facts(width=1024, height=1024, quality="max"), "EUR")


def test_prices_grow_stale_and_models_end() -> None:
    """Two in three of the models that people ask for have ended."""
    book = PriceBook.read(BOOK)

    assert [one.id for one in book.stale(TODAY, 90)] == ["new"]
    assert book.stale(date(2026, 7, 2), 90) == ()
    assert [one.id for one in book.retiring(TODAY, 30)] == ["new"]
    assert book.retiring(TODAY, 5) == ()


def test_a_later_text_replaces_an_entry_and_changes_the_fingerprint() -> None:
    """A contract's own prices stand before the list's."""
    cheaper = BOOK.replace('"2.5"', '"2"')
    book = PriceBook.read(BOOK, cheaper)

    cost = book.cost(book.entry("acme", "m", "text", TODAY), used(1000), "EUR")

    assert cost.micros == 2000
    assert book.sha256 != PriceBook.read(BOOK).sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("effective_to = 2026-06-30", "effective_to = 2026-07-01"),
        ('id = "new"', 'id = "old"'),
        ('amount = "2.5"', "amount = 2.5"),
        ('amount = "2.5"', 'amount = "-1"'),
        ('unit = "output_text_token"', 'unit = "token"'),
        ('currency = "USD"', "free = true"),
        ('source = "a page"', 'source = ""'),
    ],
)
def test_a_crooked_price_book_is_refused(old: str, new: str) -> None:
    """Two prices for one day, a float, or a price from nowhere end in a wrong invoice."""
    with pytest.raises(ValueError, match=r"."):
        PriceBook.read(BOOK.replace(old, new))


def test_the_shipped_prices_say_where_they_are_from() -> None:
    """Finance audits any figure down to the page it was read from."""
    for price in price_book().prices:
        assert price.checked_on >= TODAY
        assert price.free or price.basis == "declared" or "https://" in price.source


def test_a_float_quantity_is_refused() -> None:
    """JSON without care turns a provider's decimal into one."""
    with pytest.raises(ValidationError, match="not exact"):
        Usage(model="m", quantities={"image": 0.1}, receipt="r")
    with pytest.raises(ValidationError, match="not a unit"):
        Usage(model="m", quantities={"pictures": Decimal(1)}, receipt="r")
