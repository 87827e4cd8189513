"""Writes many rows of the books at once, by the quickest way that each database has.

SQLAlchemy would do the same; it takes two to four times as long over it, and a month's import is
millions of rows. What is written, and whether it may be, is decided in ``cost_tracking.ledger``.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, func, select

from cost_tracking.tables import txn

COPIED = 50
"""From so many rows on, Postgres takes them by COPY; below, setting that up costs more."""


def add_heads(connection: Connection, heads: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """Insert rows of ``txn`` with new keys, in this order.

    Args:
        connection: In a transaction that may write, and that has entered the gate.
        heads: All with the same columns, without ``seq``.

    Returns:
        The sequence number of each that was inserted, by ``idem_key``. One whose key another
        process has posted since the caller looked is left out, and its row stands.

    """
    columns = tuple(heads[0])
    if connection.dialect.name == "postgresql":
        lists = tuple([head[name] for head in heads] for name in columns)
        rows = connection.exec_driver_sql(_unnested(columns), lists)
        return {str(key): int(seq) for key, seq in rows}
    # The one writer of the moment: nobody else takes these numbers or keys.
    last = int(connection.execute(select(func.coalesce(func.max(txn.c.seq), 0))).scalar_one())
    numbered = [(last + place, *head.values()) for place, head in enumerate(heads, start=1)]
    connection.exec_driver_sql(_insert(txn.name, ("seq", *columns), "?"), numbered)
    return {str(head["idem_key"]): last + place for place, head in enumerate(heads, start=1)}


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of a table.

    Args:
        connection: In a transaction that may write.
        table: Whose rows they are.
        rows: All with the same columns, in the same order.

    """
    if not rows:
        return
    columns = tuple(rows[0])
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(
            _insert(table.name, columns, "?"), [tuple(row.values()) for row in rows]
        )
    elif len(rows) < COPIED:
        connection.exec_driver_sql(
            _insert(table.name, columns, "%s"), [tuple(row.values()) for row in rows]
        )
    else:
        driver: Any = connection.connection
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))


@cache
def _insert(table: str, columns: tuple[str, ...], mark: str) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our names


@cache
def _unnested(columns: tuple[str, ...]) -> str:
    whole = {column.name for column in txn.columns if isinstance(column.type, BigInteger)}
    names = ", ".join(columns)
    lists = ", ".join(f"%s::{'bigint' if one in whole else 'text'}[]" for one in columns)
    return (
        f"INSERT INTO txn ({names}) SELECT {names} FROM unnest({lists}) "  # noqa: S608 - our names
        f"WITH ORDINALITY AS fresh ({names}, place) ORDER BY place "
        "ON CONFLICT (idem_key) DO NOTHING RETURNING idem_key, seq"
    )
