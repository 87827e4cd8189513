"""The audit trail: what each figure of a report is made of, down to the document that proves it.

A figure is an amount that sums lines of the ledger, a number of renditions, or a sum of a few terms
that are figures themselves. Following it gives its lines and terms, and they make exactly it.
"""

from decimal import Decimal
from typing import Literal

from cost_tracking.money import Money
from cost_tracking.reports.figures import each, share
from creative.value import Value


class Part(Value):
    """How much of one amount of the ledger is in a figure."""

    entry: int
    """Its place in ``Report.lines``, from 0."""
    amount: Money
    """All of it, or the share that counts here."""


Figure = Money | Decimal | int | None


class Trail(Value):
    """One figure, and what it is made of."""

    figure: str
    name: str
    """As people call it."""
    value: Figure
    """In percent where it is a share of money; None of a quotient by nothing."""
    how: Literal["sum", "count", "quotient", "difference", "given"]
    """``sum`` of ``parts``, ``count`` of ``counted``, ``quotient`` or ``difference`` of the two
    ``terms``, ``given`` by ``source``."""
    parts: tuple[Part, ...] = ()
    counted: tuple[str, ...] = ()
    """What it counts: slots of renditions, or ids of requests."""
    terms: tuple["Trail", ...] = ()
    source: str = ""
    """What gives it."""

    @property
    def made(self) -> Figure:
        """Return the figure worked out anew from what it is made of; it is ``value`` exactly."""
        match self.how, self.value:
            case "sum", Money(currency=currency):
                micros = sum(one.amount.micros for one in self.parts)
                return Money(micros=micros, currency=currency)
            case "count", _:
                return len(self.counted)
            case "difference" | "quotient", _:
                return _of_two(self.how, *(one.made for one in self.terms))
        return self.value

    @property
    def lines(self) -> tuple[Part, ...]:
        """Return the parts of it and of all its terms."""
        return (*self.parts, *(part for term in self.terms for part in term.lines))


def _of_two(how: str, first: Figure, second: Figure) -> Figure:
    match how, first, second:
        case "difference", Money(), Money():
            return first - second
        case "quotient", Money(), int():
            return each(first, second)
        case "quotient", Money(), Money():
            return share(first, second)
        case "quotient", int(), int():
            return Decimal(first) / second if second else None
    raise TypeError(f"there is no {how} of {first!r} and {second!r}")
