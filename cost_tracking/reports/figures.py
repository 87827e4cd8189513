"""How a figure is written for people, in every page and table of ours."""

from decimal import ROUND_HALF_EVEN, Decimal

from cost_tracking.money import Money

NONE = "\N{EN DASH}"
"""Stands where there is no figure; never 0, which would be one."""
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


def number(
    value: Money | Decimal | int | None,
    *,
    places: int | None = None,
    unit: str = "",
    signed: bool = False,
) -> str:
    """Write a figure with grouped thousands, so that a column of them lines up.

    Args:
        value: A count, a quantity, or an amount, which brings its currency along. None is a
            figure that does not exist, such as a cost for each of no assets.
        places: Decimals. Without it a count has none and the rest two; an amount under one unit
            has as many as show its first two digits, up to the six that a micro has.
        unit: Written after the figure, such as ``%``.
        signed: Whether a positive figure carries its sign, as a difference should.

    >>> number(1234567), number(Decimal("0.5")), number(None) == NONE
    ('1,234,567', '0.50', True)
    >>> number(Money.of("0.0074", "EUR")).replace(SPACE, " ")
    '0.0074 EUR'
    """
    if value is None:
        return NONE
    if isinstance(value, Money):
        places = _telling(value.amount) if places is None else places
        unit = value.currency
        value = value.amount
    elif places is None:
        places = 0 if isinstance(value, int) else 2
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places))
    sign = MINUS if exact < 0 else "+" if signed and exact > 0 else ""
    return f"{sign}{abs(exact):,f}{SPACE if unit else ''}{unit}"


def exact(micros: int, currency: str) -> str:
    """Write an amount with every digit that it has, and at least two.

    >>> exact(1_500_010, "EUR").replace(SPACE, " ")
    '1.50001 EUR'
    """
    places = next((place for place in range(2, 6) if micros % 10 ** (6 - place) == 0), 6)
    return number(Money(micros=micros, currency=currency), places=places)


def share(part: Money, whole: Money) -> Decimal | None:
    """Return one amount as a percentage of another, or None of nothing.

    Raises:
        ValueError: They are in two currencies.

    >>> share(Money.of("1", "EUR"), Money.of("8", "EUR"))
    Decimal('12.5')
    """
    if part.currency != whole.currency:
        raise ValueError(f"cannot tell {part.currency} as a share of {whole.currency}")
    return Decimal(part.micros * 100) / Decimal(whole.micros) if whole.micros else None


def each(amount: Money, count: int) -> Money | None:
    """Return an amount for each of so many, to the nearest micro, or None for each of none.

    >>> each(Money.of("1", "EUR"), 3).micros
    333333
    """
    if not count:
        return None
    micros = (Decimal(amount.micros) / count).to_integral_value(ROUND_HALF_EVEN)
    return Money(micros=int(micros), currency=amount.currency)


def _telling(amount: Decimal) -> int:
    if not amount or abs(amount) >= 1:
        return 2
    return min(6, max(2, 1 - amount.adjusted()))
