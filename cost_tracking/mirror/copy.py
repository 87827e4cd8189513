"""Keeps the copy up to date: only what came after the last time is read."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, Select, select

from cost_tracking.books.as_of import watermark
from cost_tracking.database import reading
from cost_tracking.entries import COST
from cost_tracking.moments import stamp
from cost_tracking.tables import decision, posting, txn
from creative.decision import Decision

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 1
"""Of the copy's tables; a copy of another version is made anew."""
BATCH = 200_000
"""Lines that are read and written at a time."""
NAMES = ("campaign", "asset", "market", "locale", "placement", "channel", "provider", "stage")
"""What a line may name; what it does not name is empty text here."""
_LINE = {
    "seq": "BIGINT",
    "month": "VARCHAR",
    "day": "DATE",
    "recorded_at": "VARCHAR",
    "cost_type": "VARCHAR",
    **dict.fromkeys(NAMES, "VARCHAR"),
    "rework": "BIGINT",
    "waste": "BIGINT",
    "currency": "VARCHAR",
    "micros": "BIGINT",
}
_VERDICT = {
    "seq": "BIGINT",
    "campaign": "VARCHAR",
    "asset": "VARCHAR",
    "sha256": "VARCHAR",
    "verdict": "VARCHAR",
    "decided_at": "VARCHAR",
}
_MARK = {"version": "BIGINT", "ledger": "BIGINT", "decisions": "BIGINT"}
_TABLES = {"line": _LINE, "verdict": _VERDICT, "mark": _MARK}


class BusyMirror(Exception):
    """Another process writes to the copy at this moment."""


class Synced(NamedTuple):
    """How far the copy goes, and what was added."""

    seq: int
    """The newest entry of the ledger that is in it."""
    lines: int
    """How many lines were added this time."""


def sync(engine: Engine, path: Path) -> Synced:
    """Bring the copy up to the ledger's newest entry; it is made if it is not there.

    A crash in the middle leaves the copy as it was before.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        path: The copy's file.

    Raises:
        BusyMirror: Another process is at it.

    """
    import duckdb

    until = watermark(engine)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        copy = duckdb.connect(str(path))
    except duckdb.IOException as error:
        raise BusyMirror(
            f"{path} is being written by another process; try again, or delete it if nobody is: "
            "it is made anew from the ledger"
        ) from error
    with closing(copy):
        _tables(copy)
        ledger, decisions = copy.execute("SELECT ledger, decisions FROM mark").fetchone() or (0, 0)
        copy.begin()
        lines = _append(copy, "line", _lines(engine, ledger, until))
        _append(copy, "verdict", _verdicts(engine, decisions))
        newest = "SELECT coalesce(max(seq), 0) FROM verdict"
        copy.execute(f"UPDATE mark SET ledger = ?, decisions = ({newest})", [until])  # noqa: S608
        copy.commit()
    return Synced(until, lines)


def _tables(copy: "DuckDBPyConnection") -> None:
    known = {name for (name,) in copy.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "mark" in known:
        (version,) = copy.execute("SELECT version FROM mark").fetchone() or (0,)
        if version == VERSION:
            return
    for name in known:
        copy.execute(f"DROP TABLE {name}")
    for name, columns in _TABLES.items():
        told = ", ".join(f"{column} {kind} NOT NULL" for column, kind in columns.items())
        copy.execute(f"CREATE TABLE {name} ({told})")
    copy.execute("INSERT INTO mark VALUES (?, 0, 0)", [VERSION])


def _append(copy: "DuckDBPyConnection", table: str, rows: Iterator[Sequence[object]]) -> int:
    """Write rows a batch at a time through a file: what the engine reads fastest by far."""
    count = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        names = tuple(_TABLES[table])
        while batch := list(islice(rows, BATCH)):
            with path.open("w", encoding="utf-8") as file:
                for row in batch:
                    file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")
            told = copy.read_json(str(path), columns=_TABLES[table], format="newline_delimited")
            told.insert_into(table)
            count += len(batch)
    return count


def _lines(engine: Engine, after: int, until: int) -> Iterator[Sequence[object]]:
    query = (
        select(
            posting.c.txn_seq,
            txn.c.effective_on,
            txn.c.recorded_at,
            posting.c.cost_type,
            *(posting.c[name] for name in NAMES),
            posting.c.rework,
            posting.c.waste,
            posting.c.currency,
            posting.c.amount_micros,
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .where(posting.c.account == COST, txn.c.seq > after, txn.c.seq <= until)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    for row in _streamed(engine, query):
        seq, day, recorded_at, cost_type, *rest = row
        *names, rework, waste, currency, micros = rest
        told = [name or "" for name in names]
        yield seq, day[:7], day, recorded_at, cost_type, *told, rework, waste, currency, micros


def _verdicts(engine: Engine, after: int) -> Iterator[Sequence[object]]:
    query = (
        select(decision.c.seq, decision.c.statement)
        .where(decision.c.seq > after)
        .order_by(decision.c.seq)
    )
    for seq, statement in _streamed(engine, query):
        one = Decision.model_validate_json(statement)
        yield (
            seq,
            one.asset.partition("_")[0],
            one.asset,
            one.sha256,
            one.verdict.value,
            stamp(one.at),
        )


def _streamed(engine: Engine, query: Select[Any]) -> Iterable[Any]:
    """Yield the rows of a query without holding all of them."""
    with reading(engine) as connection:
        options = {"stream_results": True, "yield_per": 20_000}
        yield from connection.execution_options(**options).execute(query)
