"""Charges of providers that cannot be right, or that changed without a word: rules, no guesses.

Each rule is one that a log of usage has broken somewhere in practice: an answer entered twice, a
price that changed, money for nothing, and something for no money. Whether a day's spending is
unusual is another question, and a hint; see ``anomalies``.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from cost_tracking import attempt_rows
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, State
from cost_tracking.tables import attempt, posting, txn, usage
from creative.value import Value

Rule = Literal["price_changed", "entered_twice", "cost_without_units", "units_without_cost"]


class OddCharge(Value):
    """One thing to look at, and the entries or requests that show it."""

    rule: Rule
    said: str
    amount: Money | None
    """The money that it is about; None where there is none."""
    evidence: tuple[str, ...]
    """Keys of entries, such as ``attempt/ab12…``."""


def odd_charges(connection: Connection, up_to: int) -> tuple[OddCharge, ...]:
    """Return every charge that breaks a rule.

    Args:
        connection: That may read.
        up_to: The watermark: the last entry that counts.

    """
    meters = _meters(connection, up_to)
    settled = attempt_rows.find(connection, attempt.c.state == State.SETTLED.value)
    return (
        *_price_changed(meters),
        *_entered_twice(settled),
        *_cost_without_units(meters),
        *_units_without_cost(settled),
    )


def _meters(connection: Connection, up_to: int) -> list[Row[Any]]:
    query = (
        select(
            usage,
            txn.c.idem_key,
            txn.c.effective_on,
            posting.c.provider,
            posting.c.model,
            posting.c.amount_micros,
            posting.c.waste,
        )
        .join(txn, txn.c.seq == usage.c.txn_seq)
        .join(
            posting,
            (posting.c.txn_seq == usage.c.txn_seq) & (posting.c.line_no == usage.c.line_no),
        )
        .where(usage.c.txn_seq <= up_to, txn.c.reverses.is_(None))
        .order_by(txn.c.effective_on, usage.c.txn_seq, usage.c.line_no, usage.c.meter)
    )
    return list(connection.execute(query).all())


def _price_changed(meters: list[Row[Any]]) -> Iterator[OddCharge]:
    last: dict[tuple[str, ...], Row[Any]] = {}
    for one in meters:
        if one.unit_price is None or not one.provider:
            continue
        key = (one.provider, one.model or "", one.meter, one.currency)
        before = last.get(key)
        last[key] = one
        if before is None or Decimal(before.unit_price) == Decimal(one.unit_price):
            continue
        what = " ".join(filter(None, (one.provider, one.model, one.meter)))
        yield OddCharge(
            rule="price_changed",
            said=(
                f"{what}: {before.unit_price} on {before.effective_on}, {one.unit_price} "
                f"{one.currency} a unit from {one.effective_on}"
            ),
            amount=None,
            evidence=(before.idem_key, one.idem_key),
        )


def _entered_twice(attempts: tuple[Attempt, ...]) -> Iterator[OddCharge]:
    receipts: dict[tuple[str, str], list[Attempt]] = {}
    for one in attempts:
        if one.receipt and one.amount:
            receipts.setdefault((one.provider, one.receipt), []).append(one)
    for (provider, receipt), found in sorted(receipts.items()):
        if len(found) > 1:
            more = [one.amount for one in found[1:] if one.amount is not None]
            yield OddCharge(
                rule="entered_twice",
                said=f"{provider}: the answer {receipt} was charged {len(found)} times",
                amount=sum(more[1:], more[0]),
                evidence=tuple(f"attempt/{one.id}" for one in found),
            )


def _cost_without_units(meters: list[Row[Any]]) -> Iterator[OddCharge]:
    lines: dict[tuple[int, int], list[Row[Any]]] = {}
    for one in meters:
        lines.setdefault((one.txn_seq, one.line_no), []).append(one)
    for found in lines.values():
        first = found[0]
        nothing = not any(Decimal(one.quantity) for one in found)
        if nothing and first.amount_micros and not first.waste:
            amount = Money(micros=first.amount_micros, currency=first.currency)
            yield OddCharge(
                rule="cost_without_units",
                said=f"{first.provider}: {amount} for 0 of {', '.join(x.meter for x in found)}",
                amount=amount,
                evidence=(first.idem_key,),
            )


def _units_without_cost(attempts: tuple[Attempt, ...]) -> Iterator[OddCharge]:
    for one in attempts:
        used = any((one.usage or {}).values())
        # What is free says so; what has a price and cost nothing was not priced.
        if used and one.amount is not None and not one.amount and one.basis != "free":
            units = ", ".join(
                f"{much:f} {unit}" for unit, much in sorted((one.usage or {}).items())
            )
            yield OddCharge(
                rule="units_without_cost",
                said=f"{one.provider} {one.model}: {units} for nothing, by {one.basis}",
                amount=None,
                evidence=(f"attempt/{one.id}",),
            )
