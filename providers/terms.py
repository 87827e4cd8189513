"""What a buyer may do: in which currency, at which rates, and how long it waits."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from pydantic import Field

from cost_tracking.exchange.rates import NoRate
from cost_tracking.money import Money
from creative.value import Value
from providers.errors import (
    Charged,
    ModelGone,
    NotConfigured,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    RefusedInput,
    RefusedOutput,
    TryAgain,
    Unavailable,
    Unsupported,
)

_ELSEWHERE = (Unavailable, RateLimited, QuotaExceeded, ModelGone, NotConfigured, Unsupported)
"""What says something of the provider, and nothing of the request."""
_REFUSED = (RefusedInput, RefusedOutput)


class TooDear(ValueError):
    """One request may cost more than the brief allows for one."""


class RouteTerms(Value):
    """What a buyer may do when a provider of a route will not, besides asking the next one."""

    max_price: Money | None = None
    """The most that one request may cost, in the budget's currency; None asks only the budget."""
    refusals: bool = False
    """Whether what one provider refused may be taken to the next one."""

    def check(self, provider: str, model: str, most: Money) -> None:
        """Refuse a request that may cost more than one may.

        Raises:
            TooDear: It may.

        """
        if self.max_price is not None and most > self.max_price:
            raise TooDear(
                f"{provider}: one request to {model} may cost {most}, and the brief allows "
                f"{self.max_price}; raise providers.max_price, or name a cheaper provider"
            )

    def passes_on(self, error: ProviderError) -> bool:
        """Say whether the next provider may be asked after this.

        Never where the first one may have been charged: that would pay twice unasked.
        """
        if error.charged is Charged.MAYBE:
            return False
        if isinstance(error, _REFUSED):
            return self.refusals
        return error.charged is Charged.NO and isinstance(error, _ELSEWHERE)


class BudgetTerms(Value):
    """The currency of a budget, and what others are worth in it."""

    currency: str
    rates: Mapping[str, Decimal] = {}
    """What one unit of each currency is worth in the budget's; set by a treasury, not by us."""
    dated: Callable[[Money, str, date], Money] | None = None
    """Converts what the budget has no rate for to a currency at the published rate of a day, and
    raises ``NoRate``; None where only the budget's own rates are taken."""

    def convert(self, money: Money, on: date) -> Money:
        """Return an amount in the budget's currency: at its own rate, else at that of the day.

        Raises:
            NoRate: There is no rate for it. It is never taken as 1.

        """
        if money.currency == self.currency:
            return money
        if not money:
            return Money.zero(self.currency)
        rate = self.rates.get(money.currency)
        if rate is None and self.dated is not None:
            return self.dated(money, self.currency, on)
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
    job: float = Field(default=900.0, gt=0)
    """Seconds that one process waits for a job; it is not lost then, and collected later."""
    claim: float = Field(default=330.0, ge=0)
    """Seconds to wait for somebody else who is at the same request: longer than one picture takes.
    Their answer is then ours too, for nothing."""
    between: float = Field(default=20.0, gt=0)
    """Seconds between two questions for a job, at most."""

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

    def until_next(self, number: int, wait: float) -> float:
        """Return the seconds to wait before the next question for a job.

        Args:
            number: Of the question that was answered "not yet", from 0.
            wait: What the provider says is worth waiting.

        """
        # Half as long again each time: a provider that always says one second is not asked 900
        # times, and one that is quick is not waited for.
        return min(max(wait, 0.01) * 1.5 ** min(number, 20), max(self.between, 0.01))
