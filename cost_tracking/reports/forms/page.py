"""A document as one HTML file that needs nothing else: no script, no font, no network."""

from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from cost_tracking.money import Money
from cost_tracking.reports import charts
from cost_tracking.reports.forms.document import NUMBERS, Document, Table, said
from cost_tracking.reports.page_frame import style, templates

MOST_ROWS = 2000
"""The longest table of a page; the CSV and the workbook hold every row."""
FEW = 40
"""How many rows of a table stand open; the rest is folded."""
_MOST_BARS = 36
_TALL = 8


class Chart(NamedTuple):
    """A chart in one or more columns, and what it does not show."""

    title: str
    columns: list[Markup]
    left_out: int


def as_page(document: Document) -> str:
    """Return it as a page; everything a person or a provider wrote is escaped in it."""
    worn = style("report.css", "page.css", "document.css")
    return (
        templates()
        .get_template("document.html.j2")
        .render(
            document=document,
            tables=[one for one in document.tables if not one.bulk],
            style=worn.text,
            style_hash=worn.hash,
            said=said,
            numbers=NUMBERS,
            chart=_chart,
            few=FEW,
            most_rows=MOST_ROWS,
        )
    )


def _chart(table: Table) -> Chart | None:
    """Draw the amounts of a table, in its order; those below 0 and those of nothing have no bar."""
    if not table.drawn:
        return None
    keys = [one.key for one in table.columns]
    place = keys.index(table.drawn)
    drawn = [
        (row, amount)
        for row in table.rows
        if isinstance(amount := row[place], Money) and amount.micros > 0
    ]
    # On one scale there can be one currency only.
    if len(drawn) < 2 or len({amount.currency for _, amount in drawn}) > 1:
        return None
    column = table.columns[place]
    bars = [
        charts.Bar(said(table.columns[0], row[0]), Decimal(amount.micros), said(column, amount))
        for row, amount in drawn[:_MOST_BARS]
    ]
    most = max(one.value for one in bars)
    title = f"{table.title}: {column.heading.lower()}"
    parts = charts.columns(bars, 1 + (len(bars) > _TALL) + (len(bars) > 2 * _TALL))
    drawings = [charts.bar_chart(title, part, most, "making") for part in parts if part]
    return Chart(title, drawings, len(drawn) - len(bars))
