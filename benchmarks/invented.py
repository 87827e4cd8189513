"""An invented ledger of any size, in the real tables, for the benchmarks that read one.

Every entry balances: a cost, and whom it is owed to. A twentieth as many assets as entries, each of
one of 120 campaigns, 45 markets and 12 placements; spend on every day of a year; four fifths of it
media, one in a hundred a fee that the policy divides. One decision on each asset, three of four
accept it. Numbers are mixed by multiplication, so that the same size is the same ledger everywhere.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cost_tracking.database import open_database, upgrade
from cost_tracking.policy import Policy, SpendClass

STAMP = "2026-11-22T00:00:00.000000Z"
TYPES = ("media.inventory", "ai.api_call", "agency.creative", "labour.review", "influencer.fee")
CHANNELS = ("social", "display", "dooh")
MEDIA = ("meta", "google", "tiktok", "linkedin")
OTHERS = ("openai", "acme")
Row = tuple[int, str, str, str, str, str, str, int]
"""Number, day, cost type, campaign, market, channel, provider, micros."""

_ROW = f"""
    SELECT seq, date('2026-01-01', '+' || (mixed / 97 % 365) || ' days') AS day,
        asset % 120 AS campaign, asset / 120 % 45 AS market, asset / 5400 % 12 AS placement, asset,
        1 + other % 50000000 AS micros,
        CASE WHEN dice < 80 THEN '{TYPES[0]}' WHEN dice < 90 THEN '{TYPES[1]}'
            WHEN dice < 95 THEN '{TYPES[2]}' WHEN dice < 99 THEN '{TYPES[3]}'
            ELSE '{TYPES[4]}' END AS kind, dice
    FROM (SELECT seq, mixed, other, mixed / 4096 % :assets AS asset, other / 4096 % 100 AS dice
        FROM (SELECT seq, seq * 2654435761 % 4294967296 AS mixed,
                (seq * 2246822519 + 3266489917) % 4294967296 AS other
            FROM (WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n
                WHERE seq < :lines) SELECT seq FROM n)))"""  # noqa: S608 - of this file
_NAMED = f"""
    SELECT *, printf('campaign-%03d', campaign) AS campaign_name,
        printf('M%02d', market) AS market_name,
        CASE placement % 3 WHEN 0 THEN '{CHANNELS[0]}' WHEN 1 THEN '{CHANNELS[1]}'
            ELSE '{CHANNELS[2]}' END AS channel_name,
        CASE WHEN dice >= 80 THEN CASE dice % 2 WHEN 0 THEN '{OTHERS[0]}' ELSE '{OTHERS[1]}' END
            ELSE CASE placement % 4 WHEN 0 THEN '{MEDIA[0]}' WHEN 1 THEN '{MEDIA[1]}'
                WHEN 2 THEN '{MEDIA[2]}' ELSE '{MEDIA[3]}' END END AS provider_name,
        printf('campaign-%03d_m%02d_xx_placement%02d_c%d', campaign, market, placement,
            asset / 64800 + 1) AS asset_name
    FROM ({_ROW})"""  # noqa: S608 - likewise


def fill(path: Path, lines: int) -> None:
    """Write a ledger of so many costs past our own posting: the benchmarks measure reading."""
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    books = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        books.execute(f"PRAGMA {pragma}")
    size = {"lines": lines, "assets": assets(lines)}
    with_triggers = books.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
        "type IN ('trigger', 'index') AND tbl_name IN ('txn', 'posting', 'decision')"
    ).fetchall()
    for kind, name, _ in with_triggers:
        books.execute(f"DROP {kind} {name}")
    books.execute("BEGIN")
    books.execute(
        f"""INSERT INTO txn (seq, idem_key, payload_sha256, kind, effective_on, recorded_at,
            source, source_doc, actor, posting_period)
        SELECT seq, printf('%08d', seq), '', 'media', day, '{STAMP}', 'import', '', '',
            substr(day, 1, 7) FROM ({_ROW})""",  # noqa: S608 - of this file
        size,
    )
    books.execute(
        f"""INSERT INTO posting (txn_seq, line_no, account, cost_type, spend_class, policy,
            amount_micros, currency, campaign, asset, market, placement, channel, provider, waste)
        SELECT seq, line, CASE line WHEN 1 THEN 'cost' ELSE 'payable:x' END,
            CASE line WHEN 1 THEN kind END, CASE line WHEN 1 THEN 'working' END, '',
            CASE line WHEN 1 THEN micros ELSE -micros END, 'EUR', campaign_name,
            CASE line WHEN 1 THEN asset_name END, market_name, printf('placement%02d', placement),
            channel_name, provider_name, 0
        FROM ({_NAMED}) CROSS JOIN (SELECT 1 AS line UNION ALL SELECT 2)""",  # noqa: S608
        size,
    )
    _decide(books, assets(lines))
    books.execute("COMMIT")
    for _, _, sql in with_triggers:
        books.execute(sql)
    books.close()


def assets(lines: int) -> int:
    """Return of how many assets a ledger of so many costs is."""
    return max(lines // 20, 1)


def _decide(books: sqlite3.Connection, count: int) -> None:
    books.execute(
        f"""INSERT INTO decision (seq, prev_sha256, sha256, statement)
        WITH RECURSIVE n(asset) AS (SELECT 0 UNION ALL SELECT asset + 1 FROM n
            WHERE asset + 1 < :assets)
        SELECT asset + 1, printf('%064x', asset), printf('%064x', asset + 1), json_object(
            'asset', printf('campaign-%03d_m%02d_xx_placement%02d_c%d', asset % 120,
                asset / 120 % 45, asset / 5400 % 12, asset / 64800 + 1),
            'sha256', printf('%064x', asset), 'verdict',
            CASE asset * 7 % 4 WHEN 0 THEN 'rejected' ELSE 'accepted' END,
            'by', 'ada', 'role', '', 'reason', '', 'at', '{STAMP}') FROM n""",  # noqa: S608
        {"assets": count},
    )


def rows(path: Path) -> Iterator[Row]:
    """Yield the costs of a ledger that was filled, for those who keep them otherwise."""
    books = sqlite3.connect(path)
    yield from books.execute(
        """SELECT seq, effective_on, cost_type, campaign, market, channel, provider, amount_micros
        FROM posting JOIN txn ON seq = txn_seq WHERE account = 'cost' ORDER BY seq"""
    )
    books.close()


def sides(policy: Policy) -> str:
    """Return two columns of SQL, working and non-working, by what the policy says of each type.

    A divided cost is divided as ``money.allocate`` does it: half of a micro goes to non-working.
    """
    working = []
    for name in TYPES:
        rule = policy.rule(name)
        whole = 10_000 if rule.spend_class is SpendClass.WORKING else 0
        share = whole if rule.working_bp is None else rule.working_bp
        part = (
            f"amount_micros * {share} / 10000 + "
            f"CASE WHEN amount_micros * {share} % 10000 > 5000 THEN 1 ELSE 0 END"
        )
        told = {0: "0", 10_000: "amount_micros"}.get(share, part)
        working.append(f"WHEN '{name}' THEN {told}")
    column = f"CASE cost_type {' '.join(working)} END"
    return f"sum({column}), sum(amount_micros - {column})"
