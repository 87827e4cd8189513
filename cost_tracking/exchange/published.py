"""The euro's reference rates that ship with us: the European Central Bank's own file.

Source: https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip, 6 February 2024 to 30 October
2026, as published, N/A where the bank quotes a currency no more. Published about 16:00 CET for
information only; ``kampanj rates import`` adds what came later.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from cost_tracking.exchange.quotations import ECB, EURO, Quotation


def published(first: date, last: date) -> Iterator[Quotation]:
    """Yield the rates that ship with us, from one day to another, both included."""
    _, days = _file()
    since, until = first.isoformat(), last.isoformat()
    for place, (day, _) in enumerate(days):
        if since <= day <= until:
            yield from _of_day(place)


# The windows of neighbouring days overlap, and a ledger is not read in the order of its days.
@lru_cache(maxsize=512)
def _of_day(place: int) -> tuple[Quotation, ...]:
    codes, days = _file()
    day, line = days[place]
    on = date.fromisoformat(day)
    return tuple(
        # Not checked again: a test reads the whole file through the strict reader.
        Quotation.model_construct(
            base=EURO, quote=code, rate=Decimal(cell), on=on, source=ECB, revision=1
        )
        for code, cell in zip(codes, line.split(","), strict=True)
        if cell not in {"", "N/A"}
    )


@cache
def _file() -> tuple[list[str], list[tuple[str, str]]]:
    text = (files("cost_tracking") / "data" / "ecb_rates.csv").read_text("ascii")
    header, *lines = text.splitlines()
    days = [(day, rest) for day, _, rest in (line.partition(",") for line in lines)]
    return header.split(",")[1:], days
