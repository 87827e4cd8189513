"""Proves that every pool was shared by the weights that are kept with it, and is empty then."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, func, select

from cost_tracking.allocation.shares import shares_in_two
from cost_tracking.allocation.tables import allocation
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn


def faults(connection: Connection) -> Iterator[str]:
    """Yield each share that is not what its weights make of its pool, and what is left in it."""
    mirror = txn.alias()
    query = (
        select(allocation, txn.c.idem_key)
        .join(txn, txn.c.seq == allocation.c.txn_seq)
        .outerjoin(mirror, mirror.c.reverses == txn.c.seq)
        .where(mirror.c.seq.is_(None))
        .order_by(allocation.c.seq)
    )
    for row in connection.execute(query).mappings().all():
        if _due(row) != _told(connection, row["txn_seq"]):
            yield f"entry {row['idem_key']} does not share its pool by the weights kept with it"
        left = func.coalesce(func.sum(posting.c.amount_micros), 0)
        of_it = (posting.c.account == row["pool"]) & (posting.c.currency == row["currency"])
        if micros := int(connection.execute(select(left).where(of_it)).scalar_one()):
            rest = Money(micros=micros, currency=row["currency"])
            yield f"{row['pool']} was shared out, and still holds {rest}"


def _due(row: RowMapping) -> dict[tuple[str, str], int]:
    tree = {
        campaign: {market: Decimal(weight) for market, weight in inner.items()}
        for campaign, inner in json.loads(row["weights"]).items()
    }
    total = row["total_micros"]
    due = shares_in_two(total, tree) if tree else {("", ""): total}
    return {key: micros for key, micros in due.items() if micros}


def _told(connection: Connection, seq: int) -> dict[tuple[str, str], int]:
    query = select(posting.c.campaign, posting.c.market, posting.c.amount_micros).where(
        posting.c.txn_seq == seq, posting.c.account == "cost"
    )
    told: Counter[tuple[str, str]] = Counter()
    for campaign, market, micros in connection.execute(query):
        told[campaign or "", market or ""] += micros
    return dict(told)
