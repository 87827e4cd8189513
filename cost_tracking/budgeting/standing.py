"""How every budget and limit stands: what was set, moved, spent, committed and forecast."""

from collections import defaultdict

from sqlalchemy import Connection, func, select

from cost_tracking import tables
from cost_tracking.budgeting.costs import Worth, costs_of
from cost_tracking.budgeting.forecasts import Forecast, expected, forecasts
from cost_tracking.budgeting.limits import Limit, limits
from cost_tracking.budgeting.moving import BUDGET, LIMIT
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.setting import open_attempts, reserved_on
from cost_tracking.budgeting.tables import budget_count, budget_transfer
from cost_tracking.money import Money
from creative.value import Value


class Standing(Value):
    """One budget or limit."""

    kind: str
    """``budget``: of a campaign and class, as its brief sets it. ``limit``: beside those."""
    scope: Scope
    limit: Money
    """As set, and as moved since."""
    moved: Money
    """What transfers have brought, or taken where it is below 0."""
    actual: Money
    committed: Money
    """Reserved for attempts that are under way or suspect."""
    forecast: Money | None
    """What is expected of its months; None where nobody has said it."""
    uncounted: int = 0
    """Costs of it that no rate is known for; they are in no amount here."""

    @property
    def left(self) -> Money:
        """Return what may still be reserved."""
        return self.limit - self.actual - self.committed

    @property
    def overrun(self) -> Money:
        """Return by how much facts went over it."""
        return max(self.actual - self.limit, Money.zero(self.limit.currency))


class Month(Value):
    """One month of a scope."""

    month: str
    actual: Money
    committed: Money
    forecast: Money | None


def standings(connection: Connection) -> tuple[Standing, ...]:
    """Return every budget and every limit, at the moment that the connection sees.

    The actual of a campaign's budget is what it counts: requests, and media where it is working.
    That of a limit is every cost of the ledger that it is of.
    """
    said = forecasts(connection)
    moved = _moved(connection)
    found = []
    budget = tables.budget
    query = select(budget).order_by(budget.c.campaign, budget.c.spend_class)
    for row in connection.execute(query).mappings():
        scope = Scope(campaign=row["campaign"], spend_class=row["spend_class"])
        currency = row["currency"]
        found.append(
            Standing(
                kind=BUDGET,
                scope=scope,
                limit=Money(micros=row["limit_micros"], currency=currency),
                moved=Money(micros=moved[str(scope)], currency=currency),
                actual=Money(micros=row["spent_micros"], currency=currency),
                committed=Money(micros=row["reserved_micros"], currency=currency),
                forecast=expected(said, scope, currency),
            )
        )
    for one in limits(connection):
        currency = one.limit.currency
        found.append(
            Standing(
                kind=LIMIT,
                scope=one.scope,
                limit=one.limit,
                moved=Money(micros=moved[str(one.scope)], currency=currency),
                actual=one.spent,
                committed=one.reserved,
                forecast=expected(said, one.scope, currency),
                uncounted=_uncounted(connection, one),
            )
        )
    return tuple(found)


def _moved(connection: Connection) -> dict[str, int]:
    """Return what transfers have brought each budget and limit, in micros."""
    found: dict[str, int] = defaultdict(int)
    for row in connection.execute(select(budget_transfer)):
        found[row.from_scope] -= row.amount_micros
        found[row.to_scope] += row.amount_micros
    return found


def _uncounted(connection: Connection, limit: Limit) -> int:
    there = sum(1 for _ in costs_of(connection, limit.scope))
    query = select(func.count()).where(budget_count.c.limit_id == limit.id)
    return there - int(connection.execute(query).scalar_one())


def months(connection: Connection, scope: Scope, currency: str) -> tuple[Month, ...]:
    """Return actual, committed and forecast of a scope by month.

    A cost is of the month of the day that it belongs to, a reservation of that in which it was
    made. What no rate is known for is left out; ``Standing.uncounted`` tells of it.
    """
    worth = Worth(connection)
    actual: dict[str, int] = defaultdict(int)
    committed: dict[str, int] = defaultdict(int)
    for cost in costs_of(connection, scope):
        if amount := worth.known(cost.amounts, currency, cost.on):
            actual[f"{cost.on:%Y-%m}"] += amount.micros
    for one in open_attempts(connection, scope):
        on = reserved_on(one)
        if amount := worth.known((one.budget_amount, one.estimate), currency, on):
            committed[f"{on:%Y-%m}"] += amount.micros
    said = forecasts(connection)
    expects = {
        month: expected(said, scope.model_copy(update={"period": month}), currency)
        for month in sorted({*actual, *committed, *_months(said, scope, currency)})
    }
    return tuple(
        Month(
            month=month,
            actual=Money(micros=actual[month], currency=currency),
            committed=Money(micros=committed[month], currency=currency),
            forecast=forecast,
        )
        for month, forecast in expects.items()
    )


def _months(said: tuple[Forecast, ...], scope: Scope, currency: str) -> set[str]:
    return {one.scope.period for one in said if expected((one,), scope, currency) is not None}
