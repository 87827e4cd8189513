"""What was spent over many campaigns, a line of the ledger at a time, in one currency."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from cost_tracking.exchange.rates import NoRate
from cost_tracking.ledger import COST
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn

Convert = Callable[[Money, date, str, Money | None], tuple[int, str]]
"""Takes an amount, the day it belongs to, its campaign, and what it was converted to when it was
posted; returns micros of the report's currency and what they were converted by, which is empty when
nothing was. Raises ``ValueError`` or ``LookupError`` when there is no rate."""


class Unconverted(NoRate):
    """Amounts are in currencies for whose days there is no rate."""


class CostLine(NamedTuple):
    """One line on the account ``cost``. What it does not name is empty."""

    seq: int
    number: int
    """Its place in the entry ``seq``."""
    key: str
    kind: str
    status: str
    on: date
    """The day it belongs to."""
    recorded_at: str
    source: str
    document: str
    """The document or receipt that proves it."""
    reverses: int | None
    """The entry that its own takes back."""
    cost_type: str
    campaign: str
    asset: str
    market: str
    placement: str
    channel: str
    provider: str
    stage: str
    rework: bool
    waste: bool
    attribution: str
    currency: str
    original: int
    """Micros as they were billed."""
    micros: int
    """Micros of the report's currency."""
    rate: str
    """What they were converted by; empty when nothing was."""

    @property
    def month(self) -> str:
        """Return the month it belongs to, such as ``2026-03``."""
        return f"{self.on:%Y-%m}"


_TOLD = 8
"""How many missing rates one error names at the most."""
_COLUMNS = (
    posting.c.txn_seq,
    posting.c.line_no,
    txn.c.idem_key,
    txn.c.kind,
    txn.c.status,
    txn.c.effective_on,
    txn.c.recorded_at,
    txn.c.source,
    txn.c.source_doc,
    txn.c.reverses,
    posting.c.cost_type,
    posting.c.campaign,
    posting.c.asset,
    posting.c.market,
    posting.c.placement,
    posting.c.channel,
    posting.c.provider,
    posting.c.stage,
    posting.c.rework,
    posting.c.waste,
    posting.c.attribution,
    posting.c.currency,
    posting.c.amount_micros,
    posting.c.base_micros,
    posting.c.base_currency,
)


def cost_lines(
    connection: Connection, start: date, end: date, convert: Convert, up_to: int | None = None
) -> tuple[CostLine, ...]:
    """Return what belongs to these days, in the order in which the ledger learned of it.

    Args:
        connection: That may read.
        start: The first day.
        end: The last day.
        convert: Into the report's currency.
        up_to: The last sequence number that counts, so that a report can be made again as it was.

    Raises:
        Unconverted: There is no rate for some of it; several are named at once.

    """
    query = (
        select(*_COLUMNS)
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .where(
            posting.c.account == COST,
            txn.c.effective_on >= start.isoformat(),
            txn.c.effective_on <= end.isoformat(),
        )
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    if up_to is not None:
        query = query.where(txn.c.seq <= up_to)
    lines: list[CostLine] = []
    faults: dict[tuple[str, date], str] = {}
    days: dict[str, date] = {}
    for row in connection.execute(query):
        on = days.get(row.effective_on)
        if on is None:
            on = days[row.effective_on] = date.fromisoformat(row.effective_on)
        amount = Money(micros=row.amount_micros, currency=row.currency)
        if (row.currency, on) in faults:
            continue
        base = row.base_micros
        posted = None if base is None else Money(micros=base, currency=row.base_currency)
        try:
            micros, rate = convert(amount, on, row.campaign or "", posted)
        except (ValueError, LookupError) as error:
            faults[row.currency, on] = str(error.args[0]) if error.args else str(error)
            # To look for a rate that is not there takes longest of all.
            if len(faults) == _TOLD:
                break
            continue
        lines.append(
            CostLine(
                seq=row.txn_seq,
                number=row.line_no,
                key=row.idem_key,
                kind=row.kind,
                status=row.status,
                on=on,
                recorded_at=row.recorded_at,
                source=row.source,
                document=row.source_doc,
                reverses=row.reverses,
                cost_type=row.cost_type,
                campaign=row.campaign or "",
                asset=row.asset or "",
                market=row.market or "",
                placement=row.placement or "",
                channel=row.channel or "",
                provider=row.provider or "",
                stage=row.stage or "",
                rework=bool(row.rework),
                waste=bool(row.waste),
                attribution=row.attribution or "",
                currency=row.currency,
                original=row.amount_micros,
                micros=micros,
                rate=rate,
            )
        )
    if faults:
        more = "; there may be more" if len(faults) == _TOLD else ""
        raise Unconverted("; ".join(faults[one] for one in sorted(faults)) + more)
    return tuple(lines)


def days_of(connection: Connection) -> tuple[date, date] | None:
    """Return the first and the last day that anything spent belongs to, or None before that."""
    query = (
        select(func.min(txn.c.effective_on), func.max(txn.c.effective_on))
        .join(posting, posting.c.txn_seq == txn.c.seq)
        .where(posting.c.account == COST)
    )
    first, last = connection.execute(query).one()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None
