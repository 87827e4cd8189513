"""The command line. It imports what a command needs when the command runs, and so starts fast."""

import gc
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from flows import history_command
from flows.exits import Ending, Exit, ending
from flows.groups import Commands
from flows.terminal import Json, now, opened_desk, print_json, settings, typed

if TYPE_CHECKING:
    from flows.run_options import RunOptions

app = typer.Typer(
    name="kampanj",
    cls=Commands,
    help="One campaign brief in; localized, checked ad assets out, and what each one cost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("history")(history_command.history)

BriefPath = Annotated[Path, typer.Argument(metavar="BRIEF", help="A brief, as YAML or JSON.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run, or its campaign for the newest.")]
Out = Annotated[str, typer.Option(help="A folder, or s3://bucket/prefix.")]
Choose = Annotated[
    str | None, typer.Option(help="auto: the first concepts; wait: a person picks; c1,c3: a pick.")
]
Approve = Annotated[
    str | None,
    typer.Option(help="auto: all unblocked; checks: all without a warning; wait: a person."),
]
Direct = Annotated[bool, typer.Option("--direct", help="Without Prefect, with the same promises.")]


INTERRUPTED = 130
"""What shells say of a command that Ctrl-C ended: 128 and the number of SIGINT."""
_PREFECT = {
    # It logs every task; people look at the bars, and at Prefect's own pages.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    # A passing server makes its tables first, which takes a busy machine longer than 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


@app.command()
def plan(
    brief: BriefPath,
    *,
    markdown: Annotated[bool, typer.Option("--markdown", help="For a pull request.")] = False,
    as_json: Json = False,
) -> None:
    """Lint a brief and quote it: files, requests, money. Spends nothing, writes nothing."""
    from flows import quote, quoting

    quoted = quoting.quote(settings(), brief, now())
    if as_json:
        print_json(quoted.model_dump(mode="json"))
    elif markdown:
        typer.echo(quote.as_markdown(quoted))
    else:
        from flows import show_quote

        show_quote.quote(quoted)
    if not quoted.fits:
        raise typer.Exit(Exit.OVER_BUDGET)


@app.command()
def run(
    brief: BriefPath,
    *,
    out: Out = "out",
    choose: Choose = "auto",
    approve: Approve = "checks",
    direct: Direct = False,
    as_json: Json = False,
) -> None:
    """Make a campaign: concepts, choice, copy, renditions, checks, delivery, report."""
    from flows import pipeline
    from flows.materials import gather
    from flows.run_options import RunOptions
    from review.approval import Approval

    with typed("--choose, --approve"):
        options = RunOptions(
            brief=str(brief.absolute()),
            out=out if "://" in out else str(Path(out or ".").absolute()),
            choose=choose or "auto",
            approve=Approval(approve or "checks"),
            by=settings().who,
        )
    # Before anything is opened: a brief that is wrong leaves nothing behind.
    materials = gather(brief)
    with opened_desk() as desk:
        started = pipeline.start(desk, materials, options)
    _carry_out(started, options, direct=direct, as_json=as_json)


@app.command()
def resume(
    run_id: RunId,
    *,
    choose: Choose = None,
    approve: Approve = None,
    direct: Direct = False,
    as_json: Json = False,
) -> None:
    """Go on with a run that waits, or that was cut off. Nothing is bought twice."""
    from flows.run_options import RunOptions
    from review.approval import Approval

    with opened_desk() as desk, typed("RUN, --choose, --approve"):
        found = desk.run_named(run_id)
        asked = RunOptions.model_validate(found.options)
        options = asked.but(choose=choose, approve=Approval(approve) if approve else None)
    _carry_out(found.id, options, direct=direct, as_json=as_json)


@app.command()
def status(
    run_id: Annotated[str, typer.Argument(metavar="[RUN]")] = "", *, as_json: Json = False
) -> None:
    """Say how far a run is, or list the runs."""
    from flows import show, standing

    with opened_desk() as desk:
        rows = standing.of_run(desk, run_id) if run_id else standing.of_all(desk)
    print_json(rows) if as_json else show.standing(rows)


@app.command()
def verify(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A campaign's; without it, the books.")
    ] = None,
    *,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER:SHA256", help="A head of the ledger that you have kept."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Re-hash delivered files, re-read their provenance, prove the ledger and the decisions."""
    from cost_tracking.books.head import Head
    from flows import audit, show

    with opened_desk() as desk, typed("verify"):
        heads = [Head.read(one) for one in head or ()]
        audited = audit.verify(desk, folder, heads) if folder else audit.books(desk, heads)
    print_json(audited.model_dump(mode="json")) if as_json else show.audit(audited)
    if audited.faults:
        raise typer.Exit(Exit.FAILED)


@app.command()
def markets(*, as_json: Json = False) -> None:
    """List the markets, their locales and groups."""
    from creative.market import market_table

    table = market_table()
    if as_json:
        print_json(table.model_dump(mode="json"))
        return
    from flows import show

    show.markets(table)


@app.command()
def placements(*, as_json: Json = False) -> None:
    """List the placements with their pixels, caps and groups."""
    from creative.placement import placement_table

    table = placement_table()
    if as_json:
        print_json(table.model_dump(mode="json"))
        return
    from flows import show

    show.placements(table)


@app.command()
def providers(
    *,
    models: Annotated[
        bool, typer.Option("--models", help="List the models that draw, and what they follow.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List who draws, writes and translates, and whether it could be reached."""
    from flows import listings

    rows = listings.models(settings()) if models else listings.providers(settings())
    if as_json:
        print_json(rows)
        return
    from flows import show

    show.rows("Models" if models else "Providers", rows)


@app.command()
def prices(
    what: Annotated[str, typer.Argument(metavar="[check]")] = "", *, as_json: Json = False
) -> None:
    """List the price book, or `check` how old its entries are."""
    from flows import listings, show

    with typed("prices"):
        check = _check(what)
    rows, faults = listings.prices(settings(), now(), check=check)
    print_json(rows) if as_json else show.rows("Prices", rows)
    if faults:
        raise typer.Exit(Exit.FAILED)


@app.command()
def doctor(
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Ask each vendor, for nothing, if it knows our key.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check this machine: shaping, fonts, database, keys, models about to end, old prices."""
    from flows import show, surroundings

    rows = surroundings.doctor(settings(), now(), online=online)
    print_json(rows) if as_json else show.doctor(rows)
    if any(row["state"] == "fault" for row in rows):
        raise typer.Exit(Exit.FAILED)


@app.command()
def serve(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of Prefect's server.")] = 4200,
    page_port: Annotated[int, typer.Option(min=1, max=65535, help="Of the review page.")] = 4300,
) -> None:
    """Serve Prefect with the campaign flows, and the review page, on loopback until Ctrl-C."""
    from flows import serving

    serving.serve(settings(), port, page_port)


def _carry_out(run_id: str, options: "RunOptions", *, direct: bool, as_json: bool) -> None:
    from flows import pipeline, show

    choose, approve = options.choose, options.approve
    with show.progress(quiet=as_json) as listener:
        if direct:
            with opened_desk() as desk:
                made = pipeline.carry_out(
                    desk, run_id, choose=choose, approve=approve, listener=listener
                )
        else:
            for name, value in _PREFECT.items():
                os.environ.setdefault(name, value)
            home = settings().home.resolve() / "prefect"
            os.environ.setdefault("PREFECT_HOME", str(home))
            from flows import campaign

            made = campaign.carry_out(run_id, choose=choose, approve=approve, listener=listener)
    print_json(made.model_dump(mode="json")) if as_json else show.summary(made)
    if made.failed_locales or made.blocked:
        raise typer.Exit(Exit.FAILED)
    if made.waiting:
        raise typer.Exit(Exit.WAITING)


def _check(what: str) -> bool:
    if what not in ("", "check"):
        raise ValueError(f"{what!r} is not known here; write `kampanj prices check`, or nothing")
    return what == "check"


def main() -> None:
    """Run the command line, and end with the exit code that the shell can act on."""
    _start_fast()
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        said = f"{error.format_message()}\n`kampanj --help` lists what there is"
        _end(Ending(code=Exit.WRONG_INPUT, kind="usage", message=said))
    except (Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        # Who read our output has had enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(Exit.FAILED) from None
    except Exception as error:  # noqa: BLE001 - the last one who can say anything
        end = ending(error)
        if end is None:
            traceback.print_exc()
            said = f"a fault of ours, {type(error).__name__}; the trace is above"
            end = Ending(code=Exit.FAILED, kind="bug", message=said)
        _end(end)
    if code == INTERRUPTED:
        said = "stopped; run the brief again, or `kampanj resume` its run: nothing is bought twice"
        _end(Ending(code=Exit.FAILED, kind="interrupted", message=said), shell=INTERRUPTED)
    raise SystemExit(code or 0)


def _start_fast() -> None:
    # What is imported stays; to search it for garbage at each 700 objects is a fifth of a start.
    gc.set_threshold(20_000)
    # To look for pydantic's plugins, which watch models and change nothing, reads the entry points
    # of every distribution. Whoever has one sets it to an empty text.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _end(end: Ending, shell: int | None = None) -> NoReturn:
    if "--json" in sys.argv:
        print_json({"error": end._asdict()})
    else:
        typer.echo(end.message, err=True)
    raise SystemExit(end.code if shell is None else shell)


if __name__ == "__main__":
    main()
