"""What the books wait for: actuals, bills, advances that are not used, and what exchange left.

It is read off the whole ledger up to a watermark, so that the same question has the same answer
later.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from cost_tracking.books.as_of import balances
from cost_tracking.entries import COST
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn
from creative.value import Value

STALE = 30
"""After so many days an estimate without an actual is old: most vendors bill by the month."""


class Estimate(Value):
    """One entry that was posted as an estimate and still stands, or was trued up."""

    key: str
    seq: int
    campaigns: tuple[str, ...]
    effective_on: date
    age: int
    """Days since it belongs to the books."""
    estimated: Money
    actual: Money | None
    """What it was really charged; None while nobody knows."""
    actual_key: str
    """The entry that says so; empty while there is none."""
    stale: bool
    """Whether it has waited for its actual for too long."""

    @property
    def off(self) -> Money | None:
        """Return the actual less the estimate; below 0 where it was estimated too high."""
        return None if self.actual is None else self.actual - self.estimated


class Balance(Value):
    """What stands on an account that ought to come to nothing, or is still owed."""

    account: str
    amount: Money
    """Below 0 for what is owed; above 0 for what is paid and not used, or not shared out."""
    since: date
    """The first day of anything that was posted there."""


class Unbased(Value):
    """Costs of one currency that say nothing in the currency of the books."""

    currency: str
    lines: int
    amount: Money
    first: date
    last: date
    """The days they belong to."""


class OpenItems(Value):
    """Everything that is open in the books, or was estimated and has come out."""

    up_to: int
    on: date
    stale_after: int
    estimates: tuple[Estimate, ...]
    """Those without an actual first, the oldest of them first."""
    unbilled: tuple[Balance, ...]
    """Accrued: it is owed, and no bill has come (``accrual:…``)."""
    owed: tuple[Balance, ...]
    """Billed or metered (``payable:…``): what each payee has charged, less what was taken back."""
    advances: tuple[Balance, ...]
    """Paid and not used (``prepaid:…``), or bought and not shared out (``pool:…``)."""
    exchange: tuple[Balance, ...]
    """What exchange and rounding have left over."""
    books: str
    """The currency that the books are kept in; empty where nobody has named one."""
    unconverted: tuple[Unbased, ...]
    """Posted while no rate was known, or while the books were kept in another currency."""

    @property
    def stale(self) -> tuple[Estimate, ...]:
        """Return the estimates that somebody should ask the vendor about."""
        return tuple(one for one in self.estimates if one.stale)


def open_items(
    connection: Connection, up_to: int, on: date, stale_after: int = STALE, books: str = ""
) -> OpenItems:
    """Return what the books wait for.

    Args:
        connection: That may read.
        up_to: The watermark: the last entry that counts.
        on: The day on which ages are told.
        stale_after: After how many days an estimate is old.
        books: The currency that the books are kept in; empty where nobody has named one.

    """
    accounts = tuple(_balances(connection, up_to))

    def of(*sides: str) -> tuple[Balance, ...]:
        return tuple(one for one in accounts if one.account.partition(":")[0] in sides)

    estimates = _estimates(connection, up_to, on, stale_after)
    return OpenItems(
        up_to=up_to,
        on=on,
        stale_after=stale_after,
        estimates=tuple(
            sorted(estimates, key=lambda one: (one.actual is not None, one.effective_on, one.seq))
        ),
        unbilled=of("accrual"),
        owed=of("payable"),
        advances=of("prepaid", "pool"),
        exchange=of("fx", "rounding"),
        books=books,
        unconverted=tuple(_unconverted(connection, up_to, books)) if books else (),
    )


def _unconverted(connection: Connection, up_to: int, books: str) -> Iterator[Unbased]:
    taken_back = txn.alias()
    mine = posting.c
    query = (
        select(
            mine.currency,
            func.count(),
            func.sum(mine.amount_micros),
            func.min(txn.c.effective_on),
            func.max(txn.c.effective_on),
        )
        .join(txn, txn.c.seq == mine.txn_seq)
        .outerjoin(taken_back, and_(taken_back.c.reverses == txn.c.seq, taken_back.c.seq <= up_to))
        .where(
            mine.account == COST,
            mine.txn_seq <= up_to,
            or_(mine.base_currency.is_(None), mine.base_currency != books),
            # What was taken back need not be told any more, and what took it back neither.
            txn.c.reverses.is_(None),
            taken_back.c.seq.is_(None),
        )
        .group_by(mine.currency)
        .order_by(mine.currency)
    )
    for currency, lines, micros, first, last in connection.execute(query):
        yield Unbased(
            currency=currency,
            lines=lines,
            amount=Money(micros=int(micros), currency=currency),
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
        )


def _balances(connection: Connection, up_to: int) -> Iterator[Balance]:
    first = select(posting.c.account, posting.c.currency, func.min(txn.c.effective_on))
    first = first.join(txn, txn.c.seq == posting.c.txn_seq).where(posting.c.txn_seq <= up_to)
    rows = connection.execute(first.group_by(posting.c.account, posting.c.currency))
    since = {(account, currency): date.fromisoformat(day) for account, currency, day in rows}
    for (account, currency), amount in sorted(balances(connection, up_to).items()):
        if account != COST:
            yield Balance(account=account, amount=amount, since=since[account, currency])


def _estimates(
    connection: Connection, up_to: int, on: date, stale_after: int
) -> Iterator[Estimate]:
    actual, mirror = txn.alias(), txn.alias()
    query = (
        select(
            txn.c.seq,
            txn.c.idem_key,
            txn.c.effective_on,
            actual.c.seq.label("actual_seq"),
            actual.c.idem_key.label("actual_key"),
            mirror.c.seq.label("mirror_seq"),
        )
        .outerjoin(actual, and_(actual.c.supersedes == txn.c.seq, actual.c.seq <= up_to))
        .outerjoin(mirror, and_(mirror.c.reverses == txn.c.seq, mirror.c.seq <= up_to))
        .where(txn.c.status == "estimate", txn.c.reverses.is_(None), txn.c.seq <= up_to)
        .order_by(txn.c.seq)
    )
    for one in connection.execute(query).all():
        # Taken back without anything in its place: there is nothing to wait for.
        if one.mirror_seq is not None and one.actual_seq is None:
            continue
        for currency, (micros, campaigns) in _cost(connection, one.seq).items():
            settled = one.actual_seq is not None
            really = _cost(connection, one.actual_seq) if settled else {}
            amount = really.get(currency, (0, ()))[0]
            yield _estimate(
                one,
                Money(micros=micros, currency=currency),
                Money(micros=amount, currency=currency) if settled else None,
                campaigns,
                (on, stale_after),
            )


def _estimate(
    one: Any,
    estimated: Money,
    actual: Money | None,
    campaigns: tuple[str, ...],
    when: tuple[date, int],
) -> Estimate:
    on, stale_after = when
    day = date.fromisoformat(one.effective_on)
    age = (on - day).days
    return Estimate(
        key=one.idem_key,
        seq=one.seq,
        campaigns=campaigns,
        effective_on=day,
        age=age,
        estimated=estimated,
        actual=actual,
        actual_key=one.actual_key or "",
        stale=actual is None and age > stale_after,
    )


def _cost(connection: Connection, seq: int) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return an entry's cost by currency, with the campaigns that it names."""
    query = select(posting.c.currency, posting.c.amount_micros, posting.c.campaign)
    rows = connection.execute(query.where(posting.c.txn_seq == seq, posting.c.account == COST))
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for currency, micros, campaign in rows:
        sum_, names = found.get(currency, (0, ()))
        named = (*names, campaign) if campaign and campaign not in names else names
        found[currency] = (sum_ + micros, named)
    return found
