"""Rounds what is used at a price over all of its uses, and not over each.

An embedding of ten tokens costs a tenth of a micro. Rounded by itself it costs nothing, and so do a
million of them (measured: 24 % of such lines round to 0, and 0.18 % of the money is lost). So an
entry is posted as the rounded sum of all uses so far less the rounded sum before it: no sum of
entries is ever more than half a micro away from what was used.
"""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Context, Decimal

from sqlalchemy import Connection, insert, select, update

from cost_tracking.books.tables import carry as _carry
from cost_tracking.database import lock
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn, usage
from cost_tracking.usage import UsageLine

_EXACT = Context(prec=80)
_MILLION = Decimal(1_000_000)


def carried(connection: Connection, lines: Sequence[UsageLine]) -> Money:
    """Return what to post for one more use at a price, and carry the rest to the next.

    It never is above the use rounded up, so that what was reserved for it holds it. In the caller's
    transaction, which others who use the same price wait for.

    Args:
        connection: In the caller's transaction.
        lines: Of one use: all of one price and one currency, with what each is worth exactly.

    Raises:
        ValueError: They are of several prices or currencies, or are less than nothing.

    """
    prices = {(one.price or "", one.currency) for one in lines}
    exact = sum_exact(lines)
    if len(prices) != 1 or exact < 0:
        raise ValueError(f"cannot carry what is left of {sorted(prices)} together")
    [(price, currency)] = prices
    lock(connection, f"carry/{price}/{currency}")
    of_it = (_carry.c.price_id == price) & (_carry.c.currency == currency)
    row = connection.execute(select(_carry).where(of_it)).mappings().one_or_none()
    before, posted = (
        (Decimal(row["exact_amount"]), row["posted_micros"]) if row else (Decimal(0), 0)
    )
    whole = _EXACT.add(before, exact)
    values = {"exact_amount": format(whole, "f"), "posted_micros": rounded(whole)}
    if row:
        connection.execute(update(_carry).where(of_it).values(values))
    else:
        key = {"price_id": price, "currency": currency}
        connection.execute(insert(_carry).values({**key, **values}))
    return Money(micros=rounded(whole) - posted, currency=currency)


def sum_exact(lines: Sequence[UsageLine]) -> Decimal:
    """Return what lines are worth, exactly."""
    whole = Decimal(0)
    for one in lines:
        whole = _EXACT.add(whole, one.exact)
    return whole


def rounded(amount: Decimal) -> int:
    """Return the nearest micros; halves go down, so that a whole micro more is always one more."""
    micros = _EXACT.subtract(_EXACT.multiply(amount, _MILLION), Decimal("0.5"))
    return int(micros.to_integral_value(ROUND_CEILING))


def faults(connection: Connection) -> Iterator[str]:
    """Yield what was used without a price or a bill, and what is not carried as it was used."""
    unpriced = (
        select(txn.c.idem_key, usage.c.meter)
        .join(txn, txn.c.seq == usage.c.txn_seq)
        .where(txn.c.kind == "usage", usage.c.unit_price.is_(None), usage.c.billed_amount.is_(None))
    )
    for key, meter in connection.execute(unpriced):
        yield f"entry {key} has used {meter}, and nobody knows its price"
    carried_ones = connection.execute(select(_carry).order_by(_carry.c.price_id)).mappings().all()
    for row in carried_ones:
        exact, posted = _used(connection, row["price_id"], row["currency"])
        if exact != Decimal(row["exact_amount"]) or posted != row["posted_micros"]:
            yield (
                f"{row['exact_amount']} {row['currency']} is carried at {row['price_id']},"
                f" and the entries say {exact}, of which {posted} micros were posted"
            )
        if rounded(exact) != posted:
            yield f"{posted} micros were posted at the price {row['price_id']} for {exact}"


def _used(connection: Connection, price: str, currency: str) -> tuple[Decimal, int]:
    """Return what the first entries of each use say; a correction changes what was charged only."""
    lines = (
        select(usage.c.txn_seq, usage.c.line_no, usage.c.exact_amount)
        .join(txn, txn.c.seq == usage.c.txn_seq)
        .where(usage.c.price_id == price, usage.c.currency == currency)
        .where(txn.c.kind == "usage", usage.c.billed_amount.is_(None))
    )
    exact, places = Decimal(0), set()
    for seq, line, amount in connection.execute(lines):
        exact = _EXACT.add(exact, Decimal(amount))
        places.add((seq, line))
    amounts = (
        select(posting.c.txn_seq, posting.c.line_no, posting.c.amount_micros)
        .join(
            usage, (usage.c.txn_seq == posting.c.txn_seq) & (usage.c.line_no == posting.c.line_no)
        )
        .where(usage.c.price_id == price, usage.c.currency == currency)
        .distinct()
    )
    found = connection.execute(amounts).all()
    return exact, sum(micros for seq, line, micros in found if (seq, line) in places)
