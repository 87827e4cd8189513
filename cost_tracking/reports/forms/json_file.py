"""A document as JSON: its tables by their keys, amounts as exact text beside their currency."""

import json

from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.reports.forms.document import Cell, Document, plain


def as_json(document: Document) -> str:
    """Return all of it; an amount is ``{"amount": "1.50", "currency": "EUR"}``."""
    return json.dumps(as_object(document), ensure_ascii=False, indent=1) + "\n"


def as_object(document: Document) -> dict[str, object]:
    """Return all of it, of what JSON has: objects, lists, text, whole numbers, null."""
    mark = document.mark
    return {
        "schema": document.schema,
        "title": document.title,
        "says": document.lead,
        "as_of": stamp(document.as_of),
        "up_to": mark.up_to if mark else None,
        "sealed": mark.sealed.model_dump() if mark and mark.sealed else None,
        "facts": dict(document.facts),
        "notes": list(document.notes),
        "tables": {
            table.key: [
                {column.key: _value(cell) for column, cell in zip(table.columns, row, strict=True)}
                for row in table.rows
            ]
            for table in document.tables
        },
    }


def _value(cell: Cell) -> object:
    if isinstance(cell, Money):
        return {"amount": plain(cell), "currency": cell.currency}
    return cell if cell is None or isinstance(cell, int) else plain(cell)
