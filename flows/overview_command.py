"""``kampanj report all``: all campaigns in one report, as a page or in any other form."""

from pathlib import Path
from typing import Annotated

import typer

from flows.exits import WrongInput
from flows.report_forms import FORMS, Machine, Out, chosen, give, written
from flows.terminal import Json, opened_desk, typed

PAGE = Path("kampanj-report.html")
"""Where the page is written if no file is named."""
_FORMS = (*FORMS, "focus")


def report_all(  # noqa: PLR0913 - the options of a command are its arguments
    *,
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")] = "",
    currency: Annotated[
        str, typer.Option(help="Of the report; the one of most budgets if not given.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE|SEQ", help="As it was known then.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--format", metavar="FORM", help=f"{', '.join(_FORMS)}.")
    ] = "html",
    only: Annotated[
        str, typer.Option("--only", metavar="TABLE", help="Such as budgets, mix or anomalies.")
    ] = "",
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Write one report over all campaigns; on its page each number leads to its entries."""
    from flows import overviews

    form = chosen(kind, "all campaigns", output, machine=machine, as_json=as_json, known=_FORMS)
    if form == "focus" and (start or end or currency or only):
        raise WrongInput(
            "FOCUS holds every charge in the currency that it was billed in; leave --from, --to,"
            " --currency and --only out, and filter by its columns"
        )
    with typed("report all"):
        asked = overviews.Asked.model_validate(
            {
                "start": start or None,
                "end": end or None,
                "currency": currency or None,
                "known": as_of,
            }
        )
    with opened_desk() as desk, typed("report all"):
        if form == "focus":
            give(overviews.charges(desk, as_of).encode(), output)
            return
        told = overviews.of_all(desk, asked)
        if form != "html" or only:
            document = overviews.tables(told, only)
            give(written(document, form, machine=machine), output)
            return
    pages = overviews.write(told, output or PAGE)
    beside = f", and {len(pages) - 1} pages of proofs in {pages[1].parent}" if pages[1:] else ""
    typer.echo(f"wrote {pages[0]}{beside}", err=True)
