"""``kampanj budget``: what may be spent, of what, and what was moved and is expected."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.exits import WrongInput
from flows.terminal import Json, opened_desk, print_json, typed

if TYPE_CHECKING:
    from cost_tracking.budgeting.scopes import Scope
    from cost_tracking.budgeting.standing import Standing
    from cost_tracking.money import Money
    from flows.desk import Desk

app = typer.Typer(help="Budgets, limits, transfers and forecasts.", no_args_is_help=True)

_SCOPE = "campaign=tea,class=working,channel=social,period=2026-11,provider=openai: any of these."
ScopeText = Annotated[str, typer.Argument(metavar="SCOPE", help=_SCOPE)]
Amount = Annotated[str, typer.Option(help="Such as 1000.00.")]
Currency = Annotated[str, typer.Option(help="ISO 4217, such as EUR.")]


@app.command("list")
def list_budgets(
    *,
    campaign: Annotated[str, typer.Option(help="Only this one's, and what is of all.")] = "",
    by_month: Annotated[
        bool, typer.Option("--months", help="Actual, committed and forecast of each by month.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List every budget and limit: allowed, spent, committed, left, overrun, forecast."""
    from cost_tracking.budgeting.scopes import ANY
    from cost_tracking.budgeting.standing import months, standings
    from cost_tracking.database import reading
    from flows import show

    with opened_desk() as desk, reading(desk.engine) as connection:
        found = [
            one
            for one in standings(connection)
            if campaign in ("", one.scope.campaign) or one.scope.campaign == ANY
        ]
        rows = [_row(one) for one in found]
        if by_month:
            rows = [
                {
                    "scope": str(one.scope),
                    "month": month.month,
                    "actual": str(month.actual),
                    "committed": str(month.committed),
                    "forecast": month.forecast and str(month.forecast),
                }
                for one in found
                for month in months(connection, one.scope, one.limit.currency)
            ]
    print_json(rows) if as_json else show.rows("Budgets", rows)


@app.command("limit")
def limit(scope: ScopeText, *, amount: Amount, currency: Currency, as_json: Json = False) -> None:
    """Set, raise or lower a limit beside the campaigns' budgets, or a campaign's working budget."""
    from cost_tracking.budgeting.setting import set_limit
    from flows import show

    with opened_desk() as desk, typed("budget limit"):
        of, money = _scope(scope), _money(amount, currency)
        if of.of_campaign:
            _set_budget(desk, of, money)
        else:
            set_limit(desk.engine, of, money, desk.now(), by=desk.who)
        row = _row(_standing(desk, of))
    print_json(row) if as_json else show.rows("Set", [row])


@app.command("transfer")
def transfer(  # noqa: PLR0913 - the options of a command are its arguments
    source: Annotated[str, typer.Option("--from", metavar="SCOPE", help="Where it is taken.")],
    target: Annotated[str, typer.Option("--to", metavar="SCOPE", help="Where it goes.")],
    *,
    amount: Amount,
    currency: Currency,
    reason: Annotated[str, typer.Option(help="Why.")],
    approved_by: Annotated[str, typer.Option(help="Who decided it.")],
    key: Annotated[
        str, typer.Option(help="Its number there; the same one moves nothing a second time.")
    ],
    as_json: Json = False,
) -> None:
    """Move budget that is neither spent nor reserved; what goes to working money is set free."""
    from cost_tracking.budgeting import moving
    from flows import show

    with opened_desk() as desk, typed("budget transfer"):
        wanted = moving.Move(
            key=key,
            source=_scope(source),
            target=_scope(target),
            amount=_money(amount, currency),
            reason=reason,
            approved_by=approved_by,
            by=desk.who,
        )
        moved = moving.move(desk.engine, wanted, desk.now())
        rows = [_row(_standing(desk, one)) for one in (wanted.source, wanted.target)]
    if as_json:
        print_json({"transfer": moved.seq, "fresh": moved.fresh, "budgets": rows})
        return
    what = f"{wanted.amount} moved" if moved.fresh else f"{wanted.amount} was moved before"
    show.rows(f"{what}, transfer {moved.seq}", rows)


@app.command("forecast")
def forecast(
    scope: ScopeText,
    *,
    amount: Amount,
    currency: Currency,
    note: Annotated[str, typer.Option(help="What it rests on.")] = "",
    as_json: Json = False,
) -> None:
    """Say what a scope is expected to cost in a month; the newest holds, the others are kept."""
    from cost_tracking.budgeting import forecasts

    with opened_desk() as desk, typed("budget forecast"):
        said = forecasts.Forecast(
            scope=_scope(scope),
            amount=_money(amount, currency),
            note=note,
            by=desk.who,
            at=desk.now(),
        )
        fresh = forecasts.forecast(desk.engine, said)
    if as_json:
        print_json({"scope": str(said.scope), "amount": str(said.amount), "fresh": fresh})
        return
    typer.echo(f"{said.scope}: {said.amount}{'' if fresh else ', as before'}", err=True)


def _scope(text: str) -> "Scope":
    from cost_tracking.budgeting.scopes import Scope

    return Scope.read(text)


def _money(amount: str, currency: str) -> "Money":
    from cost_tracking.money import Money

    return Money.of(amount, currency)


def _set_budget(desk: "Desk", scope: "Scope", money: "Money") -> None:
    from cost_tracking.policy import SpendClass

    if scope.spend_class == "non_working":
        raise WrongInput(
            f"{scope} is set by the campaign's brief, at budget.non_working; change it there and "
            "run it, or move budget with `kampanj budget transfer`"
        )
    desk.budgets.set_limit(scope.campaign, SpendClass.WORKING, money, by=desk.who)


def _standing(desk: "Desk", scope: "Scope") -> "Standing":
    from cost_tracking.budgeting.standing import standings
    from cost_tracking.database import reading

    with reading(desk.engine) as connection:
        return next(one for one in standings(connection) if one.scope == scope)


def _row(one: "Standing") -> dict[str, Any]:
    return {
        "scope": str(one.scope),
        "kind": one.kind,
        "limit": str(one.limit),
        "moved": str(one.moved) if one.moved else None,
        "actual": str(one.actual),
        "committed": str(one.committed),
        "left": str(one.left),
        "overrun": str(one.overrun) if one.overrun else None,
        "forecast": one.forecast and str(one.forecast),
        "uncounted": one.uncounted or None,
    }
