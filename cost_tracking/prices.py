"""What providers charge: dated unit prices as data, and what a request will cost by them.

Unit prices are exact decimals; a line is rounded to a micro once, when it is priced. A price that
is not in the book stops the run: it is never 0.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from cost_tracking.estimates import Estimate, Estimates, Facts, UnknownPrice
from cost_tracking.money import Money
from cost_tracking.usage import UNITS, Usage, UsageLine, exact
from creative.plain_toml import toml_values
from creative.value import Value

__all__ = [
    "ANY_MODEL",
    "Estimate",
    "Facts",
    "Price",
    "PriceBook",
    "Rate",
    "UnknownPrice",
    "price_book",
]

_EXACT = Context(prec=80)
ANY_MODEL = "*"
"""The model of an entry that holds for all of a provider's."""


class Rate(Value):
    """What some units cost."""

    unit: str
    per: int = Field(default=1, ge=1)
    """How many units ``amount`` is for, such as a million tokens."""
    amount: Annotated[Decimal, BeforeValidator(exact), Field(ge=0, allow_inf_nan=False)]

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"{unit!r} is no unit; the units are {sorted(UNITS)}")
        return unit


class Price(Value):
    """What one operation of one model costs, from one day to another."""

    id: str
    """Written into every attempt that was estimated by it."""
    provider: str
    model: str
    operation: str
    """``image``, ``text`` or ``translation``."""
    free: bool = False
    basis: Literal["computed", "contract", "declared"] = "computed"
    """How an amount by it is known: by a public price, by one that was agreed with this customer,
    or because a person declared it, which needs no rates."""
    currency: str | None = None
    effective_from: date
    effective_to: date | None = None
    """The last day on which it holds."""
    retires_on: date | None = None
    """The day on which the provider ends the model."""
    rates: tuple[Rate, ...] = ()
    estimates: Estimates | None = None
    """How many units a request will take; None where nobody has found out."""
    source: str = Field(min_length=1)
    checked_on: date

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.basis == "declared":
            if self.free or self.rates or self.currency:
                raise ValueError(f"{self.id}: what people declare has no price of its own")
            return self
        if self.free == bool(self.rates) or self.free == bool(self.currency):
            raise ValueError(f"{self.id}: give it either free = true, or a currency and rates")
        units = [rate.unit for rate in self.rates]
        if len(set(units)) < len(units):
            raise ValueError(f"{self.id}: a unit has two rates; keep one")
        return self

    def holds(self, on: date) -> bool:
        """Say whether it holds on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class PriceBook(Value):
    """All prices that are known, with the fingerprint of the text they were read from."""

    prices: tuple[Price, ...]
    sha256: str

    @classmethod
    def read(cls, text: str, *more: str) -> Self:
        """Read a price book from TOML; an entry of a later text replaces one of the same id.

        Raises:
            ValueError: It is not a price book, or two entries hold for the same day.

        """
        found: dict[str, Price] = {}
        for written in (text, *more):
            rows = [Price.model_validate(row) for row in toml_values(written).get("price", [])]
            if len({row.id for row in rows}) < len(rows):
                raise ValueError("two prices of one text have one id; name them apart")
            found |= {row.id: row for row in rows}
        prices = tuple(found.values())
        for place, one in enumerate(prices):
            for other in prices[:place]:
                if _overlap(one, other):
                    raise ValueError(f"{one.id} and {other.id} hold on the same day; end one")
        digest = sha256("\0".join((text, *more)).encode()).hexdigest()
        return cls(prices=prices, sha256=digest)

    def entry(self, provider: str, model: str, operation: str, on: date) -> Price:
        """Return the price of an operation on a day.

        Raises:
            UnknownPrice: The book has none. The message names what it has of this provider.

        """
        of_provider = [one for one in self.prices if one.provider == provider]
        for one in of_provider:
            if one.model in {model, ANY_MODEL} and one.operation == operation and one.holds(on):
                return one
        has = ", ".join(sorted({f"{one.model} ({one.operation})" for one in of_provider}))
        raise UnknownPrice(
            f"{provider}: no price is known for {operation} by {model} on {on}; add it to a price "
            f"file with its source, or choose one of: {has or 'nothing of this provider'}"
        )

    def cost(self, price: Price, usage: Usage, currency: str) -> Money:
        """Return what an answer costs by a price, rounded half-even to a micro.

        Args:
            price: Of ``entry``.
            usage: What the answer consumed.
            currency: In which to return the nothing that a free price costs.

        Raises:
            UnknownPrice: The answer consumed a unit that the price says nothing of.

        """
        if price.free:
            return Money.zero(currency)
        return Money.of(_exact_cost(price, usage.quantities), _currency(price))

    def charge(self, price: Price, usage: Usage, currency: str) -> tuple[Money, str]:
        """Return what an answer was charged, and its basis.

        What the provider itself reported wins over what we compute, and is called ``reported``,
        or ``declared`` where people say it; otherwise it is ``computed``, ``contract`` or ``free``.

        Raises:
            UnknownPrice: The answer consumed a unit that the price says nothing of.

        """
        if usage.reported is not None:
            return usage.reported, "declared" if price.basis == "declared" else "reported"
        return self.cost(price, usage, currency), "free" if price.free else price.basis

    def used(self, price: Price, usage: Usage, amount: Money, basis: str) -> tuple[UsageLine, ...]:
        """Return what an answer consumed, unit by unit, each with its price and exact worth.

        Args:
            price: That it was charged by.
            usage: What it consumed.
            amount: What it was charged.
            basis: How that is known, as ``charge`` says.

        Returns:
            None of what was free, or of what is only estimated. Of what the provider reported, the
            first line carries the whole as billed: providers do not say what each unit cost.

        """
        if basis in {"free", "estimated"}:
            return ()
        billed = basis in {"reported", "declared"}
        counted = usage.quantities if any(usage.quantities.values()) else {"operation": Decimal(1)}
        rates = {rate.unit: _EXACT.divide(rate.amount, Decimal(rate.per)) for rate in price.rates}
        return tuple(
            UsageLine(
                meter=meter,
                quantity=much,
                unit=meter.rpartition("_")[2],
                unit_price=rates.get(meter),
                price=price.id,
                exact=_EXACT.multiply(much, rates.get(meter, Decimal(0))),
                currency=amount.currency,
                request=usage.receipt or None,
                billed=(amount.amount if place == 0 else Decimal(0)) if billed else None,
            )
            for place, (meter, much) in enumerate(
                sorted((unit, much) for unit, much in counted.items() if much)
            )
        )

    def estimate(self, price: Price, facts: Facts, currency: str) -> Estimate:
        """Return what a request will cost: as expected, and at most.

        It depends on nothing but the price and the facts, so that a quote and the run that
        follows it name the same figure.

        Args:
            price: Of ``entry``.
            facts: What is known of the request before it is sent.
            currency: In which to return the nothing that a free price costs.

        Raises:
            UnknownPrice: The book does not say how much such a request takes.

        """
        if price.free:
            return Estimate(expected=Money.zero(currency), most=Money.zero(currency))
        if price.basis == "declared":
            if facts.declared is None:
                raise UnknownPrice(f"{price.id}: nobody has declared what it cost")
            return Estimate(expected=facts.declared, most=facts.declared)
        if price.estimates is None:
            raise UnknownPrice(f"{price.id}: the price book does not say how much a request takes")
        expected, most = price.estimates.quantities(price.id, price.operation, facts)
        own = _currency(price)
        return Estimate(
            expected=Money.of(_exact_cost(price, expected), own),
            most=Money.of(_exact_cost(price, most), own, up=True),
        )

    def stale(self, on: date, days: int) -> tuple[Price, ...]:
        """Return the prices that hold and that nobody has checked for more than these days."""
        since = on - timedelta(days=days)
        return tuple(one for one in self.prices if one.holds(on) and one.checked_on < since)

    def retiring(self, on: date, days: int) -> tuple[Price, ...]:
        """Return the prices of models that end within these days, or have ended."""
        until = on + timedelta(days=days)
        return tuple(one for one in self.prices if one.retires_on and one.retires_on <= until)


@cache
def price_book(*more: str) -> PriceBook:
    """Return the price book that ships with us, with what other price files add or replace.

    Args:
        more: The TOML of each; an entry of a later one takes the place of one of the same id.

    Raises:
        ValueError: One is not a price file, or two entries hold for the same day.

    """
    ours = (files("cost_tracking") / "data" / "prices.toml").read_text("utf-8")
    return PriceBook.read(ours, *more)


def _overlap(one: Price, other: Price) -> bool:
    same = (one.provider, one.operation) == (other.provider, other.operation)
    model = one.model == other.model or ANY_MODEL in {one.model, other.model}
    latest = max(one.effective_from, other.effective_from)
    return same and model and one.holds(latest) and other.holds(latest)


def _currency(price: Price) -> str:
    if price.currency is None:
        raise UnknownPrice(f"{price.id}: the price has no currency")
    return price.currency


def _exact_cost(price: Price, quantities: Mapping[str, Decimal]) -> Decimal:
    rates = {rate.unit: rate for rate in price.rates}
    unpriced = sorted(unit for unit, much in quantities.items() if much and unit not in rates)
    if unpriced:
        raise UnknownPrice(f"{price.id}: the price says nothing of {', '.join(unpriced)}")
    parts = (
        much * rates[unit].amount / rates[unit].per for unit, much in quantities.items() if much
    )
    return sum(parts, Decimal(0))
