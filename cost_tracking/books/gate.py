"""Who posts, and who waits until nobody posts.

Postgres hands out sequence numbers before it knows who commits first: entry 11 may be seen while 10
is still on its way. A watermark taken at that moment would later have one entry more below it. So
who posts holds a shared lock until the end of its transaction, and who takes a watermark waits for
all of them. On SQLite there is one writer at a time, and nothing to wait for.

Take budgets' rows before this lock, never after it, or a seal between the two could make each wait
for the other.
"""

from sqlalchemy import Connection, text

_NAME = "hashtextextended('kampanj/books', 0)"


def enter(connection: Connection) -> None:
    """Be among those who post, until the transaction ends."""
    _take(connection, "pg_advisory_xact_lock_shared")


def clear(connection: Connection) -> None:
    """Wait until all who post have ended, and keep others waiting until the transaction ends."""
    _take(connection, "pg_advisory_xact_lock")


def _take(connection: Connection, function: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {function}({_NAME})"))
