"""Puts what was really charged in the place of what was posted before: an estimate, or an error.

What was posted is taken back and the actual is posted beside it, so that both stay to be seen. An
actual can be trued up again; each entry has at most one that takes its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from cost_tracking import ledger
from cost_tracking.entries import Posting, Transaction
from cost_tracking.money import Money, allocate
from cost_tracking.tables import txn
from cost_tracking.usage import UsageLine


class Superseded(Exception):
    """Another entry has taken its place already. Nothing was posted."""


@dataclass(frozen=True)
class Actual:
    """What something was really charged, and who says so."""

    amount: Money
    """In the currency of the entry, in all; 0 or more."""
    document: str
    """The invoice or line of a bill that proves it."""
    actor: str
    usage: tuple[UsageLine, ...] = ()
    """What was used; that of the entry, if none is given."""


def key_of(key: str) -> str:
    """Return the key of the entry that takes the place of this one."""
    return f"true_up/{key}"


def standing(connection: Connection, key: str) -> str:
    """Return the key of the entry that stands now for what was first posted under this one."""
    origin = txn.alias()
    while True:
        query = select(txn.c.idem_key).join(origin, txn.c.supersedes == origin.c.seq)
        later = connection.execute(query.where(origin.c.idem_key == key)).scalar_one_or_none()
        if later is None:
            return key
        key = str(later)


def true_up(connection: Connection, key: str, actual: Actual, at: datetime) -> int:
    """Put what was really charged in the place of an entry, in the caller's transaction.

    The actual belongs to the same day, has the same lines, and shares the amount out to them as the
    entry did, to the micro. What turns out to have cost nothing is only taken back. The same actual
    a second time changes nothing.

    Args:
        connection: In the caller's transaction.
        key: Of the entry.
        actual: What was charged.
        at: When it is recorded.

    Returns:
        The sequence number of the actual, or of the reversal where it cost nothing.

    Raises:
        UnknownEntry: There is no such entry.
        Superseded: Another amount has taken its place already.
        ValueError: The amount is below 0 or in another currency, or the entry has several.

    """
    entry = ledger.read(connection, key)
    fresh = _actual(entry, actual)
    later = standing(connection, key)
    if later != key:
        stands = ledger.read(connection, key_of(key))
        if fresh is None or _amount(stands) != actual.amount:
            raise Superseded(
                f"{key} was trued up at {_amount(stands)}; true up {later} to correct that"
            )
        return ledger.post(connection, stands, at)  # It is there: this tells its number.
    reversal = ledger.reverse(connection, key, at, actor=actual.actor, reason=actual.document)
    return reversal if fresh is None else ledger.post(connection, fresh, at)


def scaled(lines: Sequence[Posting], amount: Money) -> tuple[Posting, ...]:
    """Return lines of another amount, shared as these share theirs, to the micro.

    What they are in the base currency is scaled alike, at the rate of the whole.

    Args:
        lines: Of one entry in one currency; they balance.
        amount: What the positive ones are to sum up to; above 0.

    """
    shares = _shared([one.amount.micros for one in lines], amount.micros)
    kept = [(one, micros) for one, micros in zip(lines, shares, strict=True) if micros]
    before = [one.base.micros if one.base else 0 for one, _ in kept]
    whole = Decimal(_positive(one.amount.micros for one in lines))
    based = Decimal(_positive(one.base.micros for one in lines if one.base))
    bases = _shared(before, int((based * amount.micros / whole).to_integral_value()))
    return tuple(
        one.model_copy(
            update={
                "amount": Money(micros=micros, currency=amount.currency),
                "base": one.base and Money(micros=base, currency=one.base.currency),
            }
        )
        for (one, micros), base in zip(kept, bases, strict=True)
    )


def _shared(weights: Sequence[int], whole: int) -> list[int]:
    """Share a whole among what is above 0, and its mirror image among what is below."""
    found = [0] * len(weights)
    for sign in (1, -1):
        side = {
            f"{place:09d}": sign * much for place, much in enumerate(weights) if sign * much > 0
        }
        if side:
            for place, micros in allocate(sign * whole, side).items():
                found[int(place)] = micros
    return found


def _positive(amounts: Iterable[int]) -> int:
    return sum(one for one in amounts if one > 0)


def _amount(entry: Transaction) -> Money:
    """Return what an entry is of: the sum of its positive lines.

    Raises:
        ValueError: It is in several currencies, or has no lines.

    """
    currencies = {one.amount.currency for one in entry.postings}
    if len(currencies) != 1:
        raise ValueError(f"{entry.key} is not of one currency; reverse it and post the actual")
    micros = _positive(one.amount.micros for one in entry.postings)
    return Money(micros=micros, currency=currencies.pop())


def _actual(entry: Transaction, actual: Actual) -> Transaction | None:
    whole = _amount(entry)
    if actual.amount.currency != whole.currency or actual.amount < Money.zero(whole.currency):
        raise ValueError(f"{entry.key} is of {whole} and cannot have been charged {actual.amount}")
    if not actual.amount:
        return None
    return Transaction(
        key=key_of(entry.key),
        kind="true_up",
        effective_on=entry.effective_on,
        postings=scaled(entry.postings, actual.amount),
        source=entry.source,
        source_doc=actual.document,
        actor=actual.actor,
        run=entry.run,
        supersedes=entry.key,
        usage=actual.usage or _billed(entry, actual.amount),
    )


def _billed(entry: Transaction, amount: Money) -> tuple[UsageLine, ...]:
    """Return what an entry used, as billed: the first line carries the whole."""
    return tuple(
        one.model_copy(update={"billed": Decimal(0) if place else amount.amount})
        for place, one in enumerate(entry.usage)
    )
