"""Whether every limit counts what the ledger and the attempts say, and no more."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from cost_tracking import tables
from cost_tracking.budgeting.costs import costs_of
from cost_tracking.budgeting.limits import Limit, limits
from cost_tracking.budgeting.tables import (
    budget_count,
    budget_hold,
    budget_limit_change,
    budget_transfer,
)

_OPEN = ("reserved", "sent", "suspect")


def faults(connection: Connection) -> Iterator[str]:
    """Yield what a limit or a budget says that its journals do not."""
    moved: dict[str, int] = {}
    for row in connection.execute(select(budget_transfer)):
        moved[row.from_scope] = moved.get(row.from_scope, 0) - row.amount_micros
        moved[row.to_scope] = moved.get(row.to_scope, 0) + row.amount_micros
    for one in limits(connection):
        change = budget_limit_change
        query = select(change.c.after_micros).where(change.c.limit_id == one.id)
        approved = connection.execute(query.order_by(change.c.seq.desc()).limit(1)).scalar()
        yield from _differ(
            f"the limit of {one.scope}",
            (one.limit.micros, one.reserved.micros, one.spent.micros),
            (
                None if approved is None else approved + moved.get(str(one.scope), 0),
                _held(connection, one),
                _sum(connection, one),
            ),
        )
        yield from _lines(connection, one)
    yield from _budgets(connection, moved)


def _budgets(connection: Connection, moved: dict[str, int]) -> Iterator[str]:
    """Yield the budgets of campaigns that are not what was set and moved."""
    budget, change = tables.budget, tables.budget_change
    for row in connection.execute(select(budget).order_by(budget.c.campaign)).mappings():
        query = select(change.c.after_micros).where(
            change.c.campaign == row["campaign"], change.c.spend_class == row["spend_class"]
        )
        approved = connection.execute(query.order_by(change.c.seq.desc()).limit(1)).scalar()
        scope = f"campaign={row['campaign']},class={row['spend_class']}"
        should = None if approved is None else approved + moved.get(scope, 0)
        if should != row["limit_micros"]:
            yield (
                f"the budget of {scope} is {row['limit_micros']} micros; its journals say {should}"
            )


def _differ(
    of: str, says: tuple[int, int, int], should: tuple[int | None, int, int]
) -> Iterator[str]:
    for what, is_, due in zip(("allowed", "reserved", "spent"), says, should, strict=True):
        if is_ != due:
            yield f"{of} says that {is_} micros are {what}; its journals say {due}"


def _held(connection: Connection, one: Limit) -> int:
    attempt = tables.attempt
    query = (
        select(func.coalesce(func.sum(budget_hold.c.micros), 0))
        .join(attempt, attempt.c.id == budget_hold.c.attempt)
        .where(budget_hold.c.limit_id == one.id, attempt.c.state.in_(_OPEN))
    )
    return int(connection.execute(query).scalar_one())


def _sum(connection: Connection, one: Limit) -> int:
    total = func.coalesce(func.sum(budget_count.c.micros), 0)
    query = select(total).where(budget_count.c.limit_id == one.id)
    return int(connection.execute(query).scalar_one())


def _lines(connection: Connection, one: Limit) -> Iterator[str]:
    """Yield the lines that count and are not of the limit, or are of it and do not count."""
    query = select(budget_count).where(budget_count.c.limit_id == one.id)
    counted = {(row.txn_seq, row.line_no): row.micros for row in connection.execute(query)}
    for cost in costs_of(connection, one.scope):
        place = f"line {cost.seq}.{cost.line}"
        micros = counted.pop((cost.seq, cost.line), None)
        # At a rate it counts as it did when it was posted, whatever was learned since.
        if cost.amounts[0].currency == one.limit.currency and micros != cost.amounts[0].micros:
            yield f"{place} is of {cost.amounts[0]} and counts for {micros} micros of {one.scope}"
    for seq, line in sorted(counted):
        yield f"line {seq}.{line} counts against the limit of {one.scope} and is none of it"
