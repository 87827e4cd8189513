"""Keeps imported rates, and never loses what was believed before a correction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, Row, insert, select

from cost_tracking.database import lock, reading
from cost_tracking.exchange.published import published
from cost_tracking.exchange.quotations import ECB, Quotation
from cost_tracking.exchange.rates import Rates, Window
from cost_tracking.exchange.tables import fx_rate
from cost_tracking.moments import stamp
from creative.value import Value

_CHUNK = 2_000
"""Rows of one INSERT: SQLite binds at most 32,766 values in one."""
_Key = tuple[str, str, date, str]


class Imported(Value):
    """What an import changed."""

    added: int
    same: int
    """Known already, and the same."""
    corrected: tuple[str, ...]
    """The ids of rates that supersede another one."""
    first: date
    last: date


def all_rates(engine: Engine, until: datetime | None = None) -> Rates:
    """Return every rate that is known: those that ship with us, and those of a database.

    Args:
        engine: Of ``open_database``.
        until: What was imported later does not count, so that an earlier report can be made again.

    """
    return Rates(published, kept(engine, until))


def kept(engine: Engine, until: datetime | None = None) -> Window:
    """Return the rates of a database, by day, as they were known at a moment."""
    then = None if until is None else stamp(until)

    def window(first: date, last: date) -> Iterator[Quotation]:
        with reading(engine) as connection:
            rows = _rows(connection, first, last)
        return (_quotation(row) for row in rows if then is None or row.recorded_at <= then)

    return window


def rates_within(connection: Connection) -> Rates:
    """Return every rate that a transaction sees, read through its own connection."""

    def window(first: date, last: date) -> Iterator[Quotation]:
        return (_quotation(row) for row in _rows(connection, first, last))

    return Rates(published, window)


def import_rates(
    connection: Connection, rates: Sequence[Quotation], at: datetime, document_sha256: str
) -> Imported:
    """Keep the rates of a file, in the caller's transaction; a second time changes nothing.

    A rate that differs from the one that is known for its day, pair and source is a correction: it
    is kept beside it with the next revision, and holds from now on.

    Args:
        connection: In the caller's transaction.
        rates: Of ``rate_files``; at least one, no day, pair and source of it twice.
        at: When they are recorded.
        document_sha256: Of the file.

    """
    lock(connection, "fx_rate")
    first, last = min(one.on for one in rates), max(one.on for one in rates)
    known: dict[_Key, tuple[int | None, Decimal, int]] = {}
    if any(one.source == ECB for one in rates):
        known = {_key(one): (None, one.rate, 1) for one in published(first, last)}
    for row in sorted(_rows(connection, first, last), key=lambda row: int(row.revision)):
        known[_key(_quotation(row))] = (row.seq, Decimal(row.rate), row.revision)

    fresh: list[dict[str, object]] = []
    corrected: list[str] = []
    for one in rates:
        seq, rate, revision = known.get(_key(one), (None, None, 0))
        if rate == one.rate:
            continue
        newer = one.model_copy(update={"revision": revision + 1})
        fresh.append(_row(newer, stamp(at), document_sha256, seq))
        corrected += [newer.id] if revision else []
    for start in range(0, len(fresh), _CHUNK):
        connection.execute(insert(fx_rate), fresh[start : start + _CHUNK])
    return Imported(
        added=len(fresh) - len(corrected),
        same=len(rates) - len(fresh),
        corrected=tuple(corrected),
        first=first,
        last=last,
    )


def _key(one: Quotation) -> _Key:
    return one.base, one.quote, one.on, one.source


def _rows(connection: Connection, first: date, last: date) -> Iterable[Row[tuple[object, ...]]]:
    between = fx_rate.c.rate_date.between(first.isoformat(), last.isoformat())
    return connection.execute(select(fx_rate).where(between)).all()


def _quotation(row: Row[tuple[object, ...]]) -> Quotation:
    # Checked when it was imported.
    return Quotation.model_construct(
        base=row.base,
        quote=row.quote,
        rate=Decimal(row.rate),
        on=date.fromisoformat(row.rate_date),
        source=row.source,
        published_at=row.published_at,
        revision=row.revision,
    )


def _row(
    one: Quotation, recorded_at: str, document_sha256: str, supersedes: int | None
) -> dict[str, object]:
    return {
        "base": one.base,
        "quote": one.quote,
        "rate": f"{one.rate:f}",
        "rate_date": one.on.isoformat(),
        "source": one.source,
        "revision": one.revision,
        "published_at": one.published_at,
        "recorded_at": recorded_at,
        "document_sha256": document_sha256,
        "supersedes": supersedes,
    }
