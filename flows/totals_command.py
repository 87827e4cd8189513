"""``kampanj report totals``: sums over the whole ledger, divided by what is asked for."""

from typing import Annotated

import typer

from flows.terminal import Json, opened_desk, print_json, typed


def totals(
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
    as_json: Json = False,
) -> None:
    """Sum the ledger from its copy in columns, which millions of lines do not slow down."""
    from flows import show, totalling

    with opened_desk() as desk, typed("report totals"):
        rows = totalling.totals(desk, by, campaign, as_of, accepted=accepted)
    if as_json:
        print_json(rows)
    else:
        show.rows("Totals", rows["rows"])
        typer.echo(f"{rows['policy']}, up to entry {rows['until']}", err=True)
