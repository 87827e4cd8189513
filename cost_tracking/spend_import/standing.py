"""What was imported before: the rows that stand, and whether a new file can be laid beside them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from cost_tracking.money import Money
from cost_tracking.spend_import.faults import Faults
from cost_tracking.spend_import.spend_row import Export
from cost_tracking.spend_import.tables import import_row
from cost_tracking.tables import txn

Key = tuple[str, str, str, str]
"""Account, day, ad and breakdown: with the platform, what a row is restated by."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The last revision of a row that was imported before."""

    key: Key
    revision: int
    payload: str
    gone: bool
    level: str
    of_campaign: str
    label: str
    time_zone: str
    money: Money
    attribution: str
    counted: Mapping[str, list[Any]]
    entry: str | None


def standing_rows(connection: Connection, export: Export) -> dict[Key, Standing]:
    """Return the last revision of each row of the export's accounts and days."""
    table = import_row
    days: dict[str, list[str]] = defaultdict(list)
    for row in export.rows:
        days[row.account].append(row.key[1])
    found: dict[Key, Standing] = {}
    for account, told in sorted(days.items()):
        query = (
            select(table, txn.c.idem_key)
            .outerjoin(txn, txn.c.seq == table.c.txn_seq)
            .where(
                table.c.platform == export.platform.name,
                table.c.account == account,
                table.c.day.between(min(told), max(told)),
            )
            .order_by(table.c.revision)
        )
        for one in connection.execute(query).mappings():
            key = (one["account"], one["day"], one["ad_id"], one["breakdown"])
            found[key] = Standing(
                key=key,
                revision=one["revision"],
                payload=one["payload_sha256"],
                gone=bool(one["gone"]),
                level=one["level"],
                of_campaign=one["of_campaign"],
                label=one["label"],
                time_zone=one["time_zone"],
                money=Money(micros=one["amount_micros"], currency=one["currency"]),
                attribution=one["attribution"],
                counted=json.loads(one["counted"]),
                entry=one["idem_key"],
            )
    return found


def check_overlap(export: Export, standing: Iterable[Standing], faults: Faults) -> None:
    """Refuse to count one day of an ad twice: whole, and divided by a breakdown or a level."""
    cuts: dict[tuple[str, str, str], tuple[str, ...]] = {}
    levels: dict[tuple[str, str, str], str] = {}
    for one in standing:
        if not one.gone:
            account, day, ad_id, breakdown = one.key
            cuts[account, day, ad_id] = _cut_by(breakdown)
            levels[account, day, one.of_campaign] = one.level
    told: set[tuple[str, str, str]] = set()
    mend = "Export it as before, or give --window to put this file in place of those days"
    for row in export.rows:
        day = row.key[1]
        ad, campaign = (row.account, day, row.ad_id), (row.account, day, row.of_campaign)
        before = cuts.get(ad)
        if before is not None and before != _cut_by(row.breakdown) and ad not in told:
            told.add(ad)
            was, now = (", ".join(one) or "nothing" for one in (before, _cut_by(row.breakdown)))
            said = f"ad {row.ad_id} on {day} was imported divided by {was}, and is here by {now}"
            faults.add(row.line, "", said, mend)
        level = levels.get(campaign, row.level)
        if row.of_campaign and level != row.level and campaign not in told:
            told.add(campaign)
            said = f"{row.of_campaign} on {day} was imported by {level}, and is here by {row.level}"
            faults.add(row.line, "", said, mend)


def _cut_by(breakdown: str) -> tuple[str, ...]:
    return tuple(part.partition("=")[0] for part in breakdown.split("|") if part)


def check_currency(connection: Connection, export: Export, faults: Faults) -> None:
    """Refuse an account in another currency than before."""
    accounts = {row.account: row for row in reversed(export.rows)}
    for account, row in sorted(accounts.items()):
        query = (
            select(import_row.c.currency)
            .where(
                import_row.c.platform == export.platform.name,
                import_row.c.account == account,
                import_row.c.gone == 0,
                import_row.c.currency != row.money.currency,
            )
            .limit(1)
        )
        before = connection.execute(query).scalar_one_or_none()
        if before:
            said = (
                f"account {account} was imported in {before}, and is in {row.money.currency} here"
            )
            mend = "An account is billed in one currency: correct --currency or the export"
            faults.add(row.line, "", said, mend)
