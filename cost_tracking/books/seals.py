"""Seals the books: a chain of hashes over every entry, kept apart from the posting of them.

Each entry's hash covers all of its rows and the hash before it, so that an entry that is changed,
taken out or put in breaks every seal after it. What is cut off at the end breaks none: for that a
head is published (``Head``), in every manifest and report and beside the database, and compared
later.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256

from pydantic import AwareDatetime
from sqlalchemy import Connection, Engine, RowMapping, func, insert, select

from cost_tracking import tables
from cost_tracking.books import gate
from cost_tracking.books.as_of import watermark
from cost_tracking.books.head import START, Head
from cost_tracking.books.tables import seal as _seal
from cost_tracking.database import lock, reading, writing
from cost_tracking.entries import COST
from cost_tracking.entry_rows import Stored, stored
from cost_tracking.moments import moment, stamp
from cost_tracking.money import Money
from creative.value import Value, canonical

BATCH = 1000
"""How many entries a seal is for at most; a broken one is searched for among so many."""


class Seal(Value):
    """One seal: the chain of hashes up to an entry, and what all of them came to."""

    head: Head
    entries: int
    """How many entries there are up to it."""
    cost: tuple[Money, ...]
    """What they have cost, by currency."""
    sealed_at: AwareDatetime


def seal(engine: Engine, at: datetime) -> Seal | None:
    """Seal all entries that are not sealed yet.

    It is no part of posting: the hashes are worked out without keeping anybody waiting, and only
    then written. Several may do so at once.

    Returns:
        The newest seal, or None in empty books.

    """
    until = watermark(engine)
    while True:
        with reading(engine) as connection:
            before = newest(connection)
            rows = list(_sealed(connection, before, until, at))
        if not rows:
            return before
        with writing(engine) as connection:
            lock(connection, "kampanj/seals")
            if newest(connection) == before:
                connection.execute(insert(_seal), rows)
                return newest(connection)


def seal_now(connection: Connection, at: datetime) -> Seal | None:
    """Seal in the caller's transaction, which keeps everybody from posting until it ends."""
    gate.clear(connection)
    lock(connection, "kampanj/seals")
    until = int(
        connection.execute(select(func.coalesce(func.max(tables.txn.c.seq), 0))).scalar_one()
    )
    rows = list(_sealed(connection, newest(connection), until, at))
    if rows:
        connection.execute(insert(_seal), rows)
    return newest(connection)


def newest(connection: Connection, until: int | None = None) -> Seal | None:
    """Return the newest seal, or None before the first.

    Args:
        connection: Of ``reading``.
        until: Only what reaches no further than this entry; None for the newest of all.

    """
    query = select(_seal).order_by(_seal.c.seq_to.desc()).limit(1)
    if until is not None:
        query = query.where(_seal.c.seq_to <= until)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _seal_of(row)


def holds(connection: Connection, head: Head) -> bool:
    """Say whether a head that was published once is still in the chain."""
    if head.sha256 == START:
        return True
    query = select(_seal.c.sha256).where(_seal.c.seq_to == head.seq)
    return connection.execute(query).scalar_one_or_none() == head.sha256


def unsealed(connection: Connection) -> int:
    """Return how many entries are not sealed yet."""
    last = newest(connection)
    query = select(func.count()).select_from(tables.txn)
    if last:
        query = query.where(tables.txn.c.seq > last.head.seq)
    return int(connection.execute(query).scalar_one())


def faults(connection: Connection) -> Iterator[str]:
    """Work the chain out again and yield what does not agree with it.

    After a broken seal it goes on from what that seal says, so that one changed entry is one fault.
    """
    before: Seal | None = None
    for row in connection.execute(select(_seal).order_by(_seal.c.seq_to)).mappings().all():
        told = _seal_of(row)
        first = before.head.seq + 1 if before else 1
        where = f"entries {first} to {told.head.seq}"
        if row["prev_sha256"] != (before.head.sha256 if before else START):
            yield f"{where}: their seal does not follow the one before it"
        chain = _Chain(before)
        for one in stored(connection, before.head.seq if before else None, told.head.seq):
            chain.add(one)
        if chain.entries != told.entries:
            gone = told.entries - chain.entries
            change = f"{abs(gone)} {'are gone' if gone > 0 else 'were put in'}"
            yield f"{where}: {change} since they were sealed"
        elif chain.sha256 != told.head.sha256 or chain.cost != told.cost:
            yield f"{where}: one of them is not what was sealed on {told.sealed_at:%Y-%m-%d %H:%M}"
        before = told


class _Chain:
    """The hashes, worked out entry by entry."""

    def __init__(self, before: Seal | None) -> None:
        self.sha256 = before.head.sha256 if before else START
        self.entries = before.entries if before else 0
        self._sums = Counter({one.currency: one.micros for one in before.cost} if before else {})

    @property
    def cost(self) -> tuple[Money, ...]:
        """Return what the entries have cost."""
        return tuple(
            Money(micros=self._sums[one], currency=one)
            for one in sorted(self._sums)
            if self._sums[one]
        )

    @property
    def sums(self) -> str:
        """Return it as it is kept."""
        return canonical({one.currency: one.micros for one in self.cost}).decode()

    def add(self, one: Stored) -> None:
        """Link an entry, or lines without one, to those before it."""
        usage = sorted(one.usage, key=lambda row: (row["line_no"], row["meter"]))
        said = {
            "head": _said(one.head) if one.head else None,
            "lines": [_said(row) for row in one.lines],
            "usage": [_said(row) for row in usage],
        }
        self.sha256 = sha256(f"{self.sha256}\n".encode() + canonical(said)).hexdigest()
        self.entries += one.head is not None
        for row in one.lines:
            if row["account"] == COST:
                self._sums[row["currency"]] += row["amount_micros"]


def _said(row: RowMapping) -> dict[str, object]:
    # What is not said is left out, so that a column that is added later breaks no old seal.
    return {name: value for name, value in row.items() if value is not None}


def _sealed(
    connection: Connection, before: Seal | None, until: int, at: datetime
) -> Iterator[Mapping[str, object]]:
    chain = _Chain(before)
    previous, waiting, seq = chain.sha256, 0, 0
    for one in stored(connection, before.head.seq if before else None, until):
        chain.add(one)
        waiting, seq = waiting + 1, one.seq
        if waiting == BATCH:
            yield _row(chain, previous, seq, at)
            previous, waiting = chain.sha256, 0
    if waiting:
        yield _row(chain, previous, seq, at)


def _row(chain: _Chain, previous: str, seq: int, at: datetime) -> Mapping[str, object]:
    return {
        "seq_to": seq,
        "prev_sha256": previous,
        "sha256": chain.sha256,
        "entries": chain.entries,
        "sums": chain.sums,
        "sealed_at": stamp(at),
    }


def _seal_of(row: RowMapping) -> Seal:
    sums = json.loads(row["sums"])
    return Seal(
        head=Head(seq=row["seq_to"], sha256=row["sha256"]),
        entries=row["entries"],
        cost=tuple(Money(micros=sums[one], currency=one) for one in sorted(sums)),
        sealed_at=moment(row["sealed_at"]),
    )
