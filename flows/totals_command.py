"""``kampanj report totals``: sums over the whole ledger, divided by what is asked for."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.exits import WrongInput
from flows.report_forms import SCREEN, Kind, Machine, Out, chosen, give, give_json, written
from flows.terminal import Json, opened_desk, typed

if TYPE_CHECKING:
    from flows.desk import Desk

SHOWN = 100
"""How many groups a screen shows where nobody says how many."""


def totals(  # noqa: PLR0913 - the options of a command are its arguments
    *,
    by: Annotated[
        str,
        typer.Option(help="Such as month,campaign; also market, channel, provider, cost_type."),
    ] = "",
    campaign: Annotated[str, typer.Option(help="Only this one.")] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE|SEQ", help="As it was known then.")
    ] = "",
    accepted: Annotated[
        bool, typer.Option("--accepted", help="By campaign: what each accepted asset cost.")
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Only the dearest so many groups; a screen shows {SHOWN}, a file all."
        ),
    ] = None,
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Sum the ledger from its copy in columns, which millions of lines do not slow down."""
    form = chosen(kind, "sums", output, machine=machine, as_json=as_json)
    if accepted and form not in {SCREEN, "json"}:
        raise WrongInput(
            "--accepted is a table, or --json; kampanj report acceptance has every format"
        )
    from flows import show, totalling

    with opened_desk() as desk, typed("report totals"):
        if form not in {SCREEN, "json"}:
            give(_file(desk, (by, campaign, as_of), form, top, machine=machine), output)
            return
        most = top if form == "json" else top or SHOWN
        found = totalling.totals(desk, by, campaign, as_of, accepted=accepted, top=most)
    if form == "json":
        give_json(found, output)
        return
    show.rows("Totals", found["rows"])
    if found["rest"]:
        show.rows(f"{found['groups_not_shown']:,} more, in all", found["rest"])
        typer.echo("--top N shows more of them, --format csv -o FILE writes all", err=True)
    typer.echo(f"{found['policy']}, up to entry {found['until']}", err=True)


def _file(
    desk: "Desk", asked: tuple[str, str, str], form: str, top: int | None, *, machine: bool
) -> bytes:
    from flows import totalling

    if form in totalling.FORMS and not machine:
        return totalling.totals_file(desk, *asked, form, top)
    # Nobody scrolls through a hundred thousand groups: a page and a comment tell the dearest.
    most = top or (None if form in {"csv", "xlsx"} else SHOWN)
    return written(totalling.totals_document(desk, *asked, most), form, machine=machine)
