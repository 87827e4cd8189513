"""What one request will cost: the same figure in a quote and in what is then reserved."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from cost_tracking.estimates import Estimate
from cost_tracking.money import Money
from cost_tracking.prices import Price, PriceBook
from providers.deals import Deal
from providers.terms import BudgetTerms

A = TypeVar("A")


@dataclass(frozen=True)
class Quoted:
    """What one request will cost."""

    price: Price
    estimate: Estimate
    """In the provider's currency."""
    expected: Money
    """In the budget's currency, as likely."""
    most: Money
    """In the budget's currency, as reserved."""


def quoted(deal: Deal[A], prices: PriceBook, terms: BudgetTerms, on: date) -> Quoted:
    """Return what a request will cost on a day; nothing is sent.

    Raises:
        UnknownPrice: Nobody has entered what it costs.
        NoRate: The budget has no rate for the provider's currency.

    """
    price = prices.entry(deal.provider, deal.model, deal.operation, on)
    estimate = prices.estimate(price, deal.facts, terms.currency)
    return Quoted(
        price=price,
        estimate=estimate,
        expected=terms.convert(estimate.expected, on),
        most=terms.convert(estimate.most, on),
    )
