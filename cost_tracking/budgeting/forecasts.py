"""What people expect a month to cost, kept as they said it, beside what it did cost."""

from collections.abc import Iterator

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, Engine, insert, select

from cost_tracking.budgeting.scopes import ANY, Scope
from cost_tracking.budgeting.tables import budget_forecast
from cost_tracking.database import lock, writing
from cost_tracking.moments import moment, stamp
from cost_tracking.money import Money
from creative.value import Value


class Forecast(Value):
    """What somebody expected of one scope in one month."""

    scope: Scope
    """Its period is the month."""
    amount: Money
    note: str = ""
    by: str
    at: AwareDatetime
    seq: int = Field(default=0, ge=0)


def forecast(engine: Engine, said: Forecast) -> bool:
    """Write a forecast down; it holds in the place of the last of its scope, month and currency.

    Returns:
        Whether it differs from that one; if not, nothing was written.

    Raises:
        ValueError: Its period is no month, or its amount is below 0.

    """
    scope = said.scope
    if len(scope.period) != len("2026-11"):
        raise ValueError(f"a forecast is of one month, such as 2026-12, and not of {scope.period}")
    if said.amount.micros < 0:
        raise ValueError(f"{scope}: a forecast of {said.amount} is less than nothing")
    with writing(engine) as connection:
        lock(connection, "budget_forecast")
        if any(
            (one.scope, one.amount, one.note) == (scope, said.amount, said.note)
            for one in forecasts(connection)
        ):
            return False
        connection.execute(
            insert(budget_forecast).values(
                **scope.model_dump(exclude={"period"}),
                month=scope.period,
                amount_micros=said.amount.micros,
                currency=said.amount.currency,
                note=said.note,
                by=said.by,
                at=stamp(said.at),
            )
        )
        return True


def forecasts(connection: Connection) -> tuple[Forecast, ...]:
    """Return the forecasts that hold now, by month."""
    newest: dict[tuple[Scope, str], Forecast] = {}
    for one in journal(connection):
        newest[one.scope, one.amount.currency] = one
    return tuple(sorted(newest.values(), key=lambda one: (one.scope.period, str(one.scope))))


def journal(connection: Connection) -> Iterator[Forecast]:
    """Yield every forecast that was ever made, the first one first."""
    query = select(budget_forecast).order_by(budget_forecast.c.seq)
    for row in connection.execute(query).mappings():
        dimensions = {
            name: row[name] for name in ("campaign", "spend_class", "channel", "provider")
        }
        yield Forecast(
            scope=Scope.model_validate({**dimensions, "period": row["month"]}),
            amount=Money(micros=row["amount_micros"], currency=row["currency"]),
            note=row["note"],
            by=row["by"],
            at=moment(row["at"]),
            seq=row["seq"],
        )


def expected(said: tuple[Forecast, ...], scope: Scope, currency: str) -> Money | None:
    """Return what the forecasts of a scope come to over its period; None where there is none."""
    same = [
        one.amount
        for one in said
        if one.amount.currency == currency
        and one.scope.model_copy(update={"period": scope.period}) == scope
        and (scope.period == ANY or one.scope.period.startswith(scope.period))
    ]
    return sum(same, Money.zero(currency)) if same else None
