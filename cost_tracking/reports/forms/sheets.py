"""Tables as a workbook (XLSX): typed figures that sum, and text that runs nothing."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import xlsxwriter

from cost_tracking.money import Money
from cost_tracking.reports.inert import cell

Kind = Literal["text", "money", "count", "percent", "date"]
Cell = str | Money | int | Decimal | date | None
_FORMATS: dict[Kind, dict[str, object]] = {
    "text": {"num_format": "@"},
    "money": {"num_format": "#,##0.00####;[Red]-#,##0.00####"},
    "count": {"num_format": "#,##0"},
    "percent": {"num_format": "0.0%"},
    "date": {"num_format": "yyyy-mm-dd"},
}
_WIDTHS: dict[Kind, int] = {"text": 26, "money": 16, "count": 11, "percent": 10, "date": 12}
_MOST_ROWS = 1_048_000
"""A sheet holds 1,048,576; what is left out is said below."""


class Column(NamedTuple):
    """A heading, and what stands under it."""

    heading: str
    kind: Kind
    width: int = 0


class Sheet(NamedTuple):
    """One table of the workbook."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


def workbook(title: str, created: datetime, sheets: Iterable[Sheet]) -> bytes:
    """Return sheets as XLSX.

    Every text is written as text, whatever it looks like, so that nothing in it is a formula or a
    link. Amounts are numbers with a number format; a workbook keeps 15 digits of a number, which
    holds micros exactly up to 999,999,999. The same sheets give the same bytes.

    Args:
        title: Of the workbook; it may be anybody's text.
        created: The moment that the workbook says it was made at.
        sheets: In their order.

    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": cell(title)[:255], "created": created})
        formats = {kind: book.add_format(look) for kind, look in _FORMATS.items()}
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats, head)
    return out.getvalue()


def _write(page: Any, sheet: Sheet, formats: Mapping[Kind, Any], head: Any) -> None:
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.heading, head)
        page.set_column(place, place, column.width or _WIDTHS[column.kind], formats[column.kind])
    last = 0
    for number, row in enumerate(sheet.rows, start=1):
        if number > _MOST_ROWS:
            page.write_string(number, 0, "The rest does not fit a sheet; take --format parquet.")
            break
        last = number
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, (number, place), value, formats[column.kind])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, last, len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&L&A&RPage &P of &N")


def _cell(page: Any, place: tuple[int, int], value: Cell, look: Any) -> None:
    match value:
        case None | "":
            page.write_blank(*place, None, look)
        case str():
            page.write_string(*place, cell(value), look)
        case Money():
            page.write_number(*place, value.amount, look)
        case date():
            page.write_datetime(*place, value, look)
        case _:
            page.write_number(*place, value, look)
