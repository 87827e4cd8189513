"""The ledger: balanced entries that are only ever added to.

A mistake is undone by a reversal. An entry is idempotent by its key: the same key with the same
content is the same entry, and with other content it is a conflict.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from cost_tracking import tables
from cost_tracking.entries import (
    COST,
    IdempotencyConflict,
    Posting,
    Transaction,
    UnknownEntry,
    entry_of,
)
from cost_tracking.moments import stamp
from cost_tracking.proof import check

__all__ = [
    "COST",
    "IdempotencyConflict",
    "Posting",
    "Transaction",
    "UnknownEntry",
    "check",
    "post",
    "post_all",
    "read",
    "reverse",
]


def post(connection: Connection, transaction: Transaction, at: datetime) -> int:
    """Post one entry in the caller's transaction; a second time it changes nothing.

    Returns:
        Its sequence number: the order in which the ledger learned of it.

    Raises:
        IdempotencyConflict: The key stands for another entry.

    """
    return post_all(connection, [transaction], at)[0]


def post_all(
    connection: Connection, transactions: Sequence[Transaction], at: datetime
) -> list[int]:
    """Post many entries at once, all or none; see ``post``.

    Args:
        connection: In the caller's transaction.
        transactions: In the order that the ledger is to learn of them.
        at: When they are recorded.

    Returns:
        Their sequence numbers, in the order given.

    Raises:
        IdempotencyConflict: A key stands for another entry.
        UnknownEntry: One of them takes back an entry that is not there.

    """
    if not transactions:
        return []
    taken_back = _sequences(connection, [one.reverses for one in transactions if one.reverses])
    heads = [_head(one, at, taken_back) for one in transactions]
    known = _known(connection, [one.key for one in transactions])
    fresh = {head["idem_key"]: head for head in heads if head["idem_key"] not in known}
    if fresh:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        # Another process may post the same key between the look and the write; then its row
        # stands, and ours is compared with it below.
        statement = dialect.insert(tables.txn).on_conflict_do_nothing(index_elements=["idem_key"])
        returning = statement.returning(tables.txn.c.idem_key, tables.txn.c.seq)
        ours: dict[str, int] = dict(connection.execute(returning, list(fresh.values())).all())
        lines = [
            {**_line(posting), "txn_seq": ours[one.key], "line_no": number}
            for one in {one.key: one for one in transactions}.values()
            if one.key in ours
            for number, posting in enumerate(one.postings, start=1)
        ]
        if lines:
            connection.execute(insert(tables.posting), lines)
        known = _known(connection, [one.key for one in transactions])
    for one in transactions:
        if known[one.key][1] != one.sha256:
            raise IdempotencyConflict(
                f"the ledger holds another entry under {one.key}; reverse it before you post a "
                "changed one, under a key of its own"
            )
    return [known[one.key][0] for one in transactions]


def reverse(connection: Connection, key: str, at: datetime, *, actor: str, reason: str) -> int:
    """Take an entry back by its mirror image; a second reversal changes nothing.

    Args:
        connection: In the caller's transaction.
        key: Of the entry to take back.
        at: When it is taken back; the mirror belongs to the same day as the entry.
        actor: Who does it.
        reason: Why.

    Returns:
        The sequence number of the reversal.

    Raises:
        UnknownEntry: There is no such entry.

    """
    done = _known(connection, [_reversal(key)])
    if done:
        return done[_reversal(key)][0]
    entry = read(connection, key)
    mirrored = tuple(line.model_copy(update={"amount": -line.amount}) for line in entry.postings)
    mirror = Transaction(
        key=_reversal(key),
        kind="reversal",
        effective_on=entry.effective_on,
        postings=mirrored,
        source=entry.source,
        source_doc=reason,
        actor=actor,
        run=entry.run,
        reverses=key,
    )
    return post(connection, mirror, at)


def read(connection: Connection, key: str) -> Transaction:
    """Return an entry as it was posted.

    Raises:
        UnknownEntry: There is none under this key.

    """
    txn, posting = tables.txn, tables.posting
    head = connection.execute(select(txn).where(txn.c.idem_key == key)).mappings().one_or_none()
    if head is None:
        raise UnknownEntry(f"the ledger has no entry {key!r}")
    lines = connection.execute(
        select(posting).where(posting.c.txn_seq == head["seq"]).order_by(posting.c.line_no)
    ).mappings()
    origin = txn.alias()
    reverses = connection.execute(
        select(origin.c.idem_key).where(origin.c.seq == head["reverses"])
    ).scalar_one_or_none()
    return entry_of(head, lines.all(), reverses)


def _reversal(key: str) -> str:
    return f"reversal/{key}"


def _head(one: Transaction, at: datetime, taken_back: dict[str, int]) -> dict[str, object]:
    if one.reverses and one.reverses not in taken_back:
        raise UnknownEntry(f"{one.key} takes back {one.reverses!r}, which the ledger has not")
    return {
        "idem_key": one.key,
        "payload_sha256": one.sha256,
        "kind": one.kind,
        "effective_on": one.effective_on.isoformat(),
        "recorded_at": stamp(at),
        "source": one.source,
        "source_doc": one.source_doc,
        "actor": one.actor,
        "run": one.run,
        "reverses": taken_back[one.reverses] if one.reverses else None,
    }


def _line(posting: Posting) -> dict[str, object]:
    row = posting.model_dump(mode="json", exclude={"amount", "waste"})
    return {
        **row,
        "amount_micros": posting.amount.micros,
        "currency": posting.amount.currency,
        "waste": int(posting.waste),
    }


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    txn = tables.txn
    found: dict[str, tuple[int, str]] = {}
    # SQLite binds at most 32,766 values in one statement.
    for start in range(0, len(keys), 10_000):
        some = keys[start : start + 10_000]
        query = select(txn.c.idem_key, txn.c.seq, txn.c.payload_sha256)
        rows = connection.execute(query.where(txn.c.idem_key.in_(some)))
        found |= {key: (seq, sha256) for key, seq, sha256 in rows}
    return found


def _sequences(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    return {key: seq for key, (seq, _) in _known(connection, keys).items()}
