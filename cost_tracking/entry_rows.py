"""Entries as the rows that hold them, read side by side in one pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, RowMapping, Table, select

from cost_tracking import tables


@dataclass(frozen=True)
class Stored:
    """What the database holds under one sequence number."""

    seq: int
    head: RowMapping | None
    """None where lines were found that belong to nothing."""
    lines: tuple[RowMapping, ...]
    usage: tuple[RowMapping, ...]


def stored(
    connection: Connection, after: int | None = None, until: int | None = None
) -> Iterator[Stored]:
    """Return what is stored, by sequence number, whether it makes entries or not.

    Args:
        connection: Of ``reading``, so that all of it is of one moment.
        after: Leave out what has this number or a lower one; None leaves out nothing, not even
            what somebody put in under a number below 1.
        until: The last number, or None for all.

    """
    heads = _by_entry(connection, tables.txn, after, until)
    lines = _by_entry(connection, tables.posting, after, until)
    usage = _by_entry(connection, tables.usage, after, until)
    while ahead := [one.seq for one in (heads, lines, usage) if one.seq is not None]:
        seq = min(ahead)
        head = heads.take(seq)
        yield Stored(seq, head[0] if head else None, lines.take(seq), usage.take(seq))


class _Walk:
    """The rows of one table, handed out by the entry that they belong to."""

    def __init__(self, rows: Iterator[tuple[int, Iterator[RowMapping]]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    @property
    def seq(self) -> int | None:
        """Return the entry whose rows come next."""
        return self._next[0] if self._next else None

    def take(self, seq: int) -> tuple[RowMapping, ...]:
        """Return the rows of an entry, which may have none here."""
        if self._next is None or self._next[0] != seq:
            return ()
        rows = tuple(self._next[1])
        self._next = next(self._rows, None)
        return rows


def _by_entry(connection: Connection, table: Table, after: int | None, until: int | None) -> _Walk:
    first, *rest = table.primary_key.columns
    query = select(table).order_by(first, *rest)
    if after is not None:
        query = query.where(first > after)
    if until is not None:
        query = query.where(first <= until)
    rows = connection.execute(query, execution_options={"yield_per": 2000}).mappings()
    return _Walk(groupby(rows, key=lambda row: int(row[first.name])))
