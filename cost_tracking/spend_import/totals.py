"""Tells the rows of an export from its totals, subtotals and footers, and adds them up again."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import isqrt

from cost_tracking.spend_import.amounts import NoAmount, amount
from cost_tracking.spend_import.faults import Faults
from cost_tracking.spend_import.headings import Columns
from cost_tracking.spend_import.platform import Platform, plain
from cost_tracking.spend_import.sheet import MAX_ROWS, Record
from cost_tracking.spend_import.spend_row import LEVELS, SpendRow


class Totals:
    """What an export says of itself beside its rows.

    Args:
        platform: Knows how such lines begin.
        columns: Of the file.
        faults: Takes lines that are cut off, and totals that are wrong.

    """

    def __init__(self, platform: Platform, columns: Columns, faults: Faults) -> None:
        self.platform, self.columns, self.faults = platform, columns, faults
        self._begin = tuple(plain(one) for one in platform.totals)
        self._subtotals = {plain(one) for one in platform.subtotals}
        self._footers = tuple(one.lower() for one in platform.footers)
        self._cut_by = (columns.fields["day"], *columns.breakdown.values())
        self.skipped = 0
        """How many lines were neither a row nor a total."""
        self._found: list[Record] = []

    def rows(self, records: Iterator[Record]) -> list[Record]:
        """Return the rows, and keep the totals."""
        rows: list[Record] = []
        width = len(self.columns.heading)
        for record in records:
            first = record.cells[0].strip() if record.cells else ""
            if not first:
                first = next((cell.strip() for cell in record.cells if cell.strip()), "")
            if not first or self._is_footer(first, record):
                self.skipped += 1
            elif self._is_total(first, record, width):
                self._found.append(record)
            elif len(record.cells) < width:
                said = f"it has {len(record.cells)} of {width} columns"
                mend = "The file was cut off here: export it again"
                self.faults.add(record.line, "", said, mend)
            elif len(record.cells) > width and any(cell.strip() for cell in record.cells[width:]):
                said = f"it has {len(record.cells)} columns, and the headings {width}"
                mend = "A cell holds the mark that divides columns: export it again, with quotes"
                self.faults.add(record.line, "", said, mend)
            elif self._subtotals and self._is_subtotal(record):
                self.skipped += 1
            else:
                rows.append(record)
            if len(rows) > MAX_ROWS:
                mend = "Export a shorter time, such as a month"
                self.faults.add(record.line, "", f"it has more than {MAX_ROWS:,} rows", mend)
                break
        return rows

    def check(self, rows: Sequence[SpendRow], mark: str) -> int:
        """Compare the export's own totals with its rows; one of them must be theirs.

        Returns:
            How many were compared and agree: 0 where there are none, or several currencies.

        """
        if self.faults or len({row.money.currency for row in rows}) != 1:
            return 0
        total = sum(row.money.micros for row in rows)
        told: list[tuple[Record, Decimal]] = []
        for record in self._found:
            cell = (
                record.cells[self.columns.amount].strip()
                if self.columns.amount < len(record.cells)
                else ""
            )
            try:
                number = amount(cell, mark)
            except NoAmount:
                continue
            told.append((record, number if self.columns.of.unit == "major" else number.scaleb(-6)))
        if not told:
            return 0
        for _, number in told:
            # Each row was rounded by itself, and the total once. The errors of many rows make up
            # for each other: seven standard deviations of them are two roots of their number.
            places = min(-int(number.as_tuple().exponent), 6)
            halves = min(len(rows) + 1, 1 + 4 * (isqrt(len(rows)) + 1))
            slack = halves * Decimal(5).scaleb(-places - 1)
            if abs(number - Decimal(total).scaleb(-6)) <= slack:
                return 1
        record, number = told[0]
        said = f"the total is {number:f}, and the rows sum to {Decimal(total).scaleb(-6):f}"
        mend = "Rows are missing or were changed: export it again"
        self.faults.add(record.line, self.columns.name("amount"), said, mend)
        return 0

    def _is_footer(self, first: str, record: Record) -> bool:
        if not self._footers or not first.lower().startswith(self._footers):
            return False
        return sum(bool(cell.strip()) for cell in record.cells) == 1

    def _is_total(self, first: str, record: Record, width: int) -> bool:
        whole = len(record.cells) >= width
        if self._begins(first):
            # A campaign may be called Total; a line of totals is of no day.
            return not whole or not self.columns.cell(record, "day")[:1].isdigit()
        if not self.platform.names_or_total or not whole:
            return False
        named = (self.columns.cell(record, name) for _, *pair in LEVELS for name in pair)
        return not any(one and not self._begins(one) for one in named)

    def _begins(self, cell: str) -> bool:
        # Most cells begin with a digit, and words are what totals begin with.
        begin = self._begin
        return bool(begin) and not cell[0].isdigit() and plain(cell).startswith(begin)

    def _is_subtotal(self, record: Record) -> bool:
        return any(record.cells[at].strip().casefold() in self._subtotals for at in self._cut_by)
