"""What is not settled in a month when it is closed: said, and no reason to keep it open."""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, func, select

from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.tables import attempt, posting, txn


def in_month(engine: Engine, month: str) -> tuple[str, ...]:
    """Return, in words, what of a month (``YYYY-MM``) is still to come.

    That is estimates without an actual, what is left in pools, and attempts of which nobody knows
    whether they were charged.
    """
    with reading(engine) as connection:
        return (
            *_estimates(connection, month),
            *_pools(connection, month),
            *_lost(connection, month),
        )


def _estimates(connection: Connection, month: str) -> Iterator[str]:
    later = txn.alias()
    query = (
        select(func.count())
        .select_from(txn)
        .outerjoin(later, later.c.reverses == txn.c.seq)
        .where(txn.c.posting_period == month, txn.c.status == "estimate")
        .where(later.c.seq.is_(None), txn.c.reverses.is_(None))
    )
    if count := connection.execute(query).scalar_one():
        yield f"{count} entries of {month} are estimates; their actuals will stand in a later month"


def _pools(connection: Connection, month: str) -> Iterator[str]:
    left = func.sum(posting.c.amount_micros)
    query = (
        select(posting.c.account, posting.c.currency, left)
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .where(posting.c.account.like("pool:%"), txn.c.posting_period <= month)
        .group_by(posting.c.account, posting.c.currency)
        .having(left != 0)
        .order_by(posting.c.account)
    )
    for account, currency, micros in connection.execute(query):
        rest = Money(micros=int(micros), currency=currency)
        yield f"{account} still holds {rest}, shared out to nobody"


def _lost(connection: Connection, month: str) -> Iterator[str]:
    query = select(func.count()).where(
        attempt.c.state == "suspect", func.substr(attempt.c.sent_at, 1, 7) <= month
    )
    if count := connection.execute(query).scalar_one():
        yield (
            f"{count} attempts up to {month} were lost and may have been charged; lay the bill "
            "beside them: kampanj spend reconcile"
        )
