"""Sets limits, and counts what is of them already."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from cost_tracking import attempt_rows as rows
from cost_tracking.budgeting import turn
from cost_tracking.budgeting.costs import Worth, costs_of
from cost_tracking.budgeting.limits import Limit, count_costs, is_of, limit_of
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.tables import (
    budget_count,
    budget_hold,
    budget_limit,
    budget_limit_change,
)
from cost_tracking.database import writing
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, State
from cost_tracking.policy import Policy, default_policy

_API_CALL = "ai.api_call"
_HOLDS = (State.RESERVED, State.SENT, State.SUSPECT)


def set_limit(
    engine: Engine,
    scope: Scope,
    amount: Money,
    at: datetime,
    *,
    by: str,
    policy: Policy | None = None,
) -> Limit:
    """Set, raise or lower the limit of a scope; the change is journalled with who made it.

    What was spent and is reserved already counts from the start. Transfers stay: the limit is the
    amount that is set, and what was moved to it, less what was moved away. To set it again counts
    what had no rate before.

    Args:
        engine: Of ``open_database``.
        scope: That it is of; not a campaign's whole budget of a class, which is a ``Budget``.
        amount: In the currency that the limit is kept in.
        at: When.
        by: Who.
        policy: Says what class an API call's money is of; as the attempts are told.

    Raises:
        ValueError: The amount is below 0 or below what was moved away, the limit is kept in
            another currency, or the scope is that of a ``Budget``.
        NoRate: An attempt that is under way cannot be told in the limit's currency.

    """
    if amount < Money.zero(amount.currency):
        raise ValueError(f"{scope}: a limit of {amount} is less than nothing")
    if scope.of_campaign:
        raise ValueError(f"{scope} is the campaign's budget itself, and not a limit beside it")
    policy = policy or default_policy()
    with writing(engine) as connection:
        turn.to_set(connection)
        before = limit_of(connection, scope)
        if before and before.limit.currency != amount.currency:
            raise ValueError(
                f"{scope}: its limit is kept in {before.limit.currency} and cannot become "
                f"{amount}; give it in {before.limit.currency}"
            )
        approved = _approved(connection, before) if before else None
        if before is None or approved != amount.micros:
            _write(connection, before, (scope, amount, approved or 0), stamp(at))
            limit = _the(connection, scope)
            connection.execute(
                insert(budget_limit_change).values(
                    limit_id=limit.id,
                    before_micros=approved,
                    after_micros=amount.micros,
                    by=by,
                    at=stamp(at),
                )
            )
        limit = _the(connection, scope)
        _count(connection, limit)
        _hold(connection, limit, policy)
        return _the(connection, scope)


def _the(connection: Connection, scope: Scope) -> Limit:
    limit = limit_of(connection, scope)
    if limit is None:
        raise LookupError(f"{scope} has no limit")
    return limit


def _approved(connection: Connection, limit: Limit) -> int:
    """Return the amount that was set last, in micros, without what was moved since."""
    query = select(budget_limit_change.c.after_micros).where(
        budget_limit_change.c.limit_id == limit.id
    )
    newest = query.order_by(budget_limit_change.c.seq.desc()).limit(1)
    return int(connection.execute(newest).scalar_one())


def _write(
    connection: Connection, before: Limit | None, wanted: tuple[Scope, Money, int], at: str
) -> None:
    scope, amount, approved = wanted
    if before is None:
        values = {
            **scope.model_dump(),
            "currency": amount.currency,
            "limit_micros": amount.micros,
            "reserved_micros": 0,
            "spent_micros": 0,
            "updated_at": at,
        }
        connection.execute(insert(budget_limit).values(values))
        return
    moved = before.limit.micros - approved
    if amount.micros + moved < 0:
        away = Money(micros=-moved, currency=amount.currency)
        raise ValueError(f"{scope}: {away} was moved away from it, and {amount} is less than that")
    connection.execute(
        update(budget_limit)
        .where(budget_limit.c.id == before.id)
        .values(limit_micros=amount.micros + moved, updated_at=at)
    )


def _count(connection: Connection, limit: Limit) -> None:
    """Count what was posted and is not counted yet."""
    query = select(budget_count.c.txn_seq, budget_count.c.line_no)
    counted = {
        (row.txn_seq, row.line_no)
        for row in connection.execute(query.where(budget_count.c.limit_id == limit.id))
    }
    costs = [
        cost for cost in costs_of(connection, limit.scope) if (cost.seq, cost.line) not in counted
    ]
    count_costs(connection, limit, costs, Worth(connection))


def _hold(connection: Connection, limit: Limit, policy: Policy) -> None:
    """Reserve for the attempts that are open and not held yet, whatever they come to."""
    worth = Worth(connection)
    query = select(budget_hold.c.attempt).where(budget_hold.c.limit_id == limit.id)
    held = set(connection.execute(query).scalars())
    fresh = {
        one.id: worth.of(
            (one.budget_amount, one.estimate), limit.limit.currency, reserved_on(one)
        ).micros
        for one in open_attempts(connection, limit.scope, policy)
        if one.id not in held
    }
    if not fresh:
        return
    connection.execute(
        insert(budget_hold),
        [
            {"limit_id": limit.id, "attempt": attempt, "micros": micros}
            for attempt, micros in fresh.items()
        ],
    )
    row = budget_limit.c
    connection.execute(
        update(budget_limit)
        .where(row.id == limit.id)
        .values(reserved_micros=row.reserved_micros + sum(fresh.values()))
    )


def reserved_on(attempt: Attempt) -> date:
    """Return the day, in UTC, whose period an attempt is reserved in."""
    return attempt.reserved_at.astimezone(UTC).date()


def open_attempts(
    connection: Connection, scope: Scope, policy: Policy | None = None
) -> Iterator[Attempt]:
    """Yield the attempts of a scope whose money is set aside."""
    spend_class = (policy or default_policy()).spend_class(_API_CALL)
    for one in rows.find(connection, rows.attempt.c.state.in_(_HOLDS)):
        if is_of(scope, one, spend_class, reserved_on(one)):
            yield one
