"""``kampanj report all``: one page over all campaigns."""

from pathlib import Path
from typing import Annotated

import typer

from flows.terminal import opened_desk, typed


def report_all(
    *,
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")] = "",
    currency: Annotated[
        str, typer.Option(help="Of the page; the one of most budgets if not given.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE|SEQ", help="As it was known then.")
    ] = "",
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The page; its proofs may need a folder beside.")
    ] = Path("kampanj-report.html"),
) -> None:
    """Write one page over all campaigns, on which each number leads to its entries."""
    from flows import overviews

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
        told = overviews.of_all(desk, asked)
    written = overviews.write(told, output)
    beside = (
        f", and {len(written) - 1} pages of proofs in {written[1].parent}" if written[1:] else ""
    )
    typer.echo(f"wrote {output}{beside}", err=True)
