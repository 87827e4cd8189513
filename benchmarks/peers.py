"""The same two questions of the same ledger, asked of our copy and of programs of others.

``python benchmarks/peers.py [--lines 100000] [--postgres URL] [--beancount FOLDER]`` invents a
ledger of so many costs, writes it down as each program keeps one, and prints the CPU of each
answer, reading included, and its ratio to ours. All must answer the same, to the micro.

SQLite and Postgres are asked in SQL, on the tables that we keep. hledger and Beancount keep text:
they are asked by their own programs for accounts named by side, campaign, market and channel. A
program that is not here is named and left out. Beancount is installed into an environment of its
own (``--beancount``, a temporary folder if not given), never into ours; ``--beancount none`` leaves
it out.
"""

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, partial
from io import StringIO
from pathlib import Path
from time import process_time
from typing import NamedTuple
from uuid import uuid4

from invented import fill, rows, sides
from mirror import Answer, by_copy, by_sqlite, cpu
from sqlalchemy import create_engine, make_url

from cost_tracking.database import open_database, upgrade
from cost_tracking.mirror.copy import sync
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, default_policy

POLICY: Policy = default_policy()
ALL = "working and non-working, in all"
CUT = "month x campaign x market x channel"
BY = {ALL: (), CUT: ("month", "campaign", "market", "channel")}
_TXN = "seq, idem_key, payload_sha256, kind, effective_on, recorded_at, source, source_doc, actor"
_POSTING = (
    "txn_seq, line_no, account, cost_type, spend_class, amount_micros, currency, campaign, "
    "market, channel, provider, waste"
)


class Said(NamedTuple):
    """What somebody answered, and for how much."""

    who: str
    question: str
    cpu: float
    answer: Answer


def ours(copy: Path) -> Iterator[Said]:
    """Ask the copy in columns."""
    for question, by in BY.items():
        yield Said("kampanj", question, cpu(partial(by_copy, copy, by)), by_copy(copy, by))


def sqlite(books: Path) -> Iterator[Said]:
    """Ask SQLite."""
    for question, by in BY.items():
        yield Said("SQLite", question, cpu(partial(by_sqlite, books, by)), by_sqlite(books, by))


# Postgres.


def postgres(books: Path, server: str) -> Iterator[Said]:
    """Ask Postgres, in one backend whose CPU the kernel tells, on the tables that we keep there."""
    with _database(server) as url:
        engine = open_database(url)
        upgrade(engine)
        connection = engine.raw_connection()
        driver = connection.driver_connection
        if driver is None:
            raise SystemExit("Postgres gave no connection")
        _load(driver, books)
        for question, by in BY.items():
            names = {"month": "substr(effective_on, 1, 7)"}
            groups = ", ".join(names.get(one, one) for one in by)
            query = f"""
                SELECT {f"{groups}, " if by else ""} {sides(POLICY)}
                FROM posting JOIN txn ON txn.seq = posting.txn_seq
                WHERE account = 'cost' {f"GROUP BY {groups}" if by else ""}"""  # noqa: S608
            taken = []
            for _ in range(3):
                start = _used(driver.info.backend_pid)
                found = driver.execute(query).fetchall()
                taken.append(_used(driver.info.backend_pid) - start)
            told = {row[:-2]: (int(row[-2]), int(row[-1])) for row in found}
            yield Said("Postgres", question, min(taken), told)
        connection.close()
        engine.dispose()


def _load(driver: object, books: Path) -> None:
    import sqlite3

    source = sqlite3.connect(books)
    with driver.cursor() as cursor:  # type: ignore[attr-defined]
        for table, columns in (("txn", _TXN), ("posting", _POSTING)):
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in source.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2"):  # noqa: S608
                    copy.write_row(row)
        cursor.execute("ANALYZE")
        # One process, so that its CPU is all of it.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    source.close()


def _used(pid: int) -> float:
    """Return the CPU seconds that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"kampanj_{uuid4().hex[:12]}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


# Programs that keep text.


class Line(NamedTuple):
    """One side of one cost, as an account of a text ledger."""

    number: int
    day: str
    account: tuple[str, str, str, str]
    """Side, campaign, market, channel."""
    amount: Decimal


def lines(books: Path) -> Iterator[list[Line]]:
    """Yield each cost, divided between the sides as the policy divides it."""
    for number, day, kind, campaign, market, channel, _, micros in rows(books):
        parts = POLICY.parts(kind, Money(micros=micros, currency="EUR"))
        yield [
            Line(number, day, (side, campaign, market, channel), part.amount)
            for side, part in parts.items()
        ]


def hledger(books: Path, folder: Path) -> Iterator[Said]:
    """Ask hledger."""
    program = shutil.which("hledger")
    if program is None:
        print("hledger is not installed (Debian: apt install hledger): left out", file=sys.stderr)
        return
    journal = folder / "ledger.journal"
    with journal.open("w", encoding="utf-8") as file:
        for parts in lines(books):
            file.write(f"{parts[0].day} {parts[0].number}\n")
            file.writelines(f"  cost:{':'.join(one.account)}  {one.amount} EUR\n" for one in parts)
            file.write("  payable:x\n\n")
    asked = (program, "-f", str(journal), "balance", "cost", "--flat", "-N", "-O", "csv")
    version = _run((program, "--version"))[1].split(",")[0]
    taken, text = _run((*asked, "--depth", "2"))
    table = list(csv.reader(StringIO(text)))
    found = ((name.split(":")[1], "", cell) for name, cell in table[1:])
    yield Said(version, ALL, taken, _answer(found))
    taken, text = _run((*asked, "--monthly"))
    months, *table = csv.reader(StringIO(text))
    found = (
        (name.removeprefix("cost:"), month, cell)
        for name, *cells in table
        for month, cell in zip(months[1:], cells, strict=True)
    )
    yield Said(version, CUT, taken, _answer(found))


def beancount(books: Path, folder: Path, home: str) -> Iterator[Said]:
    """Ask Beancount, which keeps what it has read in a cache: with an empty one, and again."""
    program = _bean_query(folder, home)
    if program is None:
        return
    text = folder / "ledger.beancount"
    # An account begins with a capital letter, and it is opened before it is used.
    with text.open("w", encoding="utf-8") as file:
        file.write("2026-01-01 open Liabilities:X EUR\n")
        names: set[str] = set()
        for parts in lines(books):
            told = [("Expenses:" + ":".join(map(_capital, one.account)), one) for one in parts]
            file.writelines(
                f"2026-01-01 open {name} EUR\n" for name, _ in told if name not in names
            )
            names.update(name for name, _ in told)
            file.write(f'{parts[0].day} * "{parts[0].number}"\n')
            file.writelines(f"  {name}  {one.amount} EUR\n" for name, one in told)
            file.write(f"  Liabilities:X  {-sum(one.amount for one in parts)} EUR\n\n")
    where = "WHERE account ~ '^Expenses' GROUP BY"
    cut = f"SELECT year, month, account, sum(number) {where} year, month, account"
    whole = f"SELECT root(account, 2), sum(number) {where} root(account, 2)"
    for told, question, query in (
        ("Beancount", CUT, cut),
        ("Beancount, from its cache", CUT, cut),
        ("Beancount, from its cache", ALL, whole),
    ):
        taken, answer = _run((program, "-f", "csv", str(text), query))
        _, *table = csv.reader(StringIO(answer))
        found = (
            (":".join(map(_small, name.split(":")[1:])), "-".join(when), cell)
            for *when, name, cell in (
                (row[0], f"{int(row[1]):02}", *row[2:]) if len(row) == 4 else row for row in table
            )
        )
        yield Said(told, question, taken, _answer(found))


def _capital(name: str) -> str:
    return name.replace("_", "-").capitalize()


@cache
def _small(name: str) -> str:
    small = name.lower()
    if small == "non-working":
        return "non_working"
    return name.upper() if small[0] == "m" and small[1:].isdigit() else small


def _bean_query(folder: Path, home: str) -> str | None:
    if home == "none":
        return None
    there = shutil.which("bean-query")
    if there and not home:
        return there
    place = Path(home) if home else folder / "beancount"
    program = place / "bin" / "bean-query"
    if not program.is_file():
        venv.create(place, with_pip=True)
        install = (place / "bin" / "pip", "install", "--quiet", "beancount", "beanquery")
        done = subprocess.run(install, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or ["pip says nothing"]
            print(f"Beancount cannot be installed here: {said[0]}: left out", file=sys.stderr)
            return None
    return str(program)


def _run(command: tuple[str, ...]) -> tuple[float, str]:
    """Run a program once; return its CPU, user and system, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def _answer(found: Iterable[tuple[str, str, str]]) -> Answer:
    """Return working and non-working micros by group, from account, month and amount in EUR."""
    sums: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for account, month, cell in found:
        side, *names = account.split(":")
        amount = Decimal(cell.strip().removesuffix(" EUR").replace(",", "") or "0")
        if amount:
            sums[(month, *names) if month else ()][side] += int(amount.scaleb(6))
    return {
        group: (both[SpendClass.WORKING], both[SpendClass.NON_WORKING])
        for group, both in sums.items()
    }


def told(found: Iterable[Said]) -> None:
    """Print each answer, and stop where one differs from ours."""
    first: dict[str, Said] = {}
    for one in found:
        mine = first.setdefault(one.question, one)
        differ = _differ(mine.answer, one.answer)
        if differ:
            raise SystemExit(f"{one.who} answers {one.question!r} otherwise than we: {differ}")
        ratio = "" if mine is one else f"{one.cpu / mine.cpu:,.0f}x"
        print(f"| {one.question} | {one.who} | {one.cpu:.3f} | {ratio} |", flush=True)


def _differ(mine: Answer, other: Mapping[tuple[str, ...], tuple[int, int]]) -> str:
    for group in mine.keys() | other.keys():
        if mine.get(group) != other.get(group):
            return f"{group or 'all'}: {other.get(group)} and not {mine.get(group)}"
    return ""


def everybody(folder: Path, asked: argparse.Namespace) -> Iterator[Said]:
    """Ask all, ourselves first."""
    books, copy = folder / "kampanj.db", folder / "mirror.duckdb"
    fill(books, asked.lines)
    engine = open_database(f"sqlite:///{books}")
    start = process_time()
    sync(engine, copy)
    print(f"our copy was made in {process_time() - start:.1f} s of CPU, once\n", file=sys.stderr)
    engine.dispose()
    yield from ours(copy)
    yield from sqlite(books)
    if asked.postgres:
        yield from postgres(books, asked.postgres)
    yield from hledger(books, folder)
    yield from beancount(books, folder, asked.beancount)


def main() -> None:
    """Ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--postgres", default="", help="a server on which databases may be made")
    parser.add_argument("--beancount", default="", metavar="FOLDER|none")
    asked = parser.parse_args()
    print(
        f"{asked.lines:,} costs; CPU seconds, user and system; {os.cpu_count()} cores, load ",
        end="",
    )
    print(f"{os.getloadavg()[0]:.1f}\n\n| question | asked | CPU s | ratio |\n|--|--|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        told(everybody(Path(name), asked))


if __name__ == "__main__":
    main()
