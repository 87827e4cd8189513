"""What people see of a quote, in plain lines: to import Rich would take a tenth of its time."""

from typing import TYPE_CHECKING

import typer

from cost_tracking.reports.figures import number
from flows import delta
from flows.terminal import one_line, say

if TYPE_CHECKING:
    from flows.quote import Purchase, Quote

_HEADER = (
    "stage",
    "provider",
    "model",
    "pixels",
    "requests",
    "already bought",
    "expected",
    "at most",
)
_WORDS = 3
"""The first columns, which are words and stand to the left."""


def quote(quoted: "Quote") -> None:
    """Show what a brief will make and cost."""
    title = typer.style(one_line(quoted.title), bold=True)
    say(
        f"{title}: {quoted.files:,} files for {quoted.markets} markets, "
        f"{quoted.locales} locales, {quoted.placements} placements"
    )
    header, *lines = _table(quoted)
    say(typer.style(header, dim=True))
    for line in lines:
        say(line)
    fits = "fits" if quoted.fits else typer.style("does not fit", fg="red")
    say(
        f"{number(quoted.money)} expected, {number(quoted.most)} at most; it {fits} the "
        f"non-working budget ({number(quoted.left)} of {number(quoted.budget)} left). "
        f"{quoted.images_per_file} images a file."
    )
    if quoted.delta:
        figures, *rest = delta.lines(quoted.delta)
        say(typer.style(f"{one_line(figures)}.", bold=True))
        for line in (*rest, *delta.named(quoted.delta)):
            say(f"  {one_line(line)}")
    for tag, why in quoted.failed_locales.items():
        say(f"{typer.style(f'{tag} will have no files:', fg='red')} {one_line(why)}")
    for note in quoted.notes:
        say(typer.style(one_line(note), dim=True))


def _table(quoted: "Quote") -> list[str]:
    rows = [_HEADER, *map(_cells, quoted.purchases)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < _WORDS else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _cells(one: "Purchase") -> tuple[str, ...]:
    words = map(one_line, (one.stage, one.provider, one.model, one.pixels))
    return (*words, str(one.count), str(one.bought), number(one.expected), number(one.most))
