"""The costs of the ledger as limits count them: what each was for, and what it is worth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true

from cost_tracking.budgeting.scopes import ANY, Scope
from cost_tracking.entries import COST
from cost_tracking.exchange.rate_store import rates_within
from cost_tracking.exchange.rates import NoRate, Rates
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.tables import attempt, posting, txn

_ATTEMPT = "attempt/"
_TRUED_UP = f"true_up/{_ATTEMPT}"
_SLICE = 10_000
"""SQLite binds at most 32,766 values in one statement."""


@dataclass(frozen=True)
class Cost:
    """One line on the account of costs."""

    seq: int
    line: int
    on: date
    reverses: int | None
    """The number of the entry that it takes back."""
    spend_class: str
    campaign: str | None
    channel: str | None
    provider: str | None
    amounts: tuple[Money, ...]
    """The same in each currency that somebody has converted it to, as posted first."""

    def is_of(self, scope: Scope) -> bool:
        """Say whether it counts against a limit of this scope."""
        return scope.holds(self.on, self.spend_class, self.campaign, self.channel, self.provider)


class Worth:
    """What amounts are worth in a currency on a day.

    As its caller has converted it, where that is in the currency: an attempt by its brief's rate,
    a document by the rate it was posted at. Else at the published rate of its day.
    """

    def __init__(self, connection: Connection) -> None:
        self._rates: Rates = rates_within(connection)

    def of(self, amounts: Sequence[Money], currency: str, on: date) -> Money:
        """Return the amount in a currency.

        Raises:
            NoRate: Nobody has converted it, and no rate is known for the day.

        """
        for one in amounts:
            if one.currency == currency:
                return one
        return self._rates.convert(amounts[0], currency, on).amount

    def known(self, amounts: Sequence[Money], currency: str, on: date) -> Money | None:
        """Return the amount in a currency, or None where no rate is known."""
        try:
            return self.of(amounts, currency, on)
        except NoRate:
            return None


def costs_of(connection: Connection, scope: Scope) -> Iterator[Cost]:
    """Yield every cost that was posted and is of a scope, in the order of the ledger."""
    columns = (
        (scope.campaign, posting.c.campaign),
        (scope.spend_class, posting.c.spend_class),
        (scope.channel, posting.c.channel),
        (scope.provider, posting.c.provider),
    )
    same = [column == wanted for wanted, column in columns if wanted != ANY]
    period = txn.c.effective_on.startswith(scope.period) if scope.period != ANY else true()
    return _costs(connection, and_(true(), period, *same))


def costs_in(connection: Connection, seqs: Sequence[int]) -> Iterator[Cost]:
    """Yield the costs of some entries, in the order of the ledger."""
    for start in range(0, len(seqs), _SLICE):
        yield from _costs(connection, txn.c.seq.in_(seqs[start : start + _SLICE]))


def _costs(connection: Connection, where: ColumnElement[bool]) -> Iterator[Cost]:
    origin = txn.alias()
    key = func.coalesce(origin.c.idem_key, txn.c.idem_key)
    of_attempt = case(
        *((key.startswith(one), func.substr(key, len(one) + 1)) for one in (_ATTEMPT, _TRUED_UP))
    )
    query = (
        select(
            posting,
            txn.c.effective_on,
            txn.c.reverses,
            attempt.c.budget_spent_micros,
            attempt.c.budget_currency,
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .outerjoin(origin, origin.c.seq == txn.c.reverses)
        .outerjoin(attempt, attempt.c.id == of_attempt)
        .where(posting.c.account == COST, posting.c.spend_class != SpendClass.EXCLUDED)
        .where(where)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    for row in connection.execute(query).mappings():
        amounts = [
            (row["amount_micros"], row["currency"]),
            (row["base_micros"], row["base_currency"]),
        ]
        settled = row["budget_spent_micros"]
        if settled is not None:
            sign = -1 if row["reverses"] else 1
            amounts.append((sign * settled, row["budget_currency"]))
        yield Cost(
            seq=row["txn_seq"],
            line=row["line_no"],
            on=date.fromisoformat(row["effective_on"]),
            reverses=row["reverses"],
            spend_class=row["spend_class"],
            campaign=row["campaign"],
            channel=row["channel"],
            provider=row["provider"],
            amounts=tuple(
                Money(micros=micros, currency=currency)
                for micros, currency in amounts
                if currency is not None
            ),
        )
