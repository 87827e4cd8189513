"""The four main sums over a growing ledger: from its copy in columns, against SQLite itself.

``python benchmarks/mirror.py [--lines 10000 100000 1000000 10000000]`` invents a ledger of so many
costs in a temporary folder (1e7: 6 GB, and half an hour with SQLite's answers), copies it, and
prints the CPU of each question, user and system, of all threads, the quickest of three. Beside it
the same SQL on SQLite, asked once above 1e6; both must answer the same. ``--without-sqlite`` leaves
that out; ``--folder`` keeps the ledgers for another time. ``benchmarks/peers.py`` asks programs of
others.
"""

import argparse
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import process_time
from typing import NamedTuple

from invented import fill, sides

from cost_tracking.database import open_database
from cost_tracking.mirror.copy import sync
from cost_tracking.mirror.pivot import Asked, Part, accepted, pivot
from cost_tracking.mirror.sum_files import write_sums
from cost_tracking.policy import default_policy

POLICY = default_policy()
Answer = Mapping[tuple[str, ...], tuple[int, int]]
"""Working and non-working micros by group; non-working and accepted assets by campaign."""
QUESTIONS: Mapping[str, tuple[Part, ...]] = {
    "all": (),
    "month x campaign x market x channel": ("month", "campaign", "market", "channel"),
    "provider x cost type x month": ("provider", "cost_type", "month"),
}
SCREEN = 1000
"""How many groups of many are told as rows; all of them are written as a file."""


class Timed(NamedTuple):
    """What something took, and what it said."""

    cpu: float
    answer: Answer


def timed(ask: Callable[[], Answer], times: int = 3) -> Timed:
    """Return the CPU of the quickest."""
    told: list[Answer] = []
    taken = cpu(lambda: told.append(ask()), times)
    return Timed(taken, told[-1])


def cpu(ask: Callable[[], object], times: int = 3) -> float:
    """Return the CPU of the quickest."""
    taken = []
    for _ in range(times):
        start = process_time()
        ask()
        taken.append(process_time() - start)
    return min(taken)


def by_sqlite(path: Path, by: tuple[str, ...]) -> Answer:
    """Return the same sums, as SQL on SQLite."""
    names = {"month": "substr(effective_on, 1, 7)"}
    groups = ", ".join(names.get(one, one) for one in by)
    query = f"""
        SELECT {f"{groups}, " if by else ""} {sides(POLICY)}
        FROM posting JOIN txn ON txn.seq = posting.txn_seq
        WHERE account = 'cost' {f"GROUP BY {groups}" if by else ""}"""  # noqa: S608 - of this file
    return {row[:-2]: row[-2:] for row in _asked(path, query)}


def accepted_by_sqlite(path: Path) -> Answer:
    """Return non-working money and accepted assets of each campaign, as SQL on SQLite."""
    query = f"""
        WITH newest AS (
            SELECT json_extract(statement, '$.asset') AS asset,
                json_extract(statement, '$.verdict') AS verdict, max(seq)
            FROM decision GROUP BY 1),
        standing AS (
            SELECT substr(asset, 1, instr(asset, '_') - 1) AS campaign, count(*) AS accepted
            FROM newest WHERE verdict = 'accepted' GROUP BY 1),
        spent AS (
            SELECT campaign, {sides(POLICY)} FROM posting WHERE account = 'cost' GROUP BY campaign)
        SELECT spent.*, coalesce(accepted, 0) FROM spent LEFT JOIN standing USING (campaign)"""  # noqa: S608
    return {(row[0],): row[-2:] for row in _asked(path, query)}


def _asked(path: Path, query: str) -> list[tuple[str | int, ...]]:
    books = sqlite3.connect(path)
    try:
        return books.execute(query).fetchall()
    finally:
        books.close()


def by_copy(path: Path, by: tuple[Part, ...]) -> Answer:
    """Return our own sums."""
    return {
        one.parts: (one.working, one.non_working) for one in pivot(path, POLICY, Asked(by=by)).rows
    }


def accepted_by_copy(path: Path) -> Answer:
    """Return our own non-working money and accepted assets of each campaign."""
    found = accepted(path, POLICY, Asked())
    return {(one.campaign,): (one.non_working.micros, one.accepted) for one in found}


def measure(lines: int, kept: Path | None, *, against: bool) -> None:
    """Measure a ledger of so many costs, and print its rows."""
    with tempfile.TemporaryDirectory() as name:
        books = (kept or Path(name)) / f"{lines}.db"
        copy = Path(name) / "mirror.duckdb"
        if not books.exists():
            fill(books, lines)
        engine = open_database(f"sqlite:///{books}")
        start = process_time()
        sync(engine, copy)
        row(lines, "copying it, once", process_time() - start)
        start = process_time()
        sync(engine, copy)
        row(lines, "looking for what is new, and nothing is", process_time() - start)
        engine.dispose()
        times = 3 if lines <= 1_000_000 else 1
        for question, by in QUESTIONS.items():
            theirs = timed(lambda by=by: by_sqlite(books, by), times) if against else None
            tell(lines, question, copy, by, theirs)
        ours = timed(lambda: accepted_by_copy(copy))
        theirs = timed(lambda: accepted_by_sqlite(books), times) if against else None
        row(lines, "per accepted asset, by campaign", ours.cpu, same(ours, theirs))
        for what, asked in {
            "not of the four: the first as of an entry a tenth back": Asked(until=lines * 9 // 10),
            "not of the four: the first as of an entry in the middle": Asked(until=lines // 2),
            "not of the four: asset x month, the dearest 1,000": Asked(
                by=("asset", "month"), top=SCREEN
            ),
        }.items():
            row(lines, what, cpu(lambda asked=asked: pivot(copy, POLICY, asked)))


def tell(lines: int, question: str, copy: Path, by: tuple[Part, ...], theirs: Timed | None) -> None:
    """Print what a question takes: as rows, and where it has many, also cut and as a file."""
    ours = timed(lambda: by_copy(copy, by))
    groups = len(ours.answer)
    checked = same(ours, theirs)
    if groups <= SCREEN:
        row(lines, f"{question}: {groups:,}", ours.cpu, checked)
        return
    asked = Asked(by=by, top=SCREEN)
    few = cpu(lambda: pivot(copy, POLICY, asked))
    row(lines, f"{question}: the dearest {SCREEN:,} of {groups:,}, and the rest", few, checked)
    for form in ("csv", "parquet"):
        target = copy.with_suffix(f".{form}")
        write = partial(write_sums, copy, POLICY, Asked(by=by), target, form)
        row(lines, f"{question}: all {groups:,} into {form}", cpu(write), checked)
    row(lines, f"{question}: all {groups:,} as Python objects", ours.cpu, checked)


def same(ours: Timed, theirs: Timed | None) -> float | None:
    """Return the CPU of the other, which must have answered the same."""
    if theirs is None:
        return None
    if dict(ours.answer) != dict(theirs.answer):
        raise SystemExit("the copy and SQLite answer differently; one of them is wrong")
    return theirs.cpu


def row(lines: int, what: str, ours: float, theirs: float | None = None) -> None:
    """Print a row of the table."""
    told = f"{theirs:.3f} | {theirs / ours:.0f}x" if theirs is not None else " | "
    print(f"| {lines:,} | {what} | {ours:.3f} | {told} |", flush=True)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--without-sqlite", action="store_true")
    parser.add_argument("--folder", type=Path, help="where invented ledgers are kept")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU seconds, all threads\n")
    print("| costs | question | copy | SQLite | ratio |")
    print("|--:|--|--:|--:|--:|")
    for lines in asked.lines:
        measure(lines, asked.folder, against=not asked.without_sqlite)


if __name__ == "__main__":
    main()
