"""A document as CSV: one flat table, whose column ``table`` says what a row is."""

import csv
import io

from cost_tracking.reports.forms.document import NUMBERS, Document, fields, flat
from cost_tracking.reports.inert import inert


def as_csv(document: Document, *, machine: bool = False) -> str:
    """Return it as CSV that a sheet opens without running anything in it.

    Args:
        document: To be written.
        machine: Leave every text as it is, for a program that must not find apostrophes.

    """
    kinds = fields(document)
    out = io.StringIO()
    sheet = csv.DictWriter(out, list(kinds), lineterminator="\n")
    sheet.writeheader()
    for row in flat(document):
        sheet.writerow(
            row
            if machine
            else {
                # An amount is left as it is: -12.50 is a figure.
                name: text if kinds[name] in NUMBERS else inert(text)
                for name, text in row.items()
            }
        )
    return out.getvalue()
