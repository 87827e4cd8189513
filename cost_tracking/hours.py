"""People's hours, as somebody declares them."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from cost_tracking.money import Money
from cost_tracking.usage import exact
from creative.value import Value

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ([A-Z]{3})", re.ASCII)


class Labour(Value):
    """Hours of work, and what one of them costs."""

    hours: Annotated[Decimal, BeforeValidator(exact), Field(gt=0, allow_inf_nan=False)]
    rate: Money
    """Of one hour."""
    source: str = Field(min_length=1)
    """What proves it, such as the sheet and the picture that it was declared for."""

    @property
    def money(self) -> Money:
        """Return what they cost, rounded half-even to a micro."""
        return Money.of(self.hours * self.rate.amount, self.rate.currency)


def hourly_rate(text: str) -> Money:
    """Read what an hour costs.

    Raises:
        ValueError: It is not an amount above 0 and its currency.

    >>> str(hourly_rate("72.00 EUR"))
    '72.00 EUR'
    """
    found = _RATE.fullmatch(text)
    if not found or not Decimal(found[1]):
        raise ValueError("write what an hour costs with its currency, such as 72.00 EUR")
    return Money.of(found[1], found[2])
