"""How long an export of media spend takes to be read, checked, joined to assets and posted.

``python benchmarks/media_import.py [--rows 100000] [--postgres URL]`` writes an export of so many
rows as Meta's Ads Manager would, of 540 assets of one campaign and some ads that are nobody's, and
imports it three times: new; again, when nothing may change; and with one row of a hundred restated,
when those are reversed and posted anew. Printed is the CPU of this process, user and system, and
what it comes to a row; on Postgres the server's own is not in it. Beside SQLite stands the bare
driver: the same file read by ``csv``, and the same rows, ready, written into the same tables with
nothing checked, joined or fingerprinted. ``--profile`` tells where ours goes.
"""

import argparse
import cProfile
import csv
import gc
import os
import pstats
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from posting import postgres
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.assets import Assets, Made
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.spend_import.export import read_export
from cost_tracking.spend_import.imported import Imported
from cost_tracking.spend_import.importing import Importer
from cost_tracking.spend_import.platform import platforms
from cost_tracking.spend_import.spend_row import Said

HEAD = "date_start,date_stop,ad_id,ad_name,campaign_name,publisher_platform,impressions,spend\n"
NOW = datetime(2027, 12, 1, tzinfo=UTC)
PLACEMENTS = ("meta_feed_1x1", "meta_reels_9x16", "meta_link_1.91x1")
MARKETS = tuple(f"{first}{second}" for first in "ABCDEFGHI" for second in "VWXYZ")
CONCEPTS = 4


def slots() -> list[str]:
    """Return the names of the assets."""
    return [
        f"spring_{market}_en-{market}_{placement}_c{concept}"
        for market in MARKETS
        for placement in PLACEMENTS
        for concept in range(1, CONCEPTS + 1)
    ]


def export(path: Path, rows: int, *, restated: bool) -> None:
    """Write an export of so many rows: ads by day, each of two platforms."""
    names = [*slots(), "Brand film 30s", "Always on"]
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(rows):
            ad, rest = number // 2 % len(names), number // 2 // len(names)
            day = date(2027, 1, 1) + timedelta(days=rest)
            shown = 1 + number * 7919 % 5000
            changed = restated and number % 100 == 0
            spend = f"{shown // 100}.{shown % 100:02}" if not changed else f"{shown}.01"
            platform = ("facebook", "instagram")[number % 2]
            file.write(
                f'{day},{day},{10**15 + ad},"{names[ad]}_v1.jpg","EU | Spring",{platform},'
                f"{shown * 31},{spend}\n"
            )


def shelf(engine: Engine) -> None:
    """Make the campaign's assets known, and give it a working budget."""
    made = []
    for number, slot in enumerate(slots()):
        _, market, locale, rest = slot.split("_", 3)
        placement, _, concept = rest.rpartition("_")
        made.append(
            Made(
                kind="rendition",
                slot=slot,
                sha256=f"{number:064x}",
                recipe=f"{number}",
                market=market,
                locale=locale,
                placement=placement,
                concept=concept,
            )
        )
    Assets(engine, lambda: NOW).record_all("spring", made)
    budget = Money.of("1000000", "EUR")
    Budgets(engine, lambda: NOW).set_limit("spring", SpendClass.WORKING, budget)


def bring_in(engine: Engine, path: Path) -> Imported:
    """Read an export and import it."""
    said = Said(account="42", currency="EUR", time_zone="Europe/Stockholm")
    read = read_export(path, platforms()["meta"], said, NOW)
    return Importer(engine, default_policy(), lambda: NOW, "mia").run(read)


def timed(rows: int, what: str, do: Callable[[], Imported]) -> Imported:
    """Print what an import takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    done = do()
    took, waited = time.process_time() - cpu, time.perf_counter() - wall
    told = f"{done.new:,} new, {done.restated:,} restated, {done.unchanged:,} unchanged"
    print(f"| {what} | {told} | {took:.1f} | {took / rows * 1e6:.0f} | {waited:.1f} |", flush=True)
    return done


def bare(path: Path, books: Path, copy: Path) -> None:
    """Write what an import wrote into tables of its own, by the driver alone."""
    open_and_upgrade(f"sqlite:///{copy}").dispose()
    source, target = sqlite3.connect(books), sqlite3.connect(copy, isolation_level=None)
    ready = {
        table: source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - of this file
        for table in ("txn", "posting", "spend_file", "import_row")
    }
    cpu, wall = time.process_time(), time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        read = sum(1 for _ in csv.reader(file)) - 1
    target.execute("PRAGMA synchronous=FULL")
    target.execute("BEGIN IMMEDIATE")
    for table, rows in ready.items():
        marks = ", ".join("?" * len(rows[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
    target.execute("COMMIT")
    took, waited = time.process_time() - cpu, time.perf_counter() - wall
    target.close()
    source.close()
    print(f"| bare sqlite3 and csv | | {took:.1f} | {took / read * 1e6:.0f} | {waited:.1f} |")


def open_and_upgrade(url: str) -> Engine:
    """Return a database whose tables are there."""
    engine = open_database(url)
    upgrade(engine)
    return engine


def measured(url: str, rows: int, folder: Path) -> None:
    """Import into a database."""
    engine = open_and_upgrade(url)
    shelf(engine)
    name = engine.dialect.name
    first, second = folder / "export.csv", folder / "restated.csv"
    export(first, rows, restated=False)
    export(second, rows, restated=True)
    new = timed(rows, f"{name}, new", lambda: bring_in(engine, first))
    if name == "sqlite":
        bare(first, folder / "ledger.db", folder / "bare.db")
    again = timed(rows, f"{name}, again", lambda: bring_in(engine, first))
    restated = timed(rows, f"{name}, restated", lambda: bring_in(engine, second))
    if (new.new, again.changed, restated.restated) != (rows, 0, -(-rows // 100)):
        raise SystemExit("the import did not do what it was given to do")
    if faults := ledger.check(engine):
        raise SystemExit(f"the books are not whole: {faults[0]}")
    engine.dispose()


def main() -> None:
    """Measure SQLite, and Postgres where one is named."""
    # As the program does when it starts.
    gc.set_threshold(20_000)
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--postgres", default="", help="a server on which databases may be made")
    asked.add_argument("--profile", action="store_true", help="of the first import")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if told.profile:
            profile(folder, told.rows)
            return
        print(f"{told.rows:,} rows; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print("| import | what it did | CPU s | CPU µs a row | wall s |\n|--|--|--:|--:|--:|")
        measured(f"sqlite:///{folder / 'ledger.db'}", told.rows, folder)
        if told.postgres:
            with postgres(told.postgres) as url:
                measured(url, told.rows, folder)


def profile(folder: Path, rows: int) -> None:
    """Print where the first import spends its time."""
    engine = open_and_upgrade(f"sqlite:///{folder / 'ledger.db'}")
    shelf(engine)
    path = folder / "export.csv"
    export(path, rows, restated=False)
    with cProfile.Profile() as found:
        bring_in(engine, path)
    pstats.Stats(found).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
