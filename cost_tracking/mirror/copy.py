"""Keeps the copy up to date: only what came after the last time is read."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, Select, func, select

from cost_tracking.books.as_of import watermark
from cost_tracking.database import reading
from cost_tracking.entries import COST
from cost_tracking.mirror import shape
from cost_tracking.moments import stamp
from cost_tracking.tables import decision, posting, txn
from creative.decision import Decision

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 200_000
"""Lines that are read and written at a time."""


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
        copy.begin()
        _tables(copy)
        ((ledger, decisions),) = copy.execute("SELECT ledger, decisions FROM mark").fetchall()
        lines = _append(copy, "line", _lines(engine, ledger, until))
        if lines:
            _add_up(copy, ledger)
        _append(copy, "verdict", _verdicts(engine, decisions))
        newest = "SELECT coalesce(max(seq), 0) FROM verdict"
        copy.execute(f"UPDATE mark SET ledger = ?, decisions = ({newest})", [until])  # noqa: S608
        copy.commit()
    return Synced(until, lines)


def _tables(copy: "DuckDBPyConnection") -> None:
    known = {name for (name,) in copy.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "mark" in known:
        ((version,),) = copy.execute("SELECT version FROM mark").fetchall()
        if version == shape.VERSION:
            return
    for name in known:
        copy.execute(f"DROP TABLE {name}")
    for name, columns in shape.TABLES.items():
        told = ", ".join(f"{column} {kind} NOT NULL" for column, kind in columns.items())
        copy.execute(f"CREATE TABLE {name} ({told})")
    copy.execute("INSERT INTO mark VALUES (?, 0, 0, 0)", [shape.VERSION])


def _append(copy: "DuckDBPyConnection", table: str, rows: Iterator[Sequence[Any]]) -> int:
    """Write rows a batch at a time through a file: what the engine reads fastest by far."""
    count = 0
    columns = shape.TABLES[table]
    worded = [at for at, name in enumerate(columns) if name in shape.WORDS]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        while batch := list(islice(rows, BATCH)):
            cells: list[Sequence[Any]] = list(zip(*batch, strict=True))
            ids = _ids(copy, set().union(*(cells[at] for at in worded)), folder)
            for at in worded:
                cells[at] = list(map(ids.__getitem__, cells[at]))
            with path.open("w", encoding="ascii", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(zip(*cells, strict=True))
            # Every cell is a number, a moment or a word of ours: none needs quotes.
            copy.read_csv(
                str(path), header=False, columns=columns, auto_detect=False, quotechar=""
            ).insert_into(table)
            count += len(batch)
    return count


def _ids(copy: "DuckDBPyConnection", words: set[str], folder: str) -> dict[str, int]:
    """Return the number of each word; those that are new are given the next ones."""
    path = Path(folder) / "words.json"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": word}) + "\n" for word in sorted(words))
    told = copy.read_json(str(path), columns={"text": "VARCHAR"}, format="newline_delimited")
    told.create_view("told")
    copy.execute(
        """
        INSERT INTO word SELECT
            (SELECT count(*) FROM word) + row_number() OVER (ORDER BY text) - 1, text
        FROM told ANTI JOIN word USING (text)
        """
    )
    found = copy.execute("SELECT text, id FROM told JOIN word USING (text)").fetchall()
    copy.execute("DROP VIEW told")
    return dict(found)


def _add_up(copy: "DuckDBPyConnection", after: int) -> None:
    """Add the new lines to the sums of months; put groups together when they lie apart."""
    by = ", ".join(shape.DIVIDED)
    copy.execute(
        f"INSERT INTO monthly SELECT {by}, sum(micros)::BIGINT, count(*) FROM line WHERE seq > ? "  # noqa: S608 - names of ours
        f"GROUP BY {by}",
        [after],
    )
    ((rows, merged),) = copy.execute(
        "SELECT (SELECT count(*) FROM monthly), merged FROM mark"
    ).fetchall()
    # Seldom enough that a few new lines never wait for all that there is.
    if rows > 2 * merged + BATCH:
        copy.execute(
            f"CREATE TEMP TABLE whole AS SELECT {by}, sum(micros)::BIGINT AS micros, "  # noqa: S608
            f"sum(lines)::BIGINT AS lines FROM monthly GROUP BY {by} ORDER BY {by}"
        )
        copy.execute("DELETE FROM monthly")
        copy.execute("INSERT INTO monthly SELECT * FROM whole")
        copy.execute("DROP TABLE whole")
        copy.execute("UPDATE mark SET merged = (SELECT count(*) FROM monthly)")


def _lines(engine: Engine, after: int, until: int) -> Iterator[Sequence[object]]:
    query = (
        select(
            posting.c.txn_seq,
            func.substr(txn.c.effective_on, 1, 7),
            posting.c.cost_type,
            *(func.coalesce(posting.c[name], "") for name in shape.NAMES),
            posting.c.currency,
            *(posting.c[name] for name in shape.FLAGS),
            posting.c.amount_micros,
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .where(posting.c.account == COST, txn.c.seq > after, txn.c.seq <= until)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    yield from _streamed(engine, query)


def _verdicts(engine: Engine, after: int) -> Iterator[Sequence[object]]:
    query = (
        select(decision.c.seq, decision.c.statement)
        .where(decision.c.seq > after)
        .order_by(decision.c.seq)
    )
    for seq, statement in _streamed(engine, query):
        one = Decision.model_validate_json(statement)
        yield seq, one.asset.partition("_")[0], one.asset, one.verdict.value, stamp(one.at)


def _streamed(engine: Engine, query: Select[Any]) -> Iterable[Any]:
    """Yield the rows of a query without holding all of them."""
    with reading(engine) as connection:
        options = {"stream_results": True, "yield_per": 20_000}
        yield from connection.execution_options(**options).execute(query)
