"""Spreads what is paid ahead over the months that it is for."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from cost_tracking.allocation.shares import shares


def months_of(first: date, last: date) -> dict[str, tuple[date, date]]:
    """Return each month of a term with its first and its last day in it, both included.

    Raises:
        ValueError: It ends before it begins.

    """
    if last < first:
        raise ValueError(f"it ends on {last}, before it begins on {first}")
    found: dict[str, tuple[date, date]] = {}
    day = first
    while day <= last:
        end = min(last, day.replace(day=monthrange(day.year, day.month)[1]))
        found[day.isoformat()[:7]] = (day, end)
        day = end + timedelta(days=1)
    return found


def by_month(total: int, first: date, last: date) -> dict[str, int]:
    """Divide micros over the months of a term: straight-line, and exact.

    A term of whole months gives each month the same; another gives each month its days.

    >>> by_month(100, date(2026, 1, 1), date(2026, 3, 31))
    {'2026-01': 34, '2026-02': 33, '2026-03': 33}
    >>> by_month(45, date(2026, 1, 17), date(2026, 3, 2))
    {'2026-01': 15, '2026-02': 28, '2026-03': 2}
    """
    months = months_of(first, last)
    whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    weights = {
        month: Decimal(1 if whole else (end - start).days + 1)
        for month, (start, end) in months.items()
    }
    return shares(total, weights)


def first_day(month: str) -> date:
    """Return the first day of a month that is written ``YYYY-MM``.

    Raises:
        ValueError: It is no month.

    """
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise ValueError(f"{month!r} is no month; write it as 2026-10") from None
    return day


def last_day(month: str) -> date:
    """Return the last day of a month that is written ``YYYY-MM``.

    Raises:
        ValueError: It is no month.

    """
    day = first_day(month)
    return day.replace(day=monthrange(day.year, day.month)[1])
