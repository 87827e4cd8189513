"""``kampanj spend``: money that is entered, closed and reconciled by people."""

from pathlib import Path
from typing import Annotated

import typer

from flows.exits import Exit, WrongInput
from flows.terminal import Json, opened_desk, print_json, typed

app = typer.Typer(help="The money.", no_args_is_help=True)


@app.command("close")
def close(
    attempt: Annotated[str, typer.Argument(metavar="ATTEMPT")],
    *,
    charged: Annotated[
        bool, typer.Option("--charged/--free", help="Whether the provider's account shows it.")
    ],
    reason: Annotated[str, typer.Option(help="What you looked at: an invoice, a usage page.")],
) -> None:
    """Close an attempt whose outcome was lost, after looking at the provider's account."""
    with opened_desk() as desk:
        try:
            closed = desk.recovery.close(attempt, charged=charged, by=desk.who, reason=reason)
        except KeyError as error:
            raise WrongInput(str(error.args[0])) from error
    typer.echo(f"{attempt} is {closed.state.value}", err=True)


@app.command("attempts")
def attempts(
    campaign: Annotated[str, typer.Argument(metavar="[CAMPAIGN]")] = "",
    *,
    state: Annotated[str, typer.Option(help="Only those: suspect, settled, released …")] = "",
    as_json: Json = False,
) -> None:
    """List every request: how it ended, what it counts for, whom it replaced and why."""
    from flows import attempt_list, show

    with opened_desk() as desk:
        rows = attempt_list.attempts(desk, campaign, state)
    print_json(rows) if as_json else show.rows("Requests", rows)


@app.command("reconcile")
def reconcile(  # noqa: PLR0913 - the options of a command are its arguments
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="An invoice, for --source csv.")
    ] = None,
    *,
    source: Annotated[str, typer.Option(help="openai, deepl or csv.")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")] = "",
    provider: Annotated[str, typer.Option(help="Whose invoice it is.")] = "",
    columns: Annotated[
        str, typer.Option(help="An invoice's headings: date=Day,amount=Cost,receipt=Request ID.")
    ] = "",
    currency: Annotated[str, typer.Option(help="Of an invoice that does not say it.")] = "",
    settle: Annotated[
        bool, typer.Option("--settle", help="Close what the bill decides, in your name.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Lay a provider's bill beside what we know; close lost attempts that it decides."""
    from flows import reconciling, show

    told = {
        "source": source,
        "file": file,
        "start": start or None,
        "end": end or None,
        "provider": provider,
        "columns": columns,
        "currency": currency,
    }
    with typed("spend reconcile"):
        asked = reconciling.Asked.model_validate(told)
    with opened_desk() as desk:
        with typed("spend reconcile"):
            found = reconciling.reconciled(desk, asked)
        closed = reconciling.settle(desk, found) if settle else ()
    done = reconciling.Outcome(found=found, closed=closed)
    print_json(done.as_json()) if as_json else show.reconciliation(done)
    if not done.explained:
        raise typer.Exit(Exit.FAILED)
