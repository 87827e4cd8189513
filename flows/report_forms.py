"""How a report is handed over: in which form, into a file, a pipe or the terminal."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.exits import WrongInput

if TYPE_CHECKING:
    # What starts a command must not import what only one of them needs.
    from cost_tracking.reports.forms.document import Document

SCREEN = "table"
"""The form for a terminal."""
FORMS = ("html", "json", "csv", "xlsx", "parquet", "markdown", "summary")
"""The forms of a report of tables, beside the terminal's."""
BINARY = frozenset({"xlsx", "parquet"})

Kind = Annotated[
    str, typer.Option("--format", metavar="FORM", help=f"{SCREEN}, {', '.join(FORMS)}.")
]
Machine = Annotated[bool, typer.Option("--machine", help="CSV without apostrophes, for a program.")]
Out = Annotated[Path | None, typer.Option("-o", "--output", help="A file.")]


def chosen(
    kind: str,
    what: str,
    output: Path | None,
    *,
    machine: bool = False,
    as_json: bool = False,
    known: tuple[str, ...] = (SCREEN, *FORMS),
) -> str:
    """Return the form that was asked for, before anything is worked out.

    Args:
        kind: As it was typed.
        what: The report, for the message: ``a restatement``.
        output: The file; None for a pipe or the terminal.
        machine: Whether a CSV is for a program.
        as_json: Whether ``--json`` was given, which is a form too.
        known: The forms that there are of it.

    Raises:
        WrongInput: There is no such form of it, or it cannot be handed over so.

    """
    kind = "json" if as_json else kind
    if kind == "focus" and "focus" not in known:
        raise WrongInput(
            f"FOCUS lists charges, and {what} lists none; take kampanj report CAMPAIGN --format"
            " focus for a campaign's, or kampanj report all --format focus for all"
        )
    if kind not in known:
        raise WrongInput(f"there is no format {kind!r} of {what}; use one of: {', '.join(known)}")
    if machine and kind != "csv":
        raise WrongInput(f"--machine is for --format csv; {kind} is the same for everyone")
    if kind == SCREEN and output:
        raise WrongInput(f"-o takes a file; name its form with --format: {', '.join(known[1:])}")
    if kind in BINARY and output is None and sys.stdout.isatty():
        raise WrongInput(f"{kind} is not text; name a file for it with -o, or pipe it")
    return kind


def written(document: "Document", kind: str, *, machine: bool = False) -> bytes:
    """Return a document in one of ``FORMS``."""
    content = _makers(machine=machine)[kind](document)
    return content if isinstance(content, bytes) else content.encode()


def give(content: bytes, output: Path | None) -> None:
    """Write a report into its file, whole or not at all, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from providers.storage.whole import write_whole

    write_whole(output, content)
    typer.echo(f"wrote {output}", err=True)


def give_json(value: object, output: Path | None) -> None:
    """Write one JSON object into its file, or to standard output."""
    import json

    give((json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode(), output)


def _makers(*, machine: bool) -> Mapping[str, Callable[["Document"], str | bytes]]:
    from cost_tracking.reports.files import SUMMARY
    from cost_tracking.reports.forms.flat_file import as_csv
    from cost_tracking.reports.forms.json_file import as_json
    from cost_tracking.reports.forms.markdown import as_markdown
    from cost_tracking.reports.forms.page import as_page
    from cost_tracking.reports.forms.parquet import as_parquet
    from cost_tracking.reports.forms.workbook import as_workbook

    return {
        "html": as_page,
        "json": as_json,
        "csv": partial(as_csv, machine=machine),
        "xlsx": as_workbook,
        "parquet": as_parquet,
        "markdown": as_markdown,
        "summary": partial(as_markdown, most=SUMMARY),
    }
