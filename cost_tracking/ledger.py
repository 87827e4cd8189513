"""The ledger: balanced entries that are only ever added to.

A mistake is undone by a reversal. An entry is idempotent by its key: the same key with the same
content is the same entry, and with other content it is a conflict.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, Table, select

from cost_tracking import tables
from cost_tracking.books import batches, gate
from cost_tracking.books.periods import closed_months, standing_in
from cost_tracking.budgeting import limits, turn
from cost_tracking.entries import (
    COST,
    IdempotencyConflict,
    Posting,
    Transaction,
    UnknownEntry,
    entry_of,
    mirror,
)
from cost_tracking.moments import stamp
from cost_tracking.proof import check
from cost_tracking.ready import HEAD, LINE, USAGE, Ready, ready
from cost_tracking.usage import UsageLine

__all__ = [
    "COST",
    "IdempotencyConflict",
    "Posting",
    "Transaction",
    "UnknownEntry",
    "UsageLine",
    "check",
    "post",
    "post_all",
    "post_ready",
    "read",
    "read_all",
    "reverse",
    "reverse_all",
]

_T = TypeVar("_T")
_HEAD = (*HEAD, "recorded_at", "posting_period", "reverses", "supersedes")


def post(connection: Connection, transaction: Transaction, at: datetime) -> int:
    """Post one entry in the caller's transaction; a second time it changes nothing.

    Returns:
        Its sequence number: the order in which the ledger learned of it.

    Raises:
        IdempotencyConflict: The key stands for another entry.

    """
    return post_all(connection, [transaction], at)[0]


def post_all(
    connection: Connection, transactions: Iterable[Transaction], at: datetime
) -> list[int]:
    """Post many entries at once, all or none; see ``post_ready``."""
    return post_ready(connection, list(map(ready, transactions)), at)


def post_ready(connection: Connection, entries: Sequence[Ready], at: datetime) -> list[int]:
    """Post many entries at once, all or none; see ``post``.

    Args:
        connection: In the caller's transaction.
        entries: In the order that the ledger is to learn of them.
        at: When they are recorded.

    Returns:
        Their sequence numbers, in the order given.

    Raises:
        IdempotencyConflict: A key stands for another entry.
        UnknownEntry: One of them takes back, or the place of, an entry that is not there.

    """
    if not entries:
        return []
    limited = turn.to_count(connection)
    gate.enter(connection)
    closed = closed_months(connection)
    meant = {key for one in entries for key in (one.reverses, one.supersedes) if key}
    earlier = _sequences(connection, sorted(meant))
    known = _known(connection, [one.key for one in entries])
    recorded = stamp(at)
    fresh: dict[str, tuple[Ready, batches.Cells]] = {}
    for one in entries:
        head = _head(one, recorded, earlier, closed)
        if one.key not in known:
            fresh.setdefault(one.key, (one, head))
    if fresh:
        # Another process may post the same key between the look and the write; then its row
        # stands, and ours is compared with it below.
        heads = [head for _, head in fresh.values()]
        ours = batches.add_heads(connection, _HEAD, heads)
        mine = [(ours[key], new) for key, (new, _) in fresh.items() if key in ours]
        lines = [
            (seq, number, *line)
            for seq, one in mine
            for number, line in enumerate(one.lines, start=1)
        ]
        usage = [(seq, *line) for seq, one in mine for line in one.usage]
        batches.add_rows(connection, tables.posting, ("txn_seq", "line_no", *LINE), lines)
        batches.add_rows(connection, tables.usage, ("txn_seq", *USAGE), usage)
        if limited:
            limits.count(connection, sorted(seq for seq, _ in mine))
        known |= {one.key: (seq, one.sha256) for seq, one in mine}
        known |= _known(connection, [key for key in fresh if key not in ours])
    for one in entries:
        if known[one.key][1] != one.sha256:
            raise IdempotencyConflict(
                f"the ledger holds another entry under {one.key}; reverse it before you post a "
                "changed one, under a key of its own"
            )
    return [known[one.key][0] for one in entries]


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
    return reverse_all(connection, [key], at, actor=actor, reason=reason)[0]


def reverse_all(
    connection: Connection, keys: Sequence[str], at: datetime, *, actor: str, reason: str
) -> list[int]:
    """Take many entries back at once, all or none; see ``reverse``.

    Raises:
        UnknownEntry: There is no entry of one of the keys; nothing was taken back.

    """
    done = _known(connection, [_reversal(key) for key in keys])
    left = [key for key in dict.fromkeys(keys) if _reversal(key) not in done]
    reversals = [
        Transaction.model_validate(
            {
                **mirror(entry),
                "key": _reversal(entry.key),
                "kind": "reversal",
                "effective_on": entry.effective_on,
                "source": entry.source,
                "source_doc": reason,
                "actor": actor,
                "run": entry.run,
                "status": entry.status,
                "reverses": entry.key,
            }
        )
        for entry in read_all(connection, left)
    ]
    seqs = dict(zip(left, post_all(connection, reversals, at), strict=True))
    return [seqs[key] if key in seqs else done[_reversal(key)][0] for key in keys]


def read(connection: Connection, key: str) -> Transaction:
    """Return an entry as it was posted.

    Raises:
        UnknownEntry: There is none under this key.

    """
    return read_all(connection, [key])[0]


def read_all(connection: Connection, keys: Sequence[str]) -> list[Transaction]:
    """Return entries as they were posted, in the order of their keys.

    Raises:
        UnknownEntry: There is none under one of them.

    """
    txn = tables.txn
    heads = {
        head["idem_key"]: head
        for some in _slices(keys)
        for head in connection.execute(select(txn).where(txn.c.idem_key.in_(some))).mappings()
    }
    lost = [key for key in keys if key not in heads]
    if lost:
        raise UnknownEntry(f"the ledger has no entry {lost[0]!r}")
    lines = _of_entries(connection, tables.posting, heads)
    usage = _of_entries(connection, tables.usage, heads)
    meant = sorted(
        {head[name] for head in heads.values() for name in ("reverses", "supersedes")} - {None}
    )
    names: dict[int, str] = {}
    for some in _slices(meant):
        query = select(txn.c.seq, txn.c.idem_key).where(txn.c.seq.in_(some))
        names |= dict(connection.execute(query).all())
    return [
        entry_of(
            heads[key],
            lines[heads[key]["seq"]],
            usage[heads[key]["seq"]],
            reverses=names.get(heads[key]["reverses"]),
            supersedes=names.get(heads[key]["supersedes"]),
        )
        for key in keys
    ]


def _of_entries(
    connection: Connection, table: Table, heads: Mapping[str, RowMapping]
) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = defaultdict(list)
    for some in _slices([head["seq"] for head in heads.values()]):
        query = select(table).where(table.c.txn_seq.in_(some)).order_by(table.c.line_no)
        for row in connection.execute(query).mappings():
            found[row["txn_seq"]].append(row)
    return found


def _reversal(key: str) -> str:
    return f"reversal/{key}"


def _head(
    one: Ready, recorded: str, earlier: Mapping[str, int], closed: Collection[str]
) -> batches.Cells:
    for verb, key in (("takes back", one.reverses), ("takes the place of", one.supersedes)):
        if key and key not in earlier:
            raise UnknownEntry(f"{one.key} {verb} {key!r}, which the ledger has not")
    return (
        *one.head,
        recorded,
        standing_in(one.effective_on, closed),
        earlier[one.reverses] if one.reverses else None,
        earlier[one.supersedes] if one.supersedes else None,
    )


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    txn = tables.txn
    found: dict[str, tuple[int, str]] = {}
    for some in _slices(keys):
        query = select(txn.c.idem_key, txn.c.seq, txn.c.payload_sha256)
        rows = connection.execute(query.where(txn.c.idem_key.in_(some)))
        found |= {key: (seq, sha256) for key, seq, sha256 in rows}
    return found


def _slices(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    # SQLite binds at most 32,766 values in one statement.
    return (values[start : start + 10_000] for start in range(0, len(values), 10_000))


def _sequences(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    return {key: seq for key, (seq, _) in _known(connection, keys).items()}
