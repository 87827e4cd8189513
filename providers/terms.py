"""What a buyer may do: in which currency, at which rates, and how long it waits."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from cost_tracking.money import Money
from creative.value import Value
from providers.errors import TryAgain


class NoRate(ValueError):
    """A provider bills in a currency that the budget has no rate for."""


class BudgetTerms(Value):
    """The currency of a budget, and what others are worth in it."""

    currency: str
    rates: Mapping[str, Decimal] = {}
    """What one unit of each currency is worth in the budget's; set by a treasury, not by us."""

    def convert(self, money: Money) -> Money:
        """Return an amount in the budget's currency.

        Raises:
            NoRate: There is no rate for it. It is never taken as 1.

        """
        if money.currency == self.currency:
            return money
        if not money:
            return Money.zero(self.currency)
        rate = self.rates.get(money.currency)
        if rate is None:
            raise NoRate(
                f"{money} cannot be taken from a budget in {self.currency}; give "
                f"budget.rates.{money.currency} in the brief, with its date and source"
            )
        return money.at(rate, self.currency)


class Patience(Value):
    """How often and how long we wait for a provider that asks us to."""

    tries: int = Field(default=4, ge=1, le=20)
    """In all, each an attempt of its own."""
    first: float = Field(default=1.0, ge=0)
    """Seconds before the second try, at most; doubled each time, and drawn at random below it."""
    longest: float = Field(default=60.0, ge=0)
    """Seconds of one wait. Who asks for more is left alone, and the error is raised."""

    def wait(self, number: int, error: TryAgain, share: float) -> float | None:
        """Return the seconds to wait after a try, or None to wait no more.

        Args:
            number: Of the try that failed, from 1.
            error: What it failed with.
            share: From 0 to 1, drawn at random, so that many do not come back at once.

        """
        if number >= self.tries:
            return None
        if error.retry_after is not None:
            asked = error.retry_after * (1 + share / 10)
            return asked if error.retry_after <= self.longest else None
        return float(min(self.first * 2 ** (number - 1), self.longest) * share)
