"""A document as one HTML file that needs nothing else: no script, no font, no network."""

from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from cost_tracking.reports import charts
from cost_tracking.reports.figures import number
from cost_tracking.reports.forms.document import NUMBERS, Bars, Document, said
from cost_tracking.reports.page_frame import style, templates

MOST_ROWS = 2000
"""The longest table of a page; the CSV and the workbook hold every row."""
FEW = 40
"""How many rows of a table stand open; the rest is folded."""
_MOST_BARS = 60
_TALL = 8


class Chart(NamedTuple):
    """A chart in one or more columns."""

    title: str
    columns: list[Markup]
    first: int
    """How many bars it shows, where it does not show all of them."""


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


def _chart(drawn: Bars) -> Chart | None:
    """Draw amounts in their order; those below 0 and those of nothing have no bar."""
    there = [(name, amount) for name, amount in drawn.bars if amount and amount.micros > 0]
    # On one scale there can be one currency only.
    if len(there) < 2 or len({amount.currency for _, amount in there}) > 1:
        return None
    bars = [
        charts.Bar(name, Decimal(amount.micros), number(amount))
        for name, amount in there[:_MOST_BARS]
    ]
    most = max(one.value for one in bars)
    parts = charts.columns(bars, 1 + (len(bars) > _TALL) + (len(bars) > 2 * _TALL))
    tone = "working" if drawn.working else "making"
    return Chart(
        drawn.title,
        [charts.bar_chart(drawn.title, part, most, tone) for part in parts if part],
        len(bars) if len(bars) < len(there) else 0,
    )
