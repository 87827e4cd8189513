"""Limits of any scope: all that match a reservation must hold it, and every fact counts.

A limit stands beside the budgets of campaigns. A cost in another currency counts at what its caller
has converted it to, or else at the published rate of its day. Where there is neither, a reservation
is refused; a fact is not: it is named as uncounted until a rate was imported and the limit is set
again.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, Row, RowMapping, insert, select, update

from cost_tracking.budgeting import turn
from cost_tracking.budgeting.costs import Cost, Worth, costs_in
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.tables import budget_count, budget_hold, budget_limit
from cost_tracking.budgets import OverBudget
from cost_tracking.money import Money
from cost_tracking.orders import Order
from cost_tracking.policy import SpendClass
from creative.value import Value

_FIELDS = ("campaign", "spend_class", "channel", "period", "provider")
_CHUNK = 2_000


class Limit(Value):
    """One limit, as it stood when it was read."""

    id: int
    scope: Scope
    limit: Money
    reserved: Money
    """For attempts that are under way or suspect."""
    spent: Money
    """May exceed the limit: a fact is never refused."""

    @property
    def left(self) -> Money:
        """Return what may still be reserved; negative when the limit was overrun or lowered."""
        return self.limit - self.reserved - self.spent


class OverLimit(OverBudget):
    """A limit does not hold what was asked for. Nothing was reserved of it or of any other."""

    def __init__(self, limit: Limit, wanted: Money) -> None:
        self.limit = limit
        self.wanted = wanted
        Exception.__init__(
            self,
            f"{wanted} more would go over the limit of {limit.limit} for {limit.scope}; "
            f"{limit.spent} is spent, {limit.reserved} is reserved and {limit.left} is left. Raise "
            "it with `kampanj budget limit`, move budget to it, or ask for less",
        )


def limits(connection: Connection) -> tuple[Limit, ...]:
    """Return every limit, in the order in which their rows are taken."""
    rows = connection.execute(select(budget_limit).order_by(budget_limit.c.id)).mappings()
    return tuple(_limit(row) for row in rows)


def limit_of(connection: Connection, scope: Scope) -> Limit | None:
    """Return the limit of exactly this scope, or None."""
    same = [budget_limit.c[name] == getattr(scope, name) for name in _FIELDS]
    row = connection.execute(select(budget_limit).where(*same)).mappings().one_or_none()
    return _limit(row) if row else None


def _limit(row: RowMapping) -> Limit:
    limit, reserved, spent = (
        Money(micros=row[f"{name}_micros"], currency=row["currency"])
        for name in ("limit", "reserved", "spent")
    )
    scope = Scope.model_validate({name: row[name] for name in _FIELDS})
    return Limit(id=row["id"], scope=scope, limit=limit, reserved=reserved, spent=spent)


def hold(
    connection: Connection, attempt: str, order: Order, spend_class: SpendClass, on: date
) -> None:
    """Reserve the most that an order may cost of every limit that it is of.

    Each by one conditional UPDATE, in the order of their ids, in the caller's transaction; it is
    for the caller to roll all of it back when one of them refuses.

    Args:
        connection: In the transaction that claims the attempt, whose row is there.
        attempt: The id of the attempt.
        order: What it is for.
        spend_class: Of its cost.
        on: The day, in UTC, which says what period it is of.

    Raises:
        OverLimit: One of them does not hold it.
        NoRate: It cannot be told in the currency of one of them.

    """
    if not turn.to_count(connection):
        return
    worth = Worth(connection)
    for one in limits(connection):
        if not is_of(one.scope, order, spend_class, on):
            continue
        wanted = worth.of((order.budget_amount, order.estimate), one.limit.currency, on)
        _reserve(connection, one, wanted)
        connection.execute(
            insert(budget_hold).values(limit_id=one.id, attempt=attempt, micros=wanted.micros)
        )


def is_of(scope: Scope, order: Order, spend_class: str, on: date) -> bool:
    """Say whether an order counts against a limit. No channel is known of what is being made."""
    return scope.holds(on, spend_class, order.campaign, None, order.provider)


def _reserve(connection: Connection, one: Limit, wanted: Money) -> None:
    row = budget_limit.c
    held = row.reserved_micros + row.spent_micros + wanted.micros
    done = connection.execute(
        update(budget_limit)
        # What costs nothing passes a limit that was lowered below what is spent.
        .where(row.id == one.id, (held <= row.limit_micros) | (wanted.micros == 0))
        .values(reserved_micros=row.reserved_micros + wanted.micros)
    )
    if done.rowcount != 1:
        raise OverLimit(_now(connection, one.id), wanted)


def _now(connection: Connection, limit_id: int) -> Limit:
    query = select(budget_limit).where(budget_limit.c.id == limit_id)
    return _limit(connection.execute(query).mappings().one())


def release(connection: Connection, attempt: str) -> None:
    """Give back what an attempt has reserved of limits, in the transaction that ends it.

    What it was charged counts when that is posted.
    """
    if not turn.to_count(connection):
        return
    query = select(budget_hold).where(budget_hold.c.attempt == attempt)
    for one in connection.execute(query.order_by(budget_hold.c.limit_id)).all():
        _give_back(connection, one)


def _give_back(connection: Connection, one: Row[tuple[object, ...]]) -> None:
    row = budget_limit.c
    connection.execute(
        update(budget_limit)
        .where(row.id == one.limit_id)
        .values(reserved_micros=row.reserved_micros - one.micros)
    )


def count(connection: Connection, seqs: Sequence[int]) -> None:
    """Count entries that were just posted against every limit that they are of.

    It refuses nothing: they have happened. Whoever posts has taken their ``turn`` before.
    """
    known = limits(connection)
    if not known or not seqs:
        return
    worth = Worth(connection)
    costs = list(costs_in(connection, seqs))
    for one in known:
        count_costs(connection, one, [cost for cost in costs if cost.is_of(one.scope)], worth)


def count_costs(connection: Connection, limit: Limit, costs: Sequence[Cost], worth: Worth) -> None:
    """Count costs against one limit, each once; those that have no rate are left out."""
    taken_back = sorted({cost.reverses for cost in costs if cost.reverses})
    counted = dict(_counts(connection, limit, taken_back))
    rows = []
    for cost in costs:
        # What is taken back is the mirror of what was counted, though a rate was corrected since.
        mirrored = counted.get((cost.reverses or 0, cost.line))
        if mirrored is not None:
            micros = -mirrored
        elif (amount := worth.known(cost.amounts, limit.limit.currency, cost.on)) is not None:
            micros = amount.micros
        else:
            continue
        counted[cost.seq, cost.line] = micros
        place = {"limit_id": limit.id, "txn_seq": cost.seq, "line_no": cost.line}
        rows.append({**place, "micros": micros})
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(budget_count), rows[start : start + _CHUNK])
    total = sum(row["micros"] for row in rows)
    if total:
        row = budget_limit.c
        connection.execute(
            update(budget_limit)
            .where(row.id == limit.id)
            .values(spent_micros=row.spent_micros + total)
        )


def _counts(
    connection: Connection, limit: Limit, seqs: Sequence[int]
) -> Iterator[tuple[tuple[int, int], int]]:
    for start in range(0, len(seqs), 10_000):
        query = select(budget_count).where(
            budget_count.c.limit_id == limit.id,
            budget_count.c.txn_seq.in_(seqs[start : start + 10_000]),
        )
        for row in connection.execute(query):
            yield (row.txn_seq, row.line_no), row.micros
