"""Writes many rows of the books at once, by the quickest way that each database has.

SQLAlchemy would do the same; it takes two to four times as long over it, and a month's import is
millions of rows. What is written, and whether it may be, is decided in ``cost_tracking.ledger``.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, func, select

from cost_tracking.tables import txn

Columns = tuple[str, ...]
Cells = tuple[object, ...]
COPIED = 50
"""From so many rows on, Postgres takes them by COPY; below, setting that up costs more."""
TOGETHER = 40
"""How many rows a statement of SQLite inserts; it binds at most 32,766 values."""


def add_heads(connection: Connection, columns: Columns, heads: Sequence[Cells]) -> dict[str, int]:
    """Insert rows of ``txn`` with new keys, in this order.

    Args:
        connection: In a transaction that may write, and that has entered the gate.
        columns: Of the heads, without ``seq``; the first is ``idem_key``.
        heads: At least one.

    Returns:
        The sequence number of each that was inserted, by ``idem_key``. One whose key another
        process has posted since the caller looked is left out, and its row stands.

    """
    if connection.dialect.name == "postgresql":
        lists = tuple(map(list, zip(*heads, strict=True)))
        rows = connection.exec_driver_sql(_unnested(columns), lists)
        return {str(key): int(seq) for key, seq in rows}
    # The one writer of the moment: nobody else takes these numbers or keys.
    last = int(connection.execute(select(func.coalesce(func.max(txn.c.seq), 0))).scalar_one())
    numbered = [(last + place, *head) for place, head in enumerate(heads, start=1)]
    _insert_some(connection, txn.name, ("seq", *columns), numbered)
    return {str(head[0]): last + place for place, head in enumerate(heads, start=1)}


def add_rows(connection: Connection, table: Table, columns: Columns, rows: Sequence[Cells]) -> None:
    """Insert rows of a table.

    Args:
        connection: In a transaction that may write.
        table: Whose rows they are.
        columns: Of the rows, in their order.
        rows: None at all changes nothing.

    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        _insert_some(connection, table.name, columns, rows)
    elif len(rows) < COPIED:
        connection.exec_driver_sql(_insert(table.name, columns, "%s"), list(rows))
    else:
        driver: Any = connection.connection
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _insert_some(
    connection: Connection, table: str, columns: Columns, rows: Sequence[Cells]
) -> None:
    # A table with triggers costs SQLite a journal for each statement; so one takes many rows.
    whole = len(rows) - len(rows) % TOGETHER
    if whole:
        columns, rows = _filled(columns, rows)
    if whole:
        connection.exec_driver_sql(
            _insert(table, columns, "?", TOGETHER),
            [
                tuple(chain.from_iterable(rows[start : start + TOGETHER]))
                for start in range(0, whole, TOGETHER)
            ],
        )
    if rows[whole:]:
        connection.exec_driver_sql(_insert(table, columns, "?"), list(rows[whole:]))


def _filled(columns: Columns, rows: Sequence[Cells]) -> tuple[Columns, Sequence[Cells]]:
    """Return rows without the columns in which nothing stands: each costs its time, and is NULL."""
    cells = {
        name: column
        for name, column in zip(columns, zip(*rows, strict=True), strict=True)
        if column.count(None) < len(column)
    }
    return tuple(cells), list(zip(*cells.values(), strict=True))


@cache
def _insert(table: str, columns: Columns, mark: str, rows: int = 1) -> str:
    marks = ", ".join([f"({', '.join([mark] * len(columns))})"] * rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks}"  # noqa: S608 - our names


@cache
def _unnested(columns: Columns) -> str:
    whole = {column.name for column in txn.columns if isinstance(column.type, BigInteger)}
    names = ", ".join(columns)
    lists = ", ".join(f"%s::{'bigint' if one in whole else 'text'}[]" for one in columns)
    return (
        f"INSERT INTO txn ({names}) SELECT {names} FROM unnest({lists}) "  # noqa: S608 - our names
        f"WITH ORDINALITY AS fresh ({names}, place) ORDER BY place "
        "ON CONFLICT (idem_key) DO NOTHING RETURNING idem_key, seq"
    )
