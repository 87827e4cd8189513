"""The ledger as a FOCUS 1.2 dataset (FinOps Open Cost and Usage Specification).

One row for each line of the ledger that is a cost or an advance, or for each meter of it where the
entry says what was used. Nothing is converted: the billing currency is the one that was posted.
``docs/focus.md`` says column by column where each value comes from.

Source: FOCUS 1.2, https://focus.finops.org/focus-specification/v1-2/
"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from cost_tracking.entries import COST
from cost_tracking.money import allocate
from cost_tracking.policy import Policy
from cost_tracking.reports.focus_columns import COLUMNS, CUSTOM
from cost_tracking.reports.focus_row import ADVANCES, Line, focus_row
from cost_tracking.tables import posting, txn, usage

_OWED = ("payable:", "accrual:")


def as_focus(
    connection: Connection, policy: Policy, campaign: str | None = None, up_to: int | None = None
) -> str:
    """Return the ledger as FOCUS 1.2 in CSV; an empty field is null.

    Args:
        connection: That may read.
        policy: Says what is working, in our own columns.
        campaign: Only the lines that name it; None for the whole ledger.
        up_to: The last entry that counts; None for all.

    """
    out = io.StringIO()
    sheet = csv.DictWriter(out, (*COLUMNS, *CUSTOM), lineterminator="\n", restval="")
    sheet.writeheader()
    sheet.writerows(focus_rows(connection, policy, campaign, up_to))
    return out.getvalue()


def focus_rows(
    connection: Connection, policy: Policy, campaign: str | None = None, up_to: int | None = None
) -> Iterator[dict[str, str]]:
    """Yield the rows; see ``as_focus``. What is null is left out.

    Raises:
        UnknownCostType: The policy does not know a cost type.

    """
    meters: dict[tuple[int, int], list[Row[Any]]] = {}
    for one in connection.execute(_within(select(usage), usage.c.txn_seq, campaign, up_to)):
        meters.setdefault((one.txn_seq, one.line_no), []).append(one)
    origin, estimate = txn.alias(), txn.alias()
    query = (
        select(
            posting,
            txn,
            origin.c.idem_key.label("reverses_key"),
            func.coalesce(origin.c.kind, txn.c.kind).label("first_kind"),
            func.coalesce(origin.c.source_doc, txn.c.source_doc).label("first_doc"),
            estimate.c.idem_key.label("supersedes_key"),
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .outerjoin(origin, origin.c.seq == txn.c.reverses)
        .outerjoin(estimate, estimate.c.seq == txn.c.supersedes)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    heads = connection.execute(_within(query, posting.c.txn_seq, campaign, up_to))
    for _, entry in groupby(heads, key=lambda row: int(row.seq)):
        lines = list(entry)
        billed = _billed(lines)
        payee = next((line.account.partition(":")[2] for line in lines if _owed(line)), "")
        for line in lines:
            its = campaign is None or line.campaign == campaign
            if not its or _owed(line) or not (line.account == COST or billed[line.line_no]):
                continue
            its_meters = meters.get((line.seq, line.line_no))
            for part in _metered(line, billed[line.line_no], its_meters):
                row = focus_row(part, payee, policy)
                yield {name: text for name, text in row.items() if text is not None}


def _within(query: Any, seq: Any, campaign: str | None, up_to: int | None) -> Any:
    if up_to is not None:
        query = query.where(seq <= up_to)
    if campaign is not None:
        its = posting.alias()
        named = exists().where(its.c.txn_seq == seq, its.c.campaign == campaign)
        query = query.where(named)
    return query


def _owed(line: Row[Any]) -> bool:
    return bool(line.account.startswith(_OWED))


def _billed(lines: Sequence[Row[Any]]) -> dict[int, int]:
    """Return for each line how much of it the entry owes somebody.

    An advance that is paid is billed and costs nothing yet; what is taken from it costs and is
    billed no more. So the billed amounts of an entry sum to what it owes, in each currency.
    """
    billed = dict.fromkeys((line.line_no for line in lines), 0)
    for currency in {line.currency for line in lines}:
        its = [line for line in lines if line.currency == currency]
        owed = -sum(line.amount_micros for line in its if _owed(line))
        advances = [line for line in its if line.account.startswith(ADVANCES)]
        for line in advances:
            # Of an advance's sign as of the debt's: bought, or given back.
            if line.amount_micros * owed > 0:
                billed[line.line_no] = line.amount_micros
        rest = owed - sum(billed[line.line_no] for line in advances)
        costs = [line for line in its if not _owed(line) and line not in advances]
        if sum(line.amount_micros for line in costs) == rest:
            billed |= {line.line_no: line.amount_micros for line in costs}
        elif costs and rest:
            weights = {str(line.line_no): abs(line.amount_micros) for line in costs}
            billed |= {int(name): much for name, much in allocate(rest, weights).items()}
    return billed


def _metered(line: Row[Any], billed: int, meters: Sequence[Row[Any]] | None) -> Iterator[Line]:
    effective = line.amount_micros if not line.account.startswith(ADVANCES) else 0
    if not meters:
        yield Line(line, billed, effective, None)
        return
    exact = {one.meter: abs(Decimal(one.exact_amount)) for one in meters}
    places = max(-int(much.as_tuple().exponent) for much in exact.values())
    weights = {name: int(much.scaleb(max(places, 0))) for name, much in exact.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    of_billed, of_effective = allocate(billed, weights), allocate(effective, weights)
    for one in meters:
        yield Line(line, of_billed[one.meter], of_effective[one.meter], one)
