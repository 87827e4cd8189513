"""What an answer consumed, in the provider's own units, and its receipt."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

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
