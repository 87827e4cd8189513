"""The books as they were known: everything up to a sequence number, whatever came in later.

A day would not do: an invoice of October that comes in December changes October. What was known at
a watermark never changes.
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from cost_tracking.books import gate
from cost_tracking.database import reading
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn


def watermark(engine: Engine) -> int:
    """Return the number of the newest entry, once all before it are there; 0 in empty books.

    On Postgres it waits for the transactions that are posting at this moment.
    """
    if engine.dialect.name != "postgresql":
        with reading(engine) as connection:
            return _newest(connection)
    # Not a repeatable read: its moment would be the one before the wait.
    with engine.begin() as connection:
        gate.clear(connection)
        return _newest(connection)


def watermark_at(engine: Engine, moment: datetime) -> int:
    """Return the number of the last entry before the first one that was recorded after a moment.

    It stays the same once anything was recorded after the moment, also if another machine's clock
    is behind ours.
    """
    now = watermark(engine)
    later = select(func.min(txn.c.seq)).where(txn.c.recorded_at > stamp(moment))
    with reading(engine) as connection:
        first = connection.execute(later).scalar()
    return now if first is None else min(now, int(first) - 1)


def balances(connection: Connection, until: int, *by: str) -> dict[tuple[str, ...], Money]:
    """Return what stands on each account up to a watermark.

    Args:
        connection: Of ``reading``.
        until: Of ``watermark``.
        by: Columns of ``posting`` to divide it by; ``account`` if none is given.

    Returns:
        The sums that are not 0, by the values of these columns (an empty text where there is
        none) and, last, the currency.

    """
    columns = [posting.c[name] for name in (by or ("account",))]
    query = (
        select(*columns, posting.c.currency, func.sum(posting.c.amount_micros))
        .where(posting.c.txn_seq <= until)
        .group_by(*columns, posting.c.currency)
    )
    found: dict[tuple[str, ...], Money] = {}
    for *values, currency, micros in connection.execute(query):
        if micros:
            key = (*(str(value or "") for value in values), str(currency))
            found[key] = Money(micros=int(micros), currency=currency)
    return found


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(txn.c.seq), 0))).scalar_one())
