"""What a provider says that it charged, line by line, in the form in which it is reconciled."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from cost_tracking.money import Money
from cost_tracking.usage import exact
from creative.value import Value


class BillLine(Value):
    """One amount of a bill."""

    start: date
    end: date
    """The last day that it is for, in UTC; the first one's own for a bill by the day."""
    amount: Money
    """Below 0 for a credit."""
    model: str = ""
    """As the provider writes it; empty where it does not say."""
    receipt: str = ""
    """The provider's id of the one answer that it is for, or our attempt's; empty for a sum."""
    rounding: Annotated[Decimal, BeforeValidator(exact), Field(ge=0)] = Decimal(0)
    """By how much of the currency the amount may be rounded."""
    label: str = ""
    """What the provider calls it."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"a line of a bill ends on {self.end}, before {self.start}")
        return self


class Bill(Value):
    """What one provider says that it charged in a time."""

    provider: str
    source: str
    """Where it was read, in words for people."""
    start: date
    end: date
    """The last day of it, in UTC."""
    whole_until: date
    """The last day of which nothing more will come: before it, what is not billed is free."""
    lines: tuple[BillLine, ...]
