"""Lays a provider's bill beside our attempts: what explains what, and what nobody can explain.

First by receipt, where a line has one; what is left by day, model and amount, or by what the bill
tells of these. An attempt whose outcome was lost is decided only where the figures leave no other
reading: nothing here guesses. Nothing is read or written; the caller settles, by a named person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cost_tracking.bill import Bill, BillLine
from cost_tracking.money import Money, allocate
from cost_tracking.orders import Attempt, State
from creative.value import Value

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_OPEN = (State.SENT, State.SUSPECT)


class Row(Value):
    """One comparison of what was billed with what we know."""

    on: str
    """A day, or the first and the last one."""
    model: str
    receipt: str
    billed: Money
    known: Money
    """What our settled attempts sum up to."""
    attempts: tuple[str, ...]

    @property
    def difference(self) -> Money:
        """Return what was billed beyond what we know; below 0 for what was not billed."""
        return self.billed - self.known


class Decided(Value):
    """What the bill says of an attempt whose outcome was lost, or that was settled by estimate."""

    attempt: str
    amount: Money | None
    """What it was charged; None where it was not."""
    reason: str
    """Which line of the bill says so."""


class Undecided(Value):
    """An attempt whose outcome the bill does not tell, and why."""

    attempt: str
    why: str


class Reconciliation(Value):
    """A bill and our attempts, laid side by side."""

    provider: str
    source: str
    start: date
    end: date
    billed: tuple[Money, ...]
    """In all, by currency."""
    matched: tuple[Row, ...]
    """Both say the same."""
    unknown: tuple[Row, ...]
    """The provider billed more than we know of."""
    unbilled: tuple[Row, ...]
    """We know of more than the provider billed."""
    decided: tuple[Decided, ...]
    undecided: tuple[Undecided, ...]

    @property
    def explained(self) -> bool:
        """Say whether nothing is left to look into."""
        return not (self.unknown or self.unbilled or self.undecided)


def reconcile(bill: Bill, attempts: Iterable[Attempt]) -> Reconciliation:
    """Return what of a bill our attempts explain, and the reverse.

    Args:
        bill: Of one provider.
        attempts: Of any provider and day; those that the bill is not about are passed over.

    """
    ours = [one for one in attempts if _concerns(bill, one)]
    work = _Work(bill)
    left, ours = work.by_receipt(list(bill.lines), ours)
    itemised = all(line.receipt for line in bill.lines) and bool(bill.lines)
    if itemised:
        # Each line names its answer, so an answer of ours that none names was not billed.
        for one in [one for one in ours if one.receipt and one.amount]:
            work.compare([], [one], one.receipt or "")
            ours.remove(one)
    work.by_total(left, ours)
    return work.result()


@dataclass
class _Work:
    bill: Bill
    matched: list[Row] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)
    unbilled: list[Row] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)

    def by_receipt(
        self, lines: list[BillLine], ours: list[Attempt]
    ) -> tuple[list[BillLine], list[Attempt]]:
        """Compare what names the same answer, and return the lines and attempts that are left."""
        named = {name: one for one in ours for name in _names(one)}
        found: dict[str, tuple[Attempt, list[BillLine]]] = {}
        left: list[BillLine] = []
        for line in lines:
            one = named.get(line.receipt) if line.receipt else None
            if one is None or one.estimate.currency != line.amount.currency:
                left.append(line)
            else:
                found.setdefault(one.id, (one, []))[1].append(line)
        for one, of_it in found.values():
            if one.state in _OPEN or (one.basis == "estimated" and not self._agrees(of_it, one)):
                self._named(one, of_it)
            else:
                self.compare(of_it, [one], of_it[0].receipt)
        return left, [one for one in ours if one.id not in found]

    def by_total(self, lines: list[BillLine], ours: list[Attempt]) -> None:
        """Compare the sums of what is left."""
        daily = all(line.start == line.end for line in lines)
        by_model = all(line.model for line in lines)
        models = {one.model for one in ours}

        def key(day: date, model: str, currency: str) -> tuple[str, str, str]:
            return (day.isoformat() if daily else "", model if by_model else "", currency)

        groups: dict[tuple[str, str, str], tuple[list[BillLine], list[Attempt]]] = {}
        for line in lines:
            named = _model_of(line.model, models)
            place = key(line.start, named, line.amount.currency)
            groups.setdefault(place, ([], []))[0].append(line)
        for one in ours:
            place = key(_day(one), one.model, one.estimate.currency)
            groups.setdefault(place, ([], []))[1].append(one)
        for _, (of_bill, of_ours) in sorted(groups.items(), key=lambda group: group[0]):
            lost = [one for one in of_ours if one.state in _OPEN]
            known = [one for one in of_ours if one.state not in _OPEN]
            if lost:
                self._lost(of_bill, known, lost)
            elif of_bill or any(one.amount for one in known):
                self.compare(of_bill, known, "")

    def compare(self, lines: Sequence[BillLine], known: Sequence[Attempt], receipt: str) -> None:
        """Set one sum beside the other."""
        row = self._row(lines, known, receipt=receipt)
        over = row.difference.micros
        same = abs(over) <= _tolerance(lines, known)
        (self.matched if same else self.unknown if over > 0 else self.unbilled).append(row)

    @staticmethod
    def _agrees(lines: Sequence[BillLine], one: Attempt) -> bool:
        billed = _sum((line.amount for line in lines), one.estimate.currency)
        return abs((billed - one.counts).micros) <= _tolerance(lines, [one])

    def _named(self, one: Attempt, lines: Sequence[BillLine]) -> None:
        amount = _sum((line.amount for line in lines), one.estimate.currency)
        self.matched.append(self._row(lines, [], [one], lines[0].receipt))
        if why := self._not_yet(one):
            self.undecided.append(Undecided(attempt=one.id, why=why))
        elif amount.micros < 0:
            why = f"the bill gives {amount} for it, which is no charge"
            self.undecided.append(Undecided(attempt=one.id, why=why))
        else:
            reason = f"{self.bill.source}: {amount} for {lines[0].receipt}"
            self.decided.append(Decided(attempt=one.id, amount=amount or None, reason=reason))

    def _lost(
        self, lines: Sequence[BillLine], known: Sequence[Attempt], lost: Sequence[Attempt]
    ) -> None:
        """Decide the lost attempts of one sum, where it leaves one reading."""
        row = self._row(lines, known, lost)
        over, slack = row.difference.micros, _tolerance(lines, [*known, *lost])
        most = {one.id: one.estimate.micros for one in lost}
        why = next((why for one in lost if (why := self._not_yet(one))), "")
        said = f"{self.bill.source}: {row.on} {row.model}".rstrip()
        if not why and min(most.values()) <= slack:
            why = f"the bill is rounded by more than it may have cost ({_micros(slack, row)})"
        elif not why and abs(over) <= slack:
            self.matched.append(row)
            reason = f"{said}: billed {row.billed}, all of which is known; it was not charged"
            self.decided += [Decided(attempt=name, amount=None, reason=reason) for name in most]
            return
        # All were charged if any one fewer could not have cost as much.
        elif not why and sum(most.values()) - min(most.values()) + slack < over:
            if over <= sum(most.values()) + slack:
                self.matched.append(row)
                reason = f"{said}: billed {row.difference} more than is known"
                parts = allocate(over, most)
                self.decided += [
                    Decided(attempt=name, amount=_micros(part, row), reason=reason)
                    for name, part in parts.items()
                ]
                return
            why = f"billed {row.difference} more than is known, which is more than it can have cost"
        elif not why and over > 0:
            why = f"billed {row.difference} more than is known, and several may have cost that"
        elif not why:
            why = f"billed {-row.difference} less than is known"
        self.undecided += [Undecided(attempt=name, why=f"{said}: {why}") for name in most]
        if abs(over) > slack:
            (self.unknown if over > 0 else self.unbilled).append(row)

    def _not_yet(self, one: Attempt) -> str:
        """Say why an attempt may not be decided by anybody yet, or return an empty string."""
        if one.state is State.SENT:
            return f"{one.owner} still holds it until {one.lease_until:%Y-%m-%d %H:%M} UTC"
        if one.collectable:
            return "its job may still be asked for: run or resume its campaign first"
        if _day(one) > self.bill.whole_until:
            return f"more may be billed for {_day(one)}; ask again later"
        return ""

    def _row(
        self,
        lines: Sequence[BillLine],
        known: Sequence[Attempt],
        lost: Sequence[Attempt] = (),
        receipt: str = "",
    ) -> Row:
        ours = (*known, *lost)
        currency = lines[0].amount.currency if lines else ours[0].estimate.currency
        days = [day for line in lines for day in (line.start, line.end)] or list(map(_day, ours))
        first, last = min(days), max(days)
        models = {one.model for one in ours} or {line.model for line in lines}
        return Row(
            on=str(first) if first == last else f"{first} to {last}",
            model=models.pop() if len(models) == 1 else "",
            receipt=receipt,
            billed=_sum((line.amount for line in lines), currency),
            known=_sum((one.amount for one in known if one.amount), currency),
            attempts=tuple(one.id for one in ours),
        )

    def result(self) -> Reconciliation:
        """Return all of it, in the order of the bill."""
        sums: dict[str, Money] = {}
        for line in self.bill.lines:
            currency = line.amount.currency
            sums[currency] = sums.get(currency, Money.zero(currency)) + line.amount
        return Reconciliation(
            provider=self.bill.provider,
            source=self.bill.source,
            start=self.bill.start,
            end=self.bill.end,
            billed=tuple(sums[currency] for currency in sorted(sums)),
            matched=tuple(self.matched),
            unknown=tuple(self.unknown),
            unbilled=tuple(self.unbilled),
            decided=tuple(self.decided),
            undecided=tuple(self.undecided),
        )


def _concerns(bill: Bill, one: Attempt) -> bool:
    asked = one.provider == bill.provider and one.sent_at is not None
    return asked and bill.start <= _day(one) <= bill.end


def _day(one: Attempt) -> date:
    return (one.sent_at or one.reserved_at).date()


def _names(one: Attempt) -> Iterable[str]:
    """Yield what a line may call an attempt: the answer's receipt, its job, or our own id."""
    job = (one.job or {}).get("job")
    return filter(None, (one.receipt, one.id, job if isinstance(job, str) else None))


def _model_of(billed: str, ours: Iterable[str]) -> str:
    """Return our name of a model; a bill often names the dated snapshot that answered."""
    plain = _SNAPSHOT.sub("", billed)
    return billed if billed in ours or plain not in ours else plain


def _tolerance(lines: Sequence[BillLine], ours: Sequence[Attempt]) -> int:
    """Return by how many micros two sums may differ and be the same.

    Each amount of ours and each line is rounded to a micro, once; a bill may be to the cent.
    """
    rounded = sum((line.rounding for line in lines), Decimal(0))
    return int(rounded * 1_000_000) + len(lines) + len(ours)


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))


def _micros(micros: int, like: Row) -> Money:
    return Money(micros=micros, currency=like.billed.currency)
