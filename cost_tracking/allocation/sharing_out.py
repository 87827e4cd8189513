"""Makes prepaid terms a cost of their months, and shares every pool out.

It may be run as often as one likes. What was shared by weights that still hold stays; where they
have changed (a late asset, a late invoice), the old share is reversed and a new one is posted with
the basis that it rests on. What has nobody to bear it is a cost of no campaign: idle, and visible.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, RowMapping, insert, select

from cost_tracking import ledger
from cost_tracking.allocation.bases import weights
from cost_tracking.allocation.documents import Credits, CreditsUsed, Document, Term
from cost_tracking.allocation.entering import (
    Clerk,
    Standing,
    all_standing,
    cost_line,
    left_of,
    pool_of,
    prepaid_of,
    with_base,
)
from cost_tracking.allocation.months import by_month, first_day, last_day, months_of
from cost_tracking.allocation.shares import METHOD, Tree, parts, shares_in_two
from cost_tracking.allocation.tables import allocation
from cost_tracking.database import lock
from cost_tracking.entries import Posting, Transaction
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.tables import posting, txn
from creative.value import Value, canonical

IDLE = "idle"
"""The stage of what was paid for and used by nobody."""


class Share(Value):
    """How one pool stands after it was shared."""

    pool: str
    month: str
    basis: str
    amount: Money
    campaigns: Mapping[str, Money]
    """What each campaign bears."""
    idle: Money
    """What nobody bears."""
    changed: bool
    """Whether anything was posted now."""
    replaced: bool
    """Whether an earlier share was taken back for it."""


def share_out(
    connection: Connection, through: str, clerk: Clerk, rates: Rates | None = None
) -> tuple[Share, ...]:
    """Post every month of every term up to a month, and share every pool up to it.

    Args:
        connection: In the caller's transaction.
        through: The last month, ``YYYY-MM``.
        clerk: Who does it.
        rates: For the basis ``spend``, where costs are in several currencies.

    Returns:
        Each pool, in the order in which its document was entered and by month.

    Raises:
        ValueError: It is no month.
        NoRate: A basis compares costs in two currencies, and a rate is missing.

    """
    first_day(through)
    lock(connection, "allocation")
    found: list[Share] = []
    for stands in all_standing(connection):
        one = stands.document
        if isinstance(one, Term):
            months = months_of(one.starts, one.ends)
            for month in months:
                if month <= through:
                    _amortise(connection, stands, month, clerk)
                    found += _shared(connection, stands, month, clerk, rates, monthly=True)
        elif isinstance(one, Credits):
            _expire(connection, stands, through, clerk)
        elif one.campaign is None:
            month = one.on.isoformat()[:7]
            if month <= through:
                found += _shared(connection, stands, month, clerk, rates, monthly=False)
    return tuple(found)


def _amortise(connection: Connection, stands: Standing, month: str, clerk: Clerk) -> None:
    """Post a month of a term: from prepaid to its cost, or to the pool that is shared."""
    one = stands.document
    if not isinstance(one, Term):
        raise TypeError(f"{stands.key} is of no term")
    key = f"amortisation/{stands.key}/{month}"
    if _is_posted(connection, key):
        return
    amount = Money(
        micros=by_month(one.money.micros, one.starts, one.ends)[month], currency=one.currency
    )
    if not amount:
        return
    origin = ledger.read(connection, stands.entry).postings[0]
    base = None
    if origin.base is not None:
        # At the rate of the day on which it was paid: what is prepaid is not revalued.
        micros = by_month(origin.base.micros, one.starts, one.ends)[month]
        base = Money(micros=micros, currency=origin.base.currency)
    _, end = months_of(one.starts, one.ends)[month]
    debit = (
        cost_line(one, amount, one.cost_type, clerk.policy)
        if one.campaign
        else Posting(account=pool_of(one, month), amount=amount, provider=one.provider or one.payee)
    )
    credit = Posting(account=prepaid_of(one), amount=-amount, provider=one.provider or one.payee)
    ledger.post(
        connection,
        Transaction(
            key=key,
            kind="amortisation",
            effective_on=end,
            postings=with_base(debit, credit, base=base, fx_rate=origin.fx_rate),
            source=f"document/{stands.key}",
            source_doc=one.number,
            actor=clerk.actor,
        ),
        clerk.at,
    )


def _expire(connection: Connection, stands: Standing, through: str, clerk: Clerk) -> None:
    """Post what is left of credits that can no longer be used, as idle."""
    one = stands.document
    if not isinstance(one, Credits) or one.ends is None or one.ends > last_day(through):
        return
    key = f"expired/{stands.key}"
    left, base = _balance(connection, prepaid_of(one), one.currency)
    if _is_posted(connection, key) or not left or not left_of(connection, stands):
        return
    idle = Posting.model_validate(
        {
            **cost_line(one, left, one.cost_type, clerk.policy).model_dump(),
            "stage": IDLE,
            "waste": True,
            "attribution": "direct" if one.campaign else "unmatched",
        }
    )
    credit = Posting(account=prepaid_of(one), amount=-left, provider=one.provider or one.payee)
    fx_rate = ledger.read(connection, stands.entry).postings[0].fx_rate
    entry = Transaction(
        key=key,
        kind="amortisation",
        effective_on=one.ends,
        postings=with_base(idle, credit, base=base, fx_rate=fx_rate),
        source=f"document/{stands.key}",
        source_doc=one.number,
        actor=clerk.actor,
    )
    ledger.post(connection, entry, clerk.at)


def _shared(
    connection: Connection,
    stands: Standing,
    month: str,
    clerk: Clerk,
    rates: Rates | None,
    *,
    monthly: bool,
) -> Iterator[Share]:
    """Share one pool, if there is one, and say how it stands."""
    one = stands.document
    source = f"amortisation/{stands.key}/{month}" if monthly else stands.entry
    if one.campaign or not _is_posted(connection, source):
        return
    filled = ledger.read(connection, source)
    put_in = filled.postings[0]
    pool = pool_of(one, month if monthly else "")
    tree = weights(connection, one, month, rates)
    rows = _allocations(connection, pool)
    stood = rows[-1] if rows and not rows[-1]["taken_back"] else None
    changed = stood is None or stood["weights"] != _written(tree)
    if changed and stood is not None:
        reason = f"what {pool} is shared by has changed"
        key = stood["idem_key"]
        ledger.reverse(connection, key, clerk.at, actor=clerk.actor, reason=reason)
    if changed:
        entry = _allocation(stands, pool, put_in, tree, clerk, len(rows) + 1, filled)
        seq = ledger.post(connection, entry, clerk.at)
        connection.execute(
            insert(allocation).values(
                txn_seq=seq,
                pool=pool,
                month=month,
                basis=one.shared_by,
                method=METHOD,
                weights=_written(tree),
                total_micros=put_in.amount.micros,
                currency=put_in.amount.currency,
                replaces=stood["seq"] if stood else None,
            )
        )
    replaced = changed and stood is not None
    yield _told(one, pool, month, put_in.amount, tree, changed=changed, replaced=replaced)


def _allocation(
    stands: Standing,
    pool: str,
    put_in: Posting,
    tree: Tree,
    clerk: Clerk,
    number: int,
    filled: Transaction,
) -> Transaction:
    one, amount = stands.document, put_in.amount
    cost_type = "ai.credits" if isinstance(one, CreditsUsed) else one.cost_type
    plain = cost_line(one, amount, cost_type, clerk.policy)
    lines = [
        plain.model_copy(
            update={
                "amount": part,
                "base": base,
                "fx_rate": put_in.fx_rate,
                "campaign": campaign,
                "market": market or None,
                "attribution": "allocated",
            }
        )
        for (campaign, market), (part, base) in (
            parts(amount, put_in.base, tree).items() if tree else ()
        )
    ]
    if not lines:
        nobody = {"base": put_in.base, "fx_rate": put_in.fx_rate}
        lines = [plain.model_copy(update={**nobody, "stage": IDLE, "attribution": "unmatched"})]
    taken = put_in.model_copy(
        update={"amount": -amount, "base": None if put_in.base is None else -put_in.base}
    )
    return Transaction(
        key=f"allocation/{pool.removeprefix('pool:')}/{number}",
        kind="allocation",
        effective_on=filled.effective_on,
        postings=(*lines, taken),
        source=f"document/{stands.key}",
        source_doc=one.number,
        actor=clerk.actor,
        status=filled.status,
    )


def _told(
    one: Document,
    pool: str,
    month: str,
    amount: Money,
    tree: Tree,
    *,
    changed: bool,
    replaced: bool,
) -> Share:
    campaigns: dict[str, int] = {}
    if tree:
        for (campaign, _), micros in shares_in_two(amount.micros, tree).items():
            campaigns[campaign] = campaigns.get(campaign, 0) + micros
    return Share(
        pool=pool,
        month=month,
        basis=one.shared_by,
        amount=amount,
        campaigns={
            name: Money(micros=micros, currency=amount.currency)
            for name, micros in campaigns.items()
        },
        idle=Money.zero(amount.currency) if tree else amount,
        changed=changed,
        replaced=replaced,
    )


def _written(tree: Tree) -> str:
    plain = {
        campaign: {market: f"{weight.normalize():f}" for market, weight in sorted(inner.items())}
        for campaign, inner in tree.items()
    }
    return canonical(plain).decode()


def _is_posted(connection: Connection, key: str) -> bool:
    query = select(txn.c.seq).where(txn.c.idem_key == key)
    return connection.execute(query).scalar_one_or_none() is not None


def _balance(connection: Connection, account: str, currency: str) -> tuple[Money, Money | None]:
    """Return what stands on an account, and the same in the currency of the books."""
    of_it = (posting.c.account == account) & (posting.c.currency == currency)
    columns = (posting.c.amount_micros, posting.c.base_micros, posting.c.base_currency)
    rows = connection.execute(select(*columns).where(of_it)).all()
    currencies = {row.base_currency for row in rows}
    base = None
    if len(currencies) == 1 and None not in currencies:
        base = Money(micros=sum(row.base_micros for row in rows), currency=min(currencies))
    return Money(micros=sum(row.amount_micros for row in rows), currency=currency), base


def _allocations(connection: Connection, pool: str) -> list[RowMapping]:
    mirror = txn.alias()
    query = (
        select(allocation, txn.c.idem_key, mirror.c.seq.label("taken_back"))
        .join(txn, txn.c.seq == allocation.c.txn_seq)
        .outerjoin(mirror, mirror.c.reverses == txn.c.seq)
        .where(allocation.c.pool == pool)
        .order_by(allocation.c.seq)
    )
    return list(connection.execute(query).mappings())
