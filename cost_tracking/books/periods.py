"""Months whose books are closed, and where an entry stands that comes too late for its own.

An entry belongs to the day on which its cost arose, whenever we hear of it. What belongs to a
closed month stands in the next one that is open: the closed month stays what was reported. It is
never opened again.
"""

import json
import re
from collections.abc import Collection, Iterator
from datetime import date, datetime

from pydantic import AwareDatetime
from sqlalchemy import Connection, Engine, func, insert, select

from cost_tracking.books import seals
from cost_tracking.books.head import START, Head
from cost_tracking.books.tables import period as _period
from cost_tracking.database import reading, writing
from cost_tracking.entries import COST
from cost_tracking.moments import moment, stamp
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn
from creative.value import Value, canonical

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


class CannotClose(ValueError):
    """The month's books cannot be closed now, or ever; nothing was closed."""


class Period(Value):
    """One month of the books."""

    id: str
    """``YYYY-MM``."""
    entries: int
    cost: tuple[Money, ...]
    """What was posted to it, by currency."""
    closed_at: AwareDatetime | None
    """None while it is open."""
    closed_by: str | None
    head: Head | None
    """The seal that it was closed under."""

    @property
    def is_open(self) -> bool:
        """Say whether entries may still be posted to it."""
        return self.closed_at is None


def month_of(day: date) -> str:
    """Return the month of a day, as periods are named."""
    return day.isoformat()[:7]


def following(month: str) -> str:
    """Return the month after this one.

    >>> following("2026-12")
    '2027-01'
    """
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04d}-{number + 1:02d}"


def standing_in(day: date, closed: Collection[str]) -> str:
    """Return the month in which an entry of this day stands: its own, or the next open one."""
    month = month_of(day)
    while month in closed:
        month = following(month)
    return month


def closed_months(connection: Connection) -> frozenset[str]:
    """Return the months that are closed."""
    return frozenset(connection.execute(select(_period.c.id)).scalars())


def close(engine: Engine, month: str, *, by: str, at: datetime) -> Period:
    """Close a month for good, and seal the books up to this moment.

    Who posts meanwhile waits a moment, and then posts into the next month. To close a closed month
    changes nothing.

    Args:
        engine: Of ``open_database``.
        month: ``YYYY-MM``.
        by: Who closes it.
        at: When.

    Raises:
        CannotClose: It is no month, it has not ended, or one before it that has entries is open.

    """
    if not _MONTH.fullmatch(month):
        raise CannotClose(f"{month!r} is no month; write it as 2026-10")
    if month >= month_of(at.date()):
        raise CannotClose(f"{month} has not ended; it can be closed from {following(month)}-01 on")
    # Most of the work, before anybody is kept waiting.
    seals.seal(engine, at)
    with writing(engine) as connection:
        newest = seals.seal_now(connection, at)
        closed = closed_months(connection)
        if month not in closed:
            _in_order(connection, month, closed)
            head = newest.head if newest else Head(seq=0, sha256=START)
            entries, sums = held(connection, month)
            row = {
                "id": month,
                "closed_at": stamp(at),
                "closed_by": by,
                "seq_to": head.seq,
                "head_sha256": head.sha256,
                "entries": entries,
                "sums": canonical(dict(sums)).decode(),
            }
            connection.execute(insert(_period).values(row))
        return next(one for one in _all(connection) if one.id == month)


def periods(engine: Engine) -> tuple[Period, ...]:
    """Return every month that is closed or has entries, the oldest first."""
    with reading(engine) as connection:
        return tuple(_all(connection))


def held(connection: Connection, month: str) -> tuple[int, dict[str, int]]:
    """Return how many entries stand in a month, and in micros what they cost, by currency."""
    count = select(func.count()).select_from(txn).where(txn.c.posting_period == month)
    sums = (
        select(posting.c.currency, func.sum(posting.c.amount_micros))
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .where(txn.c.posting_period == month, posting.c.account == COST)
        .group_by(posting.c.currency)
        .order_by(posting.c.currency)
    )
    found = {currency: int(micros) for currency, micros in connection.execute(sums) if micros}
    return int(connection.execute(count).scalar_one()), found


def faults(connection: Connection) -> Iterator[str]:
    """Yield what is no longer as it was when a month was closed."""
    for row in connection.execute(select(_period).order_by(_period.c.id)).mappings().all():
        month, entries, sums = row["id"], *held(connection, row["id"])
        if entries != row["entries"] or sums != json.loads(row["sums"]):
            yield f"period {month} is not as it was closed: {entries} entries, not {row['entries']}"
        head = Head(seq=row["seq_to"], sha256=row["head_sha256"])
        if not seals.holds(connection, head):
            yield f"period {month} was closed under a seal that is gone: {head}"
    yield from _misplaced(connection)


def _misplaced(connection: Connection) -> Iterator[str]:
    """Yield the entries that stand in another month than their own, which was open then."""
    query = select(_period.c.id, _period.c.seq_to)
    closed_at: dict[str, int] = dict(connection.execute(query).all())
    own = func.substr(txn.c.effective_on, 1, 7)
    groups = (
        select(own, txn.c.posting_period, func.min(txn.c.seq))
        .where(own != txn.c.posting_period)
        .group_by(own, txn.c.posting_period)
    )
    for due, stands, first in connection.execute(groups).all():
        passed = {month for month, seq_to in closed_at.items() if seq_to < first}
        if standing_in(date.fromisoformat(f"{due}-01"), passed) != stands:
            yield f"entry {first} of {due} stands in period {stands!r}, and should not"


def _in_order(connection: Connection, month: str, closed: Collection[str]) -> None:
    earlier = select(txn.c.posting_period).where(txn.c.posting_period < month).distinct()
    left = sorted(set(connection.execute(earlier).scalars()) - set(closed))
    if left:
        raise CannotClose(
            f"{month} cannot be closed before {', '.join(left)}; close {left[0]} first"
        )


def _all(connection: Connection) -> Iterator[Period]:
    rows = {row["id"]: row for row in connection.execute(select(_period)).mappings()}
    months = set(connection.execute(select(txn.c.posting_period).distinct()).scalars())
    for month in sorted(months | set(rows)):
        entries, sums = held(connection, month)
        row = rows.get(month)
        head = Head(seq=row["seq_to"], sha256=row["head_sha256"]) if row else None
        yield Period(
            id=month,
            entries=entries,
            cost=tuple(Money(micros=sums[one], currency=one) for one in sorted(sums)),
            closed_at=moment(row["closed_at"]) if row else None,
            closed_by=row["closed_by"] if row else None,
            head=head,
        )
