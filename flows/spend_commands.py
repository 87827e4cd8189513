"""``kampanj spend``: money that is entered, closed and reconciled by people."""

from pathlib import Path
from typing import Annotated

import typer

from flows import document_commands
from flows.exits import Exit, WrongInput
from flows.terminal import Json, opened_desk, print_json, typed

app = typer.Typer(help="The money.", no_args_is_help=True)
app.command("add")(document_commands.add)
app.command("allocate")(document_commands.allocate)


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


Export = Annotated[Path, typer.Argument(metavar="FILE", help="As the platform exports it.")]
Codes = Annotated[
    Path | None,
    typer.Option(metavar="SHEET", help="A CSV of code,asset: whose ad a code or an id is."),
]
Zone = Annotated[
    str, typer.Option("--timezone", metavar="ZONE", help="Of the days: Europe/Stockholm, UTC.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]


@app.command("import")
def import_spend(  # noqa: PLR0913 - the options of a command are its arguments
    file: Export,
    *,
    source: Annotated[
        str,
        typer.Option(
            help="meta, google, tiktok, linkedin, pinterest, snap, microsoft, amazon or csv."
        ),
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="Describes the columns of --source csv, as TOML or YAML.")
    ] = None,
    account: Annotated[str, typer.Option(help="Of an export that does not say it.")] = "",
    currency: Annotated[str, typer.Option(help="Likewise: EUR, SEK, USD …")] = "",
    timezone: Zone = "",
    campaign: Annotated[str, typer.Option(help="Of rows that name no campaign of ours.")] = "",
    codes: Codes = None,
    dates: Annotated[str, typer.Option(help="How days are written: ymd, dmy, mdy or words.")] = "",
    decimal: Annotated[str, typer.Option(help="What divides decimals: . or ,")] = "",
    breakdown: Annotated[
        list[str] | None, typer.Option(help="A heading of one more column that divides a day.")
    ] = None,
    window: Annotated[
        bool, typer.Option("--window", help="The file is all there is: reverse what is gone.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import media spend from a platform's export; the same file again changes nothing."""
    from cost_tracking.spend_import.spend_row import Said
    from flows import importing, show_imports

    told = {
        "account": account,
        "currency": currency.upper(),
        "time_zone": timezone,
        "campaign": campaign,
        "days": dates or None,
        "decimal": decimal,
        "breakdown": tuple(breakdown or ()),
    }
    with typed("spend import"):
        said = Said.model_validate(told)
    with opened_desk() as desk:
        with typed("spend import"):
            platform = importing.platform_named(desk, source, mapping)
        done = importing.spend(
            desk, file, platform, said, codes=codes, window=window, dry_run=dry_run
        )
    print_json(done.as_json()) if as_json else show_imports.spend(done)


@app.command("feedback")
def import_feedback(  # noqa: PLR0913 - likewise
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV of complaints, reviews …")],
    *,
    source: Annotated[str, typer.Option(help="Who tells it: zendesk, meta …")] = "feedback",
    kind: Annotated[
        str, typer.Option(help="Of every row: complaint, review, platform_rejected, pulled …")
    ] = "",
    columns: Annotated[
        str, typer.Option(help="Headings that differ: id=Ticket,at=Created,asset=Ad name.")
    ] = "",
    timezone: Zone = "",
    codes: Codes = None,
    skip_unmatched: Annotated[
        bool, typer.Option("--skip-unmatched", help="Leave out rows of none of our assets.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import complaints, reviews, support contacts, rejections and takedowns of assets."""
    from cost_tracking.spend_import.feedback import About
    from flows import importing, show_imports

    with typed("spend feedback"):
        about = About.model_validate(
            {
                "source": source,
                "kind": kind or None,
                "time_zone": timezone,
                "columns": columns,
                "skip_unmatched": skip_unmatched,
            }
        )
    with opened_desk() as desk:
        heard = importing.feedback(desk, file, about, codes=codes, dry_run=dry_run)
    print_json(importing.as_json(heard)) if as_json else show_imports.feedback(heard)


@app.command("names")
def names(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN")], *, as_json: Json = False
) -> None:
    """List what to write into ads and links, so that spend is known to its asset."""
    from flows import importing, show

    with opened_desk() as desk, typed("spend names"):
        found = importing.names(desk, campaign)
    print_json(found) if as_json else show.rows(f"Names of {campaign}", found)
