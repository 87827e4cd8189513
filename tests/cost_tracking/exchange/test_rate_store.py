"""Imported rates are kept once, corrected in the open, and asked for by day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from cost_tracking.database import reading, writing
from cost_tracking.exchange.quotations import Quotation
from cost_tracking.exchange.rate_store import Imported, all_rates, import_rates
from cost_tracking.exchange.rates import StaleRate

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ON = date(2026, 11, 20)


def rate(number: str, source: str = "ecb", on: date = ON, base: str = "EUR") -> Quotation:
    """Return a rate to the dollar."""
    return Quotation(base=base, quote="USD", rate=Decimal(number), on=on, source=source)


def take(engine: Engine, rates: Sequence[Quotation]) -> Imported:
    """Import in a transaction of its own."""
    with writing(engine) as connection:
        return import_rates(connection, rates, NOW, "0" * 64)


def test_a_file_that_is_imported_twice_adds_nothing(engine: Engine) -> None:
    """Every month the same history comes again, longer by a few days."""
    many = [
        rate("1.1", base=f"{one}{other}X") for one in "ABCDEFGHIJKLM" for other in "ABCDEFGHIJKLMNO"
    ]

    assert take(engine, many).added == len(many)
    again = take(engine, [*many, rate("1.10")])

    assert (again.added, again.same, again.corrected) == (1, len(many), ())
    assert all_rates(engine).rate("EUR", "USD", ON).rate == Decimal("1.1")


def test_a_correction_supersedes_and_what_was_believed_stays(engine: Engine) -> None:
    """A posting of last week names the rate that it was converted by."""
    take(engine, [rate("1.9")])
    told = take(engine, [rate("1.2")])
    assert told.corrected == ("ecb/2026-11-20/EUR-USD#2",)
    assert take(engine, [rate("1.3")]).corrected == ("ecb/2026-11-20/EUR-USD#3",)

    assert all_rates(engine).rate("EUR", "USD", ON).rate_id == "ecb/2026-11-20/EUR-USD#3"
    with reading(engine) as connection:
        chain = text("SELECT rate, revision, supersedes IS NULL FROM fx_rate ORDER BY seq")
        rows = [(one[0], one[1], bool(one[2])) for one in connection.execute(chain)]
    assert rows == [("1.9", 1, True), ("1.2", 2, False), ("1.3", 3, False)]


def test_an_earlier_report_does_not_see_a_later_correction(engine: Engine) -> None:
    """What was told as of last week must come out again to the micro."""
    take(engine, [rate("1.9")])
    with writing(engine) as connection:
        import_rates(connection, [rate("1.2")], NOW + timedelta(days=1), "1" * 64)

    assert all_rates(engine, NOW).rate("EUR", "USD", ON).rate == Decimal("1.9")
    assert all_rates(engine).rate("EUR", "USD", ON).rate == Decimal("1.2")


def test_a_rate_that_ships_with_us_can_be_corrected_and_is_not_kept_twice(engine: Engine) -> None:
    """What the bank corrects later must not lose against what we were shipped with."""
    shipped = rate("1.1172", on=date(2026, 10, 30))

    assert take(engine, [shipped]).same == 1
    told = take(engine, [shipped.model_copy(update={"rate": Decimal("1.2")})])

    assert told.corrected == ("ecb/2026-10-30/EUR-USD#2",)
    assert all_rates(engine).rate("EUR", "USD", date(2026, 10, 31)).rate == Decimal("1.2")


def test_an_import_mends_what_was_too_old(engine: Engine) -> None:
    """The message says to import; after that the same question is answered."""
    with pytest.raises(StaleRate):
        all_rates(engine).rate("USD", "EUR", date(2026, 11, 21))

    take(engine, [rate("1.25")])

    assert all_rates(engine).rate("USD", "EUR", date(2026, 11, 21)).rate == Decimal("0.8")
