"""Converts money at a dated rate, exactly, and never at one that nobody had published yet.

The rule: the last rate that was published on or before the day, and is at most seven days older
than it. Weekends and holidays fall back on the day before them. Nothing is interpolated, because
that would use a rate of the future, and another figure would come out a day later.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property

from cost_tracking.exchange.quotations import EURO, Quotation
from cost_tracking.money import Money
from creative.value import Value

MOST_DAYS = 7
"""The oldest that a rate may be. The ECB's longest gap since 1999 is five days."""
MOST_LEGS = 3
"""A pair that is quoted against the dollar alone goes through the dollar and the euro."""
_EXACT = Context(prec=60)

Window = Callable[[date, date], Iterable[Quotation]]
"""Returns what a source published from one day to another, both included."""


class NoRate(LookupError):
    """No rate is known between two currencies on a day. It is never taken as 1."""


class StaleRate(NoRate):
    """The newest rate is too old to be taken for the day."""


class Conversion(Value):
    """What one unit of a currency was worth in another, and how we know."""

    base: str
    quote: str
    on: date
    """The day that was asked for."""
    legs: tuple[tuple[Quotation, bool], ...]
    """The rates that it goes through; True where one is turned round."""

    @cached_property
    def exact(self) -> Fraction:
        """Return the rate without any rounding."""
        whole = Fraction(1)
        for quotation, turned in self.legs:
            rate = Fraction(quotation.rate)
            whole *= 1 / rate if turned else rate
        return whole

    @cached_property
    def rate(self) -> Decimal:
        """Return the rate to 60 digits, or exactly where it has fewer."""
        exact = self.exact
        return _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))

    @cached_property
    def rate_id(self) -> str:
        """Return the ids of the rates that it goes through, as a posting keeps them."""
        return ",".join(quotation.id for quotation, _ in self.legs)

    @property
    def rate_date(self) -> date:
        """Return the day of its oldest rate; the day that was asked for where it has none."""
        return min((quotation.on for quotation, _ in self.legs), default=self.on)


class Converted(Value):
    """An amount in another currency."""

    amount: Money
    """Rounded half-even to a micro, once."""
    rate: Decimal
    """To 60 digits."""
    rate_id: str
    """Empty between a currency and itself."""
    rate_date: date


class Rates:
    """Every rate that is known, asked for by day.

    What was looked up once is kept, also that there is none, so that a ledger's lines cost one look
    for each pair and day. Who imports rates meanwhile makes another one of these.

    Args:
        windows: Where to look. Where two know the same rate, the higher revision holds, and of
            equal ones that of the later window.

    """

    def __init__(self, *windows: Window) -> None:
        self._windows = windows
        self._days: dict[date, Mapping[tuple[str, str], Quotation]] = {}
        self._told: dict[tuple[str, str, date], Conversion | NoRate] = {}

    def on(self, day: date) -> Mapping[tuple[str, str], Quotation]:
        """Return the rate of each pair that holds on a day."""
        if day not in self._days:
            self._days[day] = _newest(self._between(day - timedelta(days=MOST_DAYS), day))
        return self._days[day]

    def rate(self, base: str, quote: str, on: date) -> Conversion:
        """Return what one unit of a currency was worth in another.

        Directly where somebody quotes the pair, else through the euro, else through what else
        there is, in at most three steps.

        Raises:
            NoRate: Nobody has published one; the message names the command that adds it.
            StaleRate: The newest is too old.

        """
        told = self._told.get((base, quote, on))
        if told is None:
            told = self._told[base, quote, on] = self._look(base, quote, on)
        if isinstance(told, NoRate):
            # One of its own each time: a raised error collects where it has been.
            raise type(told)(*told.args)
        return told

    def convert(self, money: Money, to: str, on: date) -> Converted:
        """Return an amount in another currency, at the rate of a day.

        Raises:
            NoRate: Nobody has published one; the message names the command that adds it.
            StaleRate: The newest is too old.
            ValueError: The amount does not fit into int64 micros of that currency.

        """
        told = self.rate(money.currency, to, on)
        return Converted(
            # A Fraction is rounded half-even, and exactly: no digit was cut off before.
            amount=Money(micros=round(money.micros * told.exact), currency=to),
            rate=told.rate,
            rate_id=told.rate_id,
            rate_date=told.rate_date,
        )

    def _look(self, base: str, quote: str, on: date) -> Conversion | NoRate:
        legs = _path(self.on(on), base, quote) if base != quote else ()
        if legs is None:
            return self._missing(base, quote, on)
        return Conversion(base=base, quote=quote, on=on, legs=legs)

    def _between(self, first: date, last: date) -> Iterable[Quotation]:
        for window in self._windows:
            yield from window(first, last)

    def _missing(self, base: str, quote: str, on: date) -> NoRate:
        newest = _newest(self._between(date.min, on))
        legs = _path(newest, base, quote)
        mend = (
            f"kampanj rates import FILE --source ecb (or csv), or give budget.rates.{base} in the "
            "brief"
        )
        if legs is None:
            return NoRate(
                f"no rate from {base} to {quote} is known on {on}; import one with {mend}"
            )
        oldest, _ = min(legs, key=lambda leg: leg[0].on)
        return StaleRate(
            f"the newest rate from {base} to {quote} before {on} is of {oldest.on}, "
            f"{(on - oldest.on).days} days old, and {MOST_DAYS} is the most; import newer ones "
            f"with {mend}"
        )


def _newest(found: Iterable[Quotation]) -> Mapping[tuple[str, str], Quotation]:
    """Return the newest rate of each pair; of one day, what was entered goes before the ECB's."""
    kept: dict[tuple[str, str], Quotation] = {}
    for one in found:
        pair = (one.base, one.quote)
        if pair not in kept or _weight(one) >= _weight(kept[pair]):
            kept[pair] = one
    return kept


def _weight(one: Quotation) -> tuple[date, bool, str, int]:
    return one.on, one.source != "ecb", one.source, one.revision


def _path(
    known: Mapping[tuple[str, str], Quotation], base: str, quote: str
) -> tuple[tuple[Quotation, bool], ...] | None:
    """Return the shortest way from one currency to another; the euro goes before the rest."""
    ways: dict[str, tuple[tuple[Quotation, bool], ...]] = {base: ()}
    for _ in range(MOST_LEGS):
        reached = dict(ways)
        for here in sorted(ways, key=_euro_first):
            for there, leg in _neighbours(known, here):
                reached.setdefault(there, (*ways[here], leg))
        if quote in reached:
            return reached[quote]
        ways = reached
    return None


def _neighbours(
    known: Mapping[tuple[str, str], Quotation], here: str
) -> list[tuple[str, tuple[Quotation, bool]]]:
    found = {one[0]: (rate, True) for one, rate in known.items() if one[1] == here}
    # Where both directions are quoted, the one that needs no division.
    found |= {one[1]: (rate, False) for one, rate in known.items() if one[0] == here}
    return sorted(found.items(), key=lambda one: _euro_first(one[0]))


def _euro_first(currency: str) -> tuple[bool, str]:
    return currency != EURO, currency
