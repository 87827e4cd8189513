"""Posts a document that somebody entered, once; a correction takes the first one back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select

from cost_tracking import ledger
from cost_tracking.allocation.documents import (
    Credits,
    CreditsUsed,
    Document,
    Invoice,
    Labour,
    Term,
    document,
)
from cost_tracking.allocation.tables import spend_document
from cost_tracking.database import lock
from cost_tracking.entries import COST, Kind, Posting, Transaction
from cost_tracking.exchange.based import Books, in_books
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.policy import Policy
from cost_tracking.tables import txn
from cost_tracking.usage import UsageLine
from creative.value import Value, canonical

CREDITS = "credits"
"""The meter of credits, bought and used."""


class DocumentConflict(Exception):
    """A document of this number says something else. Nothing was posted."""


class NotEnough(ValueError):
    """A purchase of credits is used up. Nothing was posted."""


class Entered(Value):
    """What became of a document."""

    document: str
    entry: str
    """The key of its entry in the ledger."""
    revision: int
    posted: bool
    """False where it was entered before, and nothing changed."""
    amount: Money
    account: str
    """Where the amount stands now: ``cost``, or what it is prepaid in or shared from."""
    estimate: bool


@dataclass(frozen=True)
class Standing:
    """A document as it stands."""

    document: Document
    revision: int
    entry: str

    @property
    def key(self) -> str:
        """Return what it is known by, with its revision."""
        return f"{self.document.key}/{self.revision}"


@dataclass(frozen=True)
class Clerk:
    """Who enters and shares, by which policy, and in the currency of which books."""

    policy: Policy
    actor: str
    at: datetime
    books: Books | None = None


def enter(
    connection: Connection, entered: Document, clerk: Clerk, *, corrects: str = ""
) -> Entered:
    """Post a document in the caller's transaction; the same one a second time changes nothing.

    Args:
        connection: In the caller's transaction.
        entered: What it says.
        clerk: Who enters it.
        corrects: Why an earlier one of its number is wrong; it is then reversed, with all that
            was made of it, and this one is posted in its place.

    Raises:
        DocumentConflict: One of its number stands and says otherwise, and nothing was said to be
            corrected; or none stands that could be.
        NotEnough: It uses more credits than are left.

    """
    lock(connection, f"document/{entered.key}")
    lot = entered.lot if isinstance(entered, CreditsUsed) else None
    if lot is not None:
        lock(connection, f"document/{entered.payee}/{lot}")
    before = _newest(connection, entered.payee, entered.number)
    stands = standing(connection, entered.payee, entered.number)
    if stands and stands.document == entered:
        entry = ledger.read(connection, stands.entry)
        return _entered(entered, entry, stands.revision, posted=False)
    if stands and not corrects:
        raise DocumentConflict(
            f"{entered.key} was entered and says otherwise; check its number, or give --corrects "
            "with the reason to put this one in its place"
        )
    if corrects and not stands:
        raise DocumentConflict(f"{entered.key} was never entered, so it cannot be corrected")
    if stands:
        _take_back(connection, stands, clerk, corrects)
    revision = (before["revision"] if before else 0) + 1
    if isinstance(entered, CreditsUsed):
        entry = _used_up(connection, entered, revision, clerk)
    else:
        entry = in_books(_entry(entered, entered.money, revision, clerk), clerk.books)
    seq = ledger.post(connection, entry, clerk.at)
    connection.execute(
        insert(spend_document).values(
            payee=entered.payee,
            number=entered.number,
            revision=revision,
            kind=entered.kind,
            statement=canonical(entered.model_dump(mode="json")).decode(),
            txn_seq=seq,
            recorded_at=stamp(clerk.at),
        )
    )
    return _entered(entered, entry, revision, posted=True)


def standing(connection: Connection, payee: str, number: str) -> Standing | None:
    """Return a document as it stands, or None where it was never entered."""
    row = _newest(connection, payee, number)
    return _standing(row) if row and not row["taken_back"] else None


def all_standing(connection: Connection) -> Iterator[Standing]:
    """Yield every document that stands, in the order in which they were entered."""
    for row in _rows(connection):
        if not row["taken_back"]:
            yield _standing(row)


def left_of(connection: Connection, lot: Standing) -> Decimal:
    """Return how many credits of a purchase are not used."""
    bought = lot.document
    if not isinstance(bought, Credits):
        raise TypeError(f"{lot.key} is no purchase of credits")
    used = (
        one.document.quantity
        for one in all_standing(connection)
        if isinstance(one.document, CreditsUsed)
        and (one.document.payee, one.document.lot) == (bought.payee, bought.number)
    )
    return bought.quantity - sum(used, Decimal(0))


def place(one: Document) -> dict[str, str | None]:
    """Return what a document names that a posting can carry."""
    names = ("campaign", "market", "channel", "asset")
    return {"provider": one.provider or one.payee, **{name: getattr(one, name) for name in names}}


def pool_of(one: Document, month: str = "") -> str:
    """Return the account from which a document, or a month of one, is shared."""
    return f"pool:{one.key}/{month}" if month else f"pool:{one.key}"


def prepaid_of(one: Document) -> str:
    """Return the account on which a document is prepaid."""
    return f"prepaid:{one.key}"


def cost_line(one: Document, amount: Money, cost_type: str, policy: Policy) -> Posting:
    """Return a line of cost for what a document names."""
    return Posting.model_validate(
        {
            **place(one),
            "account": COST,
            "amount": amount,
            "cost_type": cost_type,
            "spend_class": policy.spend_class(cost_type),
            "policy": policy.id,
            "stage": one.kind,
            "waste": policy.rule(cost_type).wasted,
            "reviewer": one.person if isinstance(one, Labour) else None,
        }
    )


def _entered(one: Document, entry: Transaction, revision: int, *, posted: bool) -> Entered:
    line = entry.postings[0]
    return Entered(
        document=one.key,
        entry=entry.key,
        revision=revision,
        posted=posted,
        amount=line.amount,
        account=line.account,
        estimate=entry.status == "estimate",
    )


def with_base(
    debit: Posting, credit: Posting, *, base: Money | None, fx_rate: str | None
) -> tuple[Posting, Posting]:
    """Return two lines that say what they were in the books when it was paid, if that is known.

    What is prepaid is not revalued: it becomes a cost at the rate of the day on which it was paid.
    """
    if base is None:
        return debit, credit
    return (
        debit.model_copy(update={"base": base, "fx_rate": fx_rate}),
        credit.model_copy(update={"base": -base, "fx_rate": fx_rate}),
    )


def _entry(one: Document, amount: Money, revision: int, clerk: Clerk) -> Transaction:
    lines = [_debit(one, amount, clerk.policy)]
    owed = amount
    if isinstance(one, Invoice) and one.tax:
        tax = Money.of(one.tax, one.currency)
        lines.append(cost_line(one, tax, "tax.recoverable", clerk.policy))
        owed += tax
    lines.append(Posting.model_validate({**place(one), "account": _owed(one), "amount": -owed}))
    estimate = isinstance(one, Labour) and one.is_estimate
    return Transaction(
        key=f"document/{one.key}/{revision}",
        kind=_kind(one),
        effective_on=one.on,
        postings=tuple(lines),
        source="document",
        source_doc=one.number,
        actor=clerk.actor,
        status="estimate" if estimate else "actual",
        usage=_usage(one, amount),
    )


def _debit(one: Document, amount: Money, policy: Policy) -> Posting:
    if isinstance(one, Term | Credits):
        return Posting(account=prepaid_of(one), amount=amount, provider=one.provider or one.payee)
    cost_type = "ai.credits" if isinstance(one, CreditsUsed) else one.cost_type
    if one.campaign is None:
        return Posting(account=pool_of(one), amount=amount, provider=one.provider or one.payee)
    return cost_line(one, amount, cost_type, policy)


def _owed(one: Document) -> str:
    if isinstance(one, CreditsUsed):
        return f"prepaid:{one.payee}/{one.lot}"
    return f"accrual:{one.payee}" if isinstance(one, Labour) else f"payable:{one.payee}"


def _kind(one: Document) -> Kind:
    kinds: dict[str, Kind] = {"labour": "labour", "media": "media", "credits_used": "amortisation"}
    return kinds.get(one.kind, "invoice")


def _usage(one: Document, amount: Money) -> tuple[UsageLine, ...]:
    if isinstance(one, Labour):
        meter, quantity, unit, worth = "minutes", one.worked, "minute", one.exact
    elif isinstance(one, Credits):
        meter, quantity, unit, worth = CREDITS, one.quantity, one.unit, one.amount
    elif isinstance(one, CreditsUsed):
        meter, quantity, unit, worth = CREDITS, one.quantity, "credit", amount.amount
    else:
        return ()
    line = UsageLine(meter=meter, quantity=quantity, unit=unit, exact=worth, currency=one.currency)
    return (line,)


def _used_up(connection: Connection, one: CreditsUsed, revision: int, clerk: Clerk) -> Transaction:
    """Return the entry of credits that were used: what the part used so far cost, less that before.

    So the parts of a purchase sum to it exactly, in whatever pieces it is used.
    """
    lot = standing(connection, one.payee, one.lot)
    if lot is None or not isinstance(lot.document, Credits):
        raise NotEnough(
            f"{one.payee} has no purchase of credits {one.lot!r}; enter it first, as credits"
        )
    bought = lot.document
    if one.currency != bought.currency:
        raise NotEnough(f"{bought.key} was bought in {bought.currency}; give that currency")
    left = left_of(connection, lot)
    if one.quantity > left:
        raise NotEnough(
            f"{one.quantity:f} are used, and of {bought.key} {left:f} {bought.unit} are left; "
            "enter what was bought on top as a purchase of its own"
        )
    before = Fraction(bought.quantity - left) / Fraction(bought.quantity)
    after = before + Fraction(one.quantity) / Fraction(bought.quantity)

    def drawn(whole: Money) -> Money:
        micros = round(whole.micros * after) - round(whole.micros * before)
        return Money(micros=micros, currency=whole.currency)

    amount = drawn(bought.money)
    if not amount:
        raise NotEnough(f"{one.quantity:f} {bought.unit} cost under a micro; enter more at once")
    paid = ledger.read(connection, lot.entry).postings[0]
    entry = _entry(one, amount, revision, clerk)
    debit, credit = entry.postings
    base = None if paid.base is None else drawn(paid.base)
    lines = with_base(debit, credit, base=base, fx_rate=paid.fx_rate)
    return entry.model_copy(update={"postings": lines})


def _take_back(connection: Connection, stands: Standing, clerk: Clerk, reason: str) -> None:
    """Reverse a document with its months and its shares, the last first."""
    if isinstance(stands.document, Credits):
        users = [
            one.document.key
            for one in all_standing(connection)
            if isinstance(one.document, CreditsUsed)
            and (one.document.payee, one.document.lot)
            == (stands.document.payee, stands.document.number)
        ]
        if users:
            raise DocumentConflict(
                f"{stands.document.key} is used by {', '.join(users[:5])}; correct those first"
            )
    origin, mirror = txn, txn.alias()
    made = (
        select(origin.c.idem_key)
        .outerjoin(mirror, mirror.c.reverses == origin.c.seq)
        .where(origin.c.source == f"document/{stands.key}", mirror.c.seq.is_(None))
        .where(origin.c.reverses.is_(None))
        .order_by(origin.c.seq.desc())
    )
    keys = [*connection.execute(made).scalars(), stands.entry]
    ledger.reverse_all(connection, keys, clerk.at, actor=clerk.actor, reason=reason)


def _rows(connection: Connection, *of: ColumnElement[bool]) -> list[RowMapping]:
    mirror = txn.alias()
    query = (
        select(spend_document, txn.c.idem_key, mirror.c.seq.label("taken_back"))
        .join(txn, txn.c.seq == spend_document.c.txn_seq)
        .outerjoin(mirror, mirror.c.reverses == txn.c.seq)
        .where(*of)
        .order_by(spend_document.c.seq)
    )
    return list(connection.execute(query).mappings())


def _newest(connection: Connection, payee: str, number: str) -> RowMapping | None:
    column = spend_document.c
    rows = _rows(connection, column.payee == payee, column.number == number)
    return rows[-1] if rows else None


def _standing(row: RowMapping) -> Standing:
    told = document(json.loads(row["statement"], parse_float=Decimal))
    return Standing(told, row["revision"], row["idem_key"])
