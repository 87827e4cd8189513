"""Tells an entry in the currency that the books are kept in, too."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cost_tracking.allocation.shares import shares
from cost_tracking.entries import Transaction
from cost_tracking.exchange.rates import Converted, NoRate, Rates
from cost_tracking.money import Money


@dataclass(frozen=True)
class Books:
    """The currency that the books are kept in, and the rates to it."""

    currency: str
    rates: Rates

    def look_up(self, currency: str, on: date) -> None:
        """Look up a rate that a transaction is about to need, if there is one.

        A look needs a connection of its own. Were it made within the transaction, as many workers
        as there are connections would wait for one another.
        """
        with suppress(NoRate):
            self.rates.rate(currency, self.currency, on)


def in_books(entry: Transaction, books: Books | None) -> Transaction:
    """Return an entry whose lines also say what they are in the books' currency.

    The document's total of each currency is converted once, and then divided among its lines, so
    that the lines sum to the total and the entry balances in the books' currency as well. Where no
    rate is known the lines say nothing, because a fact is recorded all the same; a report converts
    them when the rate was imported.

    Args:
        entry: As it is to be posted.
        books: None where nobody has said in which currency they are kept.

    """
    if books is None or any(line.base is not None for line in entry.postings):
        return entry
    told = bases([line.amount for line in entry.postings], books, entry.effective_on)
    if told is None:
        return entry
    lines = tuple(
        line.model_copy(update={"base": base, "fx_rate": rate})
        for line, (base, rate) in zip(entry.postings, told, strict=True)
    )
    return entry.model_copy(update={"postings": lines})


def bases(
    amounts: Sequence[Money], books: Books, on: date
) -> list[tuple[Money, str | None]] | None:
    """Return what the lines of a document are in the books' currency, each with its rate's id.

    The id is None between a currency and itself; all of it is where no rate is known.
    """
    totals: Counter[str] = Counter()
    for one in amounts:
        totals[one.currency] += max(one.micros, 0)
    try:
        told = {
            currency: books.rates.convert(
                Money(micros=micros, currency=currency), books.currency, on
            )
            for currency, micros in totals.items()
        }
    except NoRate:
        return None
    found = {**_divided(amounts, told, 1), **_divided(amounts, told, -1)}
    return [
        (Money(micros=found[place], currency=books.currency), told[one.currency].rate_id or None)
        for place, one in enumerate(amounts)
    ]


def _divided(amounts: Sequence[Money], told: dict[str, Converted], sign: int) -> dict[int, int]:
    """Return the base of each amount of one sign, by its place."""
    found: dict[int, int] = {}
    for currency, converted in told.items():
        side: dict[str, Money] = {
            # Padded, so that of equal remainders the earlier line is favoured.
            f"{place:06}": one
            for place, one in enumerate(amounts)
            if one.currency == currency and one.micros * sign > 0
        }
        if len(side) == 1:
            found[int(*side)] = sign * converted.amount.micros
            continue
        weights = {place: Decimal(abs(one.micros)) for place, one in side.items()}
        if weights:
            divided = shares(sign * converted.amount.micros, weights)
            found |= {int(place): micros for place, micros in divided.items()}
    return found
