"""How fast entries are posted, one by one and in batches, against the bare driver on the same work.

``python benchmarks/posting.py [--entries N] [--singles N] [--postgres URL]`` posts entries of two
lines each, every batch of 1000 and every single one committed to disk, by

a. the bare driver (``sqlite3``, ``psycopg``): rows that are ready, into the same tables with the
   same keys, constraints and triggers; nothing is looked up, fingerprinted or compared;
b. the ledger: entries that are ready, fingerprinted, idempotent by key, put into the month that is
   open.

The CPU is that of this process alone, so what Postgres does is not in it. Wall time depends on the
disk, which is synced for each commit. Sealing is no part of posting, and is timed by itself.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text

from cost_tracking import ledger
from cost_tracking.books import seals
from cost_tracking.database import open_database, upgrade, writing
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass

BATCH = 1000
AT = datetime(2026, 11, 21, tzinfo=UTC)
HEAD = (
    "idem_key, payload_sha256, kind, effective_on, recorded_at, source, source_doc, actor, "
    "posting_period"
)
LINE = "txn_seq, line_no, account, cost_type, spend_class, amount_micros, currency, campaign, waste"


def entry(number: int) -> ledger.Transaction:
    """Return an entry of two lines, under a key of its own."""
    amount = Money(micros=number + 1, currency="EUR")
    cost = ledger.Posting(
        account="cost",
        amount=amount,
        cost_type="media.inventory",
        spend_class=SpendClass.WORKING,
        campaign="spring",
    )
    owed = ledger.Posting(account="payable:meta", amount=-amount, campaign="spring")
    return ledger.Transaction(
        key=f"media/{uuid4()}",
        kind="media",
        effective_on=date(2026, 11, 1),
        postings=(cost, owed),
        source="import",
    )


def heads(count: int) -> list[tuple[object, ...]]:
    """Return rows of entries, ready to be written."""
    fixed = ("a" * 64, "media", "2026-11-01", AT.isoformat(), "import", "", "", "2026-11")
    return [(f"media/{uuid4()}", *fixed) for _ in range(count)]


def lines(seqs: Sequence[int]) -> list[tuple[object, ...]]:
    """Return the two rows of each entry."""
    kinds = (("cost", "media.inventory", "working", 1), ("payable:meta", None, None, -1))
    return [
        (seq, number, account, type_, side, sign * (seq + 1), "EUR", "spring", 0)
        for seq in seqs
        for number, (account, type_, side, sign) in enumerate(kinds, start=1)
    ]


def bare(engine: Engine, rows: Sequence[tuple[object, ...]]) -> None:
    """Write entries by the driver alone, in one transaction."""
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        (_sqlite if engine.dialect.name == "sqlite" else _postgres)(driver, rows)
    finally:
        connection.close()


def _sqlite(driver: Any, rows: Sequence[tuple[object, ...]]) -> None:
    driver.execute("BEGIN IMMEDIATE")
    [last] = driver.execute("SELECT coalesce(max(seq), 0) FROM txn").fetchone()
    seqs = range(last + 1, last + 1 + len(rows))
    numbered = [(seq, *row) for seq, row in zip(seqs, rows, strict=True)]
    driver.executemany(f"INSERT INTO txn (seq, {HEAD}) VALUES ({_marks(10, '?')})", numbered)  # noqa: S608 - our names
    driver.executemany(f"INSERT INTO posting ({LINE}) VALUES ({_marks(9, '?')})", lines(seqs))  # noqa: S608 - our names
    driver.execute("COMMIT")


def _postgres(driver: Any, rows: Sequence[tuple[object, ...]]) -> None:
    with driver.cursor() as cursor:
        if len(rows) == 1:
            head = f"INSERT INTO txn ({HEAD}) VALUES ({_marks(9, '%s')}) RETURNING seq"  # noqa: S608 - our names
            [seq] = cursor.execute(head, rows[0]).fetchone()
            insert = f"INSERT INTO posting ({LINE}) VALUES ({_marks(9, '%s')})"  # noqa: S608 - our names
            cursor.executemany(insert, lines([seq]))
        else:
            numbers = "SELECT nextval('txn_seq_seq') FROM generate_series(1, %s)"
            seqs = [seq for (seq,) in cursor.execute(numbers, (len(rows),)).fetchall()]
            with cursor.copy(f"COPY txn (seq, {HEAD}) FROM STDIN") as copy:
                for seq, row in zip(seqs, rows, strict=True):
                    copy.write_row((seq, *row))
            with cursor.copy(f"COPY posting ({LINE}) FROM STDIN") as copy:
                for line in lines(seqs):
                    copy.write_row(line)
    driver.commit()


def _marks(count: int, mark: str) -> str:
    return ", ".join([mark] * count)


def ours(engine: Engine, entries: Sequence[ledger.Transaction]) -> None:
    """Post entries in one transaction."""
    with writing(engine) as connection:
        ledger.post_all(connection, entries, AT)


def rates(write: Callable[[Any], None], batches: Sequence[Any]) -> tuple[float, float]:
    """Return entries a second, by CPU and by the clock on the wall, after one batch to warm up."""
    write(batches[0])
    count = sum(map(len, batches[1:]))
    cpu, wall = time.process_time(), time.perf_counter()
    for batch in batches[1:]:
        write(batch)
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


def measured(engine: Engine, entries: int, singles: int) -> None:
    """Print what one database does."""
    print(f"\n{engine.dialect.name}: entries of 2 lines a second, by CPU (on the wall)")
    print(f"{'':22}{'bare driver':>20}{'ledger':>20}{'ratio of CPU':>14}")
    for name, size, count in (("single, committed", 1, singles), ("batch of 1000", BATCH, entries)):
        number = max(count // size, 1) + 1
        raw = rates(lambda rows: bare(engine, rows), [heads(size) for _ in range(number)])
        posted = rates(
            lambda some: ours(engine, some),
            [[entry(place) for place in range(size)] for _ in range(number)],
        )
        said = [f"{cpu:,.0f} ({wall:,.0f})" for cpu, wall in (raw, posted)]
        print(f"{name:22}{said[0]:>20}{said[1]:>20}{raw[0] / posted[0]:>13.1f}x")
    cpu = time.process_time()
    sealed = seals.seal(engine, AT)
    took = time.process_time() - cpu
    if sealed:
        print(f"sealing, apart         {sealed.entries / took:>39,.0f}")


@contextmanager
def postgres(server: str) -> Iterator[str]:
    """Make a database, and drop it at the end."""
    name = f"kampanj_{uuid4().hex[:12]}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def at(url: str, entries: int, singles: int) -> None:
    """Measure the database at an address."""
    engine = open_database(url)
    upgrade(engine)
    measured(engine, entries, singles)
    engine.dispose()


def main() -> None:
    """Measure SQLite, and Postgres where one is named."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--entries", type=int, default=20_000)
    asked.add_argument("--singles", type=int, default=300)
    asked.add_argument("--postgres", default="", help="a server on which databases may be made")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at(f"sqlite:///{Path(folder) / 'ledger.db'}", told.entries, told.singles)
    if told.postgres:
        with postgres(told.postgres) as url:
            at(url, told.entries, told.singles)


if __name__ == "__main__":
    main()
