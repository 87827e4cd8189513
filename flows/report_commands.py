"""``kampanj report``: what a campaign cost, in every format, as of any day, down to its entries."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flows import acceptance_commands, overview_command, totals_command
from flows.exits import WrongInput
from flows.report_forms import SCREEN, Kind, Machine, Out, chosen, give, give_json, written
from flows.terminal import Json, opened_desk, typed


class NamedFirst(TyperGroup):
    """Takes a run or a campaign where others take a command: ``report NAME`` shows it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front that is meant when none is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="What a campaign cost: working, non-working, and for each accepted asset. "
    "`report NAME` is short for `report show NAME`.",
    cls=NamedFirst,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="RUN|CAMPAIGN")]
Point = Annotated[str, typer.Option("--as-of", metavar="DATE|SEQ", help="As it was known then.")]


@app.command("show")
def show(
    name: Name,
    *,
    kind: Annotated[
        str,
        typer.Option(
            "--format", help="html, json, csv, xlsx, parquet, focus, markdown or summary."
        ),
    ] = "markdown",
    as_of: Point = "",
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Write the report of a run, or of a campaign's newest run."""
    from flows import report_formats

    asked = report_formats.format_named("json" if as_json else kind, machine=machine)
    if asked.binary and output is None and sys.stdout.isatty():
        raise WrongInput(f"{kind} is not text; name a file for it with -o, or pipe it")
    with opened_desk() as desk, typed("report"):
        content = report_formats.written(desk, name, asked, as_of)
    give(content, output)


@app.command("trail")
def trail(
    name: Name,
    figure: Annotated[
        str, typer.Argument(metavar="[FIGURE]", help="Such as non_working or market:SE.")
    ] = "",
    *,
    as_of: Point = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Follow a figure to the entries and documents that make it, or list the figures."""
    from flows import auditing, show_audit

    form = chosen(kind, "a figure's trail", output, machine=machine, as_json=as_json)
    with opened_desk() as desk, typed("report trail"):
        if form not in {SCREEN, "json"}:
            document = auditing.trail_document(desk, name, figure, as_of)
            give(written(document, form, machine=machine), output)
            return
        told = auditing.trail(desk, name, figure, as_of)
    give_json(told, output) if form == "json" else show_audit.trail(told)


@app.command("diff")
def diff(
    name: Name,
    *,
    start: Annotated[str, typer.Option("--from", metavar="DATE|SEQ", help="Then.")],
    end: Annotated[str, typer.Option("--to", metavar="DATE|SEQ", help="And then.")] = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Say which figures changed between two points, and because of which entries."""
    from flows import auditing, show_audit

    form = chosen(kind, "a restatement", output, machine=machine, as_json=as_json)
    with opened_desk() as desk, typed("report diff"):
        told = auditing.restated(desk, name, start, end)
    if form == SCREEN:
        show_audit.restatement(told.change)
    elif form == "json":
        give_json(auditing.restated_as_json(told), output)
    else:
        give(written(auditing.restated_document(told), form, machine=machine), output)


@app.command("open")
def open_items(
    *,
    stale: Annotated[
        int, typer.Option(min=0, metavar="DAYS", help="After how long an estimate is old.")
    ] = 30,
    as_of: Point = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Say what all books wait for: actuals, bills, advances; and charges that break a rule."""
    from flows import auditing, show_audit

    form = chosen(kind, "what the books wait for", output, machine=machine, as_json=as_json)
    with opened_desk() as desk, typed("report open"):
        told = auditing.waiting(desk, as_of, stale)
    if form == SCREEN:
        show_audit.waiting(told)
    elif form == "json":
        give_json(auditing.waiting_as_json(told), output)
    else:
        give(written(auditing.waiting_document(told), form, machine=machine), output)


for told_in_its_own_module in (
    acceptance_commands.acceptance,
    acceptance_commands.saving,
    acceptance_commands.outcomes,
):
    app.command()(told_in_its_own_module)
app.command("all")(overview_command.report_all)
app.command("totals")(totals_command.totals)
