"""The four main sums over a growing ledger: from its copy in columns, against SQLite itself.

``python benchmarks/mirror.py [--lines 10000 100000 1000000] [--peers]`` makes a ledger of that many
lines in a temporary folder (1e7 takes some 4 GB and ten minutes), copies it, and prints the CPU of
each sum, and its ratio to the same SQL on SQLite in the same run. With ``--peers`` hledger, if
installed, sums the same entries from its journal, up to 1e5 lines.
"""

import argparse
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time

from cost_tracking.database import open_database, upgrade
from cost_tracking.mirror.copy import sync
from cost_tracking.mirror.pivot import Asked, accepted, pivot
from cost_tracking.policy import default_policy

CAMPAIGNS, MARKETS = 120, 45
PROVIDERS = ("meta", "google", "tiktok", "linkedin", "openai", "deepl")
CHANNELS = ("social", "display", "dooh")
TYPES = ("media.inventory", "media.inventory", "media.inventory", "ai.api_call", "agency.creative")
STAMP = datetime(2026, 11, 22, tzinfo=UTC).isoformat()
QUESTIONS: dict[str, tuple[str, ...]] = {
    "working and non-working, in all": (),
    "month x campaign x market x channel": ("month", "campaign", "market", "channel"),
    "provider x cost type x month": ("provider", "cost_type", "month"),
}
ACCEPTED = "cost per accepted asset, by campaign"


def lines(count: int) -> Iterator[tuple[int, str, str, str, str, str, str, int]]:
    """Yield invented lines: number, day, cost type, campaign, market, channel, provider, micros."""
    start = date(2026, 1, 1)
    for number in range(1, count + 1):
        mixed = (number * 2_654_435_761) % 2**32
        yield (
            number,
            (start + timedelta(days=mixed % 365)).isoformat(),
            TYPES[mixed % len(TYPES)],
            f"campaign-{mixed % CAMPAIGNS:03}",
            f"M{mixed // 7 % MARKETS:02}",
            CHANNELS[mixed // 11 % len(CHANNELS)],
            PROVIDERS[mixed // 13 % len(PROVIDERS)],
            1 + mixed % 50_000_000,
        )


def fill(path: Path, count: int) -> None:
    """Write a ledger of so many lines, past our own posting: this measures reading."""
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    books = sqlite3.connect(path)
    books.execute("PRAGMA synchronous=OFF")
    books.executemany(
        "INSERT INTO txn (seq, idem_key, payload_sha256, kind, effective_on, recorded_at, source, "
        "source_doc, actor) VALUES (?, ?, '', 'media', ?, ?, 'import', '', '')",
        ((seq, str(seq), day, STAMP) for seq, day, *_ in lines(count)),
    )
    for account, sign in (("cost", 1), ("payable:x", -1)):
        cost = account == "cost"
        books.executemany(
            "INSERT INTO posting (txn_seq, line_no, account, cost_type, spend_class, policy, "
            "amount_micros, currency, campaign, market, channel, provider, waste) "
            "VALUES (?, ?, ?, ?, ?, '', ?, 'EUR', ?, ?, ?, ?, 0)",
            (
                (
                    seq,
                    1 if cost else 2,
                    account,
                    kind if cost else None,
                    "working" if cost else None,
                    sign * micros,
                    campaign,
                    market,
                    channel,
                    provider,
                )
                for seq, _, kind, campaign, market, channel, provider, micros in lines(count)
            ),
        )
    books.commit()
    books.close()


def plain(path: Path, by: tuple[str, ...]) -> Callable[[], object]:
    """Return the same sum as SQL on SQLite."""
    names = {"month": "substr(effective_on, 1, 7)"}
    groups = ", ".join(names.get(one, one) for one in by) or "1"
    query = f"""
        SELECT {groups}, sum(CASE WHEN cost_type LIKE 'media%' THEN amount_micros END),
            sum(CASE WHEN cost_type NOT LIKE 'media%' THEN amount_micros END)
        FROM posting JOIN txn ON txn.seq = posting.txn_seq
        WHERE account = 'cost' GROUP BY {groups}"""  # noqa: S608 - of this file

    def ask() -> object:
        books = sqlite3.connect(path)
        try:
            return books.execute(query).fetchall()
        finally:
            books.close()

    return ask


def cpu(ask: Callable[[], object]) -> float:
    """Return the CPU of the quickest of three."""
    taken = []
    for _ in range(3):
        start = process_time()
        ask()
        taken.append(process_time() - start)
    return min(taken)


def journal(folder: Path, count: int) -> float | None:
    """Return the CPU that hledger takes for the balance of the same entries, or None."""
    program = shutil.which("hledger")
    if program is None or count > 100_000:
        return None
    path = folder / "ledger.journal"
    with path.open("w", encoding="utf-8") as file:
        for number, day, kind, campaign, market, _, provider, micros in lines(count):
            amount = f"{micros // 10**6}.{micros % 10**6:06} EUR"
            file.write(f"{day} {number}\n  cost:{kind}:{campaign}:{market}  {amount}\n")
            file.write(f"  payable:{provider}\n\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - a program that the reader installed
        [program, "-f", str(path), "balance"], stdout=subprocess.DEVNULL, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(count: int, *, peers: bool) -> None:
    """Measure a ledger of so many lines, and print its rows."""
    policy = default_policy()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books, copy = folder / "kampanj.db", folder / "mirror.duckdb"
        fill(books, count)
        engine = open_database(f"sqlite:///{books}")
        start = process_time()
        sync(engine, copy)
        copied = process_time() - start
        engine.dispose()
        print(f"| {count:>10,} | copying it, once | {copied:>8.2f} | | |")
        for question, by in QUESTIONS.items():
            ours = cpu(lambda by=by: pivot(copy, policy, Asked(by=by)))
            theirs = cpu(plain(books, by))
            ratio = f"{theirs / ours:.0f}x"
            print(f"| {count:>10,} | {question} | {ours:>8.3f} | {theirs:>8.3f} | {ratio} |")
        ours = cpu(lambda: accepted(copy, policy, Asked()))
        print(f"| {count:>10,} | {ACCEPTED} | {ours:>8.3f} | | |")
        peer = journal(folder, count) if peers else None
        if peer is not None:
            print(f"| {count:>10,} | hledger balance, the same entries | | {peer:>8.3f} | |")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Sums over a growing ledger.")
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    print("| lines | question | CPU s, copy | CPU s, SQLite | ratio |")
    print("|------:|----------|------------:|--------------:|------:|")
    for count in asked.lines:
        measure(count, peers=asked.peers)


if __name__ == "__main__":
    main()
