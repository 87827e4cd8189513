"""``kampanj report totals``: sums over the whole ledger, divided by what is asked for."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.exits import WrongInput
from flows.terminal import Json, opened_desk, print_json, typed

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
    kind: Annotated[
        str, typer.Option("--format", help="table, or csv or parquet for a file.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file for csv or parquet.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Sum the ledger from its copy in columns, which millions of lines do not slow down."""
    if kind != "table" and not as_json:
        _write(kind, output, by, campaign, as_of, top, accepted=accepted)
        return
    if output:
        raise WrongInput("-o takes a csv or parquet file; name which with --format")
    from flows import show, totalling

    with opened_desk() as desk, typed("report totals"):
        most = top if as_json else top or SHOWN
        found = totalling.totals(desk, by, campaign, as_of, accepted=accepted, top=most)
    if as_json:
        print_json(found)
        return
    show.rows("Totals", found["rows"])
    if found["rest"]:
        show.rows(f"{found['groups_not_shown']:,} more, in all", found["rest"])
        typer.echo("--top N shows more of them, --format csv -o FILE writes all", err=True)
    typer.echo(f"{found['policy']}, up to entry {found['until']}", err=True)


def _write(
    kind: str,
    output: Path | None,
    by: str,
    campaign: str,
    as_of: str,
    top: int | None,
    *,
    accepted: bool,
) -> None:
    from flows import totalling

    if accepted:
        raise WrongInput("--accepted is a table, or --json; leave --format out")
    if kind == "parquet" and output is None and sys.stdout.isatty():
        raise WrongInput("parquet is not text; name a file for it with -o, or pipe it")
    with opened_desk() as desk, typed("report totals"):
        content = totalling.totals_file(desk, by, campaign, as_of, kind, top)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    from providers.storage.whole import write_whole

    write_whole(output, content)
    typer.echo(f"wrote {output}", err=True)
