"""What an answer consumed, in the provider's own units, and its receipt."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator

from cost_tracking.money import Money
from creative.value import Value

UNITS = frozenset(
    {
        "input_text_token",
        "cached_input_text_token",
        "cache_write_text_token",
        "input_image_token",
        "cached_input_image_token",
        "output_text_token",
        "output_image_token",
        "image",
        "input_megapixel",
        "output_megapixel",
        "character",
        "credit",
        "operation",
        "compute_second",
        "flat",
    }
)
"""The units that providers bill by. Reasoning tokens are ``output_text_token``; a token is counted
once, so ``input_text_token`` leaves out those that are in ``cached_input_text_token`` (read from a
cache) or in ``cache_write_text_token`` (written into one, which costs more)."""


def exact(number: object) -> object:
    """Refuse a float, which has already lost what was written.

    Raises:
        ValueError: It is a float.

    """
    if isinstance(number, float):
        # pydantic turns a ValueError into a finding; a TypeError would escape it.
        message = "a float is not exact; give a Decimal or decimal text"
        raise ValueError(message)  # noqa: TRY004
    return number


Quantity = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, allow_inf_nan=False)]


class Usage(Value):
    """What one answer consumed. It holds no price: prices change without a release."""

    model: str
    quantities: Mapping[str, Quantity]
    """How much of each unit of ``UNITS``, from 0."""
    receipt: str
    """The provider's own id of the answer, which its invoice can be checked against."""
    reported: Money | None = None
    """What the provider itself said that it charged; it wins over our price table."""

    @field_validator("quantities")
    @classmethod
    def _known(cls, quantities: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
        unknown = sorted(set(quantities) - UNITS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: not a unit; the units are {sorted(UNITS)}")
        return quantities


Exact = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(allow_inf_nan=False),
    PlainSerializer(lambda number: format(number, "f"), return_type=str),
]
"""A decimal that is written without an exponent, and never was a float."""


class UsageLine(Value):
    """What an amount is made of: how much of what, at which unit price, exactly."""

    line: int = Field(default=1, ge=1)
    """The number of the posting that it explains, counted from 1."""
    meter: str = Field(min_length=1)
    """What is counted, such as ``output_image_token`` or ``minutes``; once in a line."""
    quantity: Exact
    """Below 0 where it takes something back."""
    unit: str
    """What one of it is, such as ``token``."""
    unit_price: Exact | None = None
    """What one unit costs; None where only the whole has a price."""
    price: str | None = None
    """The id of the entry of the price book."""
    exact: Exact
    """Quantity by unit price, in major units, before anything was rounded."""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    request: str | None = None
    """The provider's own id of the answer."""
    billed: Exact | None = None
    """What the provider itself said that it charged, where that is what was posted."""
