"""A closed month stays what was reported; what comes late stands in the next one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from bookkeeping import NOW, entry, post, tamper
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cost_tracking import ledger
from cost_tracking.books import as_of, periods
from cost_tracking.books.periods import CannotClose
from cost_tracking.database import reading, writing
from cost_tracking.money import Money

SEPTEMBER, OCTOBER = date(2026, 9, 10), date(2026, 10, 10)


def of_month(engine: Engine, month: str) -> periods.Period:
    """Return one month."""
    return next(one for one in periods.periods(engine) if one.id == month)


def faults(engine: Engine) -> list[str]:
    """Return what is wrong with the months."""
    with reading(engine) as connection:
        return list(periods.faults(connection))


def test_what_belongs_to_a_closed_month_stands_in_the_next_open_one(engine: Engine) -> None:
    """Finance has reported October; an invoice of October that comes now is November's."""
    post(engine, entry("early", effective_on=OCTOBER, micros=10))
    closed = periods.close(engine, "2026-10", by="fin", at=NOW)
    assert (closed.entries, closed.closed_by) == (1, "fin")
    assert closed.cost == (Money(micros=10, currency="EUR"),)

    post(engine, entry("late", effective_on=OCTOBER, micros=20))

    assert of_month(engine, "2026-10") == closed
    assert of_month(engine, "2026-11").entries == 1
    with reading(engine) as connection:
        assert ledger.read(connection, "late").effective_on == OCTOBER
    # What stands is found again, though it would go elsewhere today.
    assert post(engine, entry("early", effective_on=OCTOBER, micros=10))
    assert faults(engine) == []
    assert ledger.check(engine) == []


def test_a_reversal_of_a_closed_month_stands_in_the_open_one(engine: Engine) -> None:
    """A mistake of October is mended in November's books, and October's stay as they were."""
    post(engine, entry(effective_on=OCTOBER))
    closed = periods.close(engine, "2026-10", by="fin", at=NOW)

    with writing(engine) as connection:
        ledger.reverse(connection, "k", NOW, actor="mia", reason="wrong")

    assert of_month(engine, "2026-10") == closed
    assert of_month(engine, "2026-11").cost == (Money(micros=-5_000_000, currency="EUR"),)
    assert faults(engine) == []


def test_two_closed_months_are_both_passed_over(engine: Engine) -> None:
    """And the year turns."""
    post(engine, entry("a", effective_on=date(2026, 12, 1)))
    later = datetime(2027, 3, 2, tzinfo=UTC)
    for month in ("2026-12", "2027-01"):
        periods.close(engine, month, by="fin", at=later)

    post(engine, entry("b", effective_on=date(2026, 12, 31)))

    assert [one.id for one in periods.periods(engine)] == ["2026-12", "2027-01", "2027-02"]
    assert faults(engine) == []


def test_a_month_is_closed_once(engine: Engine) -> None:
    """The second click changes neither who closed it nor when."""
    first = periods.close(engine, "2026-10", by="fin", at=NOW)

    assert periods.close(engine, "2026-10", by="mia", at=NOW) == first


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2026-11", "has not ended; it can be closed from 2026-12-01 on"),
        ("2027-01", "has not ended"),
        ("2026-13", "is no month; write it as 2026-10"),
        ("October", "is no month"),
        ("2026-10", "cannot be closed before 2026-09; close 2026-09 first"),
    ],
)
def test_a_month_that_cannot_be_closed_says_why(engine: Engine, month: str, said: str) -> None:
    """Nothing is closed by mistake: there is no way back."""
    post(engine, entry(effective_on=SEPTEMBER))

    with pytest.raises(CannotClose, match=said):
        periods.close(engine, month, by="fin", at=NOW)

    assert all(one.is_open for one in periods.periods(engine))


def test_the_database_itself_refuses_what_comes_too_late(engine: Engine) -> None:
    """A program that does not know of periods must not write into a closed one."""
    periods.close(engine, "2026-10", by="fin", at=NOW)

    with pytest.raises(DBAPIError, match="this period is closed"), writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO txn (idem_key, payload_sha256, kind, effective_on, recorded_at, "
                "source, source_doc, actor, posting_period) "
                "VALUES ('k', 'x', 'usage', '2026-10-21', '', '', '', '', '2026-10')"
            )
        )


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM txn WHERE idem_key = 'k'", "period 2026-10 is not as it was closed"),
        ("UPDATE posting SET amount_micros = amount_micros * 3", "is not as it was closed"),
        (
            "UPDATE txn SET posting_period = '2026-10' WHERE idem_key = 'late'",
            "period 2026-10 is not as it was closed",
        ),
        ("UPDATE txn SET posting_period = '2026-12' WHERE idem_key = 'late'", "should not"),
        ("DELETE FROM seal", "was closed under a seal that is gone"),
    ],
)
def test_what_changed_in_a_closed_month_is_found(
    engine: Engine, statement: str, fault: str
) -> None:
    """I12: it is immutable, and who went around the triggers is seen."""
    post(engine, entry(effective_on=OCTOBER))
    periods.close(engine, "2026-10", by="fin", at=NOW)
    post(engine, entry("late", effective_on=OCTOBER))
    assert faults(engine) == []

    tamper(engine, statement)

    assert any(fault in found for found in faults(engine)), faults(engine)


def test_who_posts_while_a_month_is_closed_posts_before_or_after(engine: Engine) -> None:
    """No entry slips into a month between its last sum and its close."""

    def work(number: int) -> None:
        if number == 10:
            periods.close(engine, "2026-10", by="fin", at=NOW)
        else:
            post(engine, entry(f"k{number}", effective_on=OCTOBER))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(30)))

    assert sum(one.entries for one in periods.periods(engine)) == 29
    assert faults(engine) == []


def test_what_was_known_at_a_watermark_never_changes(engine: Engine) -> None:
    """The report of last month can be printed again, whatever has come in since."""
    assert as_of.watermark(engine) == 0
    post(engine, entry("a", effective_on=OCTOBER, micros=10))
    mark = as_of.watermark(engine)
    with reading(engine) as connection:
        known = as_of.balances(connection, mark)

    post(engine, entry("late", effective_on=SEPTEMBER, micros=20))
    with writing(engine) as connection:
        ledger.reverse(connection, "a", NOW, actor="mia", reason="wrong")

    with reading(engine) as connection:
        assert as_of.balances(connection, mark) == known
        assert known == {
            ("cost", "EUR"): Money(micros=10, currency="EUR"),
            ("payable:agency", "EUR"): Money(micros=-10, currency="EUR"),
        }
        now = as_of.balances(connection, as_of.watermark(engine), "account", "campaign")
    assert now[("cost", "tea", "EUR")] == Money(micros=20, currency="EUR")


def test_a_moment_has_its_watermark(engine: Engine) -> None:
    """A person asks for a day; what answers is a number that stays."""
    first, later = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 9))
    with writing(engine) as connection:
        one = ledger.post(connection, entry("a"), first)
        ledger.post(connection, entry("b"), later)

    assert as_of.watermark_at(engine, first) == one
    assert as_of.watermark_at(engine, datetime(2026, 10, 1, tzinfo=UTC)) == one - 1
    # A machine whose clock is slow posts later what seems to be earlier.
    with writing(engine) as connection:
        last = ledger.post(connection, entry("c"), first)
    assert as_of.watermark_at(engine, first) == one
    assert as_of.watermark_at(engine, later) == last
