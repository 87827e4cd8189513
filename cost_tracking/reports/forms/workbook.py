"""A document as a workbook: one sheet a table, and one that says what it rests on."""

from collections.abc import Mapping
from decimal import Decimal

from cost_tracking.reports.forms import sheets
from cost_tracking.reports.forms.document import Cell, Document, Kind, Row, Table, money_of
from cost_tracking.reports.seal_words import sealed_words

_KINDS: Mapping[Kind, sheets.Kind] = {
    "text": "text",
    "money": "money",
    "exact": "money",
    "figure": "money",
    "count": "count",
    "percent": "percent",
    "points": "money",
    "factor": "money",
    "date": "date",
}
_ABOUT = (sheets.Column("What", "text", 28), sheets.Column("Said", "text", 110))
_NAME = 31
"""The most letters of a sheet's name."""


def as_workbook(document: Document) -> bytes:
    """Return it as XLSX, as ``sheets.workbook`` writes it."""
    told = (_about(document), *map(_sheet, document.tables))
    return sheets.workbook(document.title, document.as_of, told)


def _about(document: Document) -> sheets.Sheet:
    rows = [
        ("Report", document.title),
        ("Says", document.lead),
        ("As of", f"{document.as_of:%Y-%m-%d %H:%M} UTC"),
        *([("Sealed", sealed_words(*document.mark))] if document.mark else []),
        *document.facts,
        *(("Note", note) for note in document.notes),
        *((one.title, one.note) for one in document.tables if one.note),
    ]
    return sheets.Sheet("About", _ABOUT, rows)


def _sheet(table: Table) -> sheets.Sheet:
    columns = (
        *(sheets.Column(one.heading, _KINDS[one.kind]) for one in table.columns),
        *(
            sheets.Column(name.replace("_", " ").capitalize(), "text", 10)
            for name in table.currencies
        ),
    )
    name = table.key.replace("_", " ").capitalize()[:_NAME]
    return sheets.Sheet(name, columns, (_row(table, one) for one in table.rows))


def _row(table: Table, row: Row) -> tuple[Cell, ...]:
    cells = (
        value / 100 if one.kind == "percent" and isinstance(value, Decimal) else value
        for one, value in zip(table.columns, row, strict=True)
    )
    return (*cells, *money_of(table, row).values())
