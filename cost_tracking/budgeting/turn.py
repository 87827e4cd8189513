"""Whose turn it is to count against limits.

One cost may count against several limits, and one transaction may post many costs: rows taken in
another order by another transaction would let the two wait for each other. So who counts takes one
lock for all limits, before any row of a budget and before the gate of the books, and only where a
limit has been set. Who sets a limit waits for all who count, whether they found one or not, or a
cost on its way would be missing from it. On SQLite there is one writer at a time.
"""

from sqlalchemy import Connection, select, text

from cost_tracking.budgeting.tables import budget_limit

_SET = "hashtextextended('kampanj/limits/set', 0)"
_COUNT = "hashtextextended('kampanj/limits/count', 0)"


def to_count(connection: Connection) -> bool:
    """Be the one who counts until the transaction ends; return whether there is a limit at all."""
    _take(connection, f"pg_advisory_xact_lock_shared({_SET})")
    some = connection.execute(select(budget_limit.c.id).limit(1)).first() is not None
    if some:
        _take(connection, f"pg_advisory_xact_lock({_COUNT})")
    return some


def to_set(connection: Connection) -> None:
    """Wait until all who count have ended, and keep others waiting until the transaction ends."""
    _take(connection, f"pg_advisory_xact_lock({_SET})")


def _take(connection: Connection, lock: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {lock}"))
