"""Whether the copy in columns still sums to the ledger that it was made from."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, select

from cost_tracking.entries import COST
from cost_tracking.tables import posting


def faults(connection: Connection, path: Path) -> Iterator[str]:
    """Yield where the copy does not agree, by cost type and currency, up to its newest entry.

    Args:
        connection: Of ``reading``.
        path: The copy's file; where there is none, there is nothing to disagree.

    """
    if not path.is_file():
        return
    import duckdb

    try:
        with closing(duckdb.connect(str(path), read_only=True)) as copy:
            ((until,),) = copy.execute("SELECT ledger FROM mark").fetchall()
            held = {table: copy.execute(_SUMS[table]).fetchall() for table in _SUMS}
    except duckdb.Error as error:
        said = " ".join(str(error).split())
        yield f"{path} cannot be read: {said}; delete it, it is made anew from the ledger"
        return
    query = (
        select(
            posting.c.cost_type,
            posting.c.currency,
            func.sum(posting.c.amount_micros),
            func.count(),
        )
        .where(posting.c.account == COST, posting.c.txn_seq <= until)
        .group_by(posting.c.cost_type, posting.c.currency)
    )
    books = {
        (kind, money): (int(total), count)
        for kind, money, total, count in connection.execute(query)
    }
    for table, rows in held.items():
        ours = {(kind, money): (int(total), int(count)) for kind, money, total, count in rows}
        for kind, money in sorted(ours.keys() | books.keys()):
            if ours.get((kind, money)) != books.get((kind, money)):
                yield (
                    f"{path} ({table}) sums {kind} in {money} otherwise than the ledger does up to "
                    f"entry {until}; delete it, it is made anew"
                )


_SUMS = {
    table: f"""
        SELECT kind.text, money.text, sum(micros), {lines}
        FROM {table} JOIN word AS kind ON kind.id = cost_type
        JOIN word AS money ON money.id = currency GROUP BY ALL"""  # noqa: S608 - of this file
    for table, lines in (("line", "count(*)"), ("monthly", "sum(lines)"))
}
