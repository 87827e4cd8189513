"""``kampanj period``: the months of the books, and closing one for good."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal import Json, opened_desk, print_json, typed

if TYPE_CHECKING:
    from cost_tracking.books.periods import Period

app = typer.Typer(help="The months of the books.", no_args_is_help=True)


@app.command("list")
def list_periods(*, as_json: Json = False) -> None:
    """List the months that hold entries, what they cost, and who closed which."""
    from cost_tracking.books.periods import periods
    from flows import show

    with opened_desk() as desk:
        rows = [_row(one) for one in periods(desk.engine)]
    print_json(rows) if as_json else show.rows("Periods", rows)


@app.command("close")
def close_period(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2026-10.")],
    *,
    as_json: Json = False,
) -> None:
    """Close a month for good: what comes late stands in the next one that is open."""
    from cost_tracking.books import left_open, periods
    from flows import show

    with opened_desk() as desk, typed("period close"):
        closed = periods.close(desk.engine, month, by=desk.who, at=desk.now())
        desk.seal()
        left = left_open.in_month(desk.engine, month)
    row = _row(closed)
    if as_json:
        print_json({**row, "left_open": list(left)})
        return
    show.rows(f"{month} is closed", [row])
    for one in left:
        typer.echo(f"note: {one}", err=True)


def _row(one: "Period") -> dict[str, object]:
    return {
        "period": one.id,
        "state": "open" if one.is_open else "closed",
        "entries": one.entries,
        "cost": ", ".join(map(str, one.cost)),
        "closed_at": one.closed_at and one.closed_at.isoformat(),
        "closed_by": one.closed_by,
        "head": one.head and str(one.head),
    }
