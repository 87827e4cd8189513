"""A vendor's invoice as a CSV file: every line is read, or none is used and each fault is told."""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from cost_tracking.bill import Bill, BillLine
from cost_tracking.money import Money
from creative.problem import InvalidInput, Problem

MAX_BYTES = 50_000_000
FIELDS = ("date", "until", "amount", "currency", "model", "receipt")
"""What a column can be. ``date`` and ``amount`` are needed; ``until`` is a line's last day."""
_AMOUNT = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DELIMITERS = (",", ";", "\t")


def invoice(path: Path, provider: str, columns: Mapping[str, str], currency: str = "") -> Bill:
    """Read an invoice.

    Args:
        path: A CSV file in UTF-8 with a line of headings.
        provider: Whose it is, by its name in the registry.
        columns: The heading of each field of ``FIELDS``; left out, it is the field's own name.
        currency: Of every line, where no column says it.

    Raises:
        InvalidInput: Some of it cannot be read; every line that cannot is named.

    """
    reading = _Reading(path, {**{name: name for name in FIELDS}, **columns}, currency)
    lines = tuple(reading.lines())
    if reading.problems:
        raise InvalidInput(reading.problems)
    if not lines:
        raise InvalidInput(
            [Problem(path, 0, "", "the invoice has no line", "Export it with its lines.")]
        )
    last = max(line.end for line in lines)
    return Bill(
        provider=provider,
        source=f"the invoice {path.name}",
        start=min(line.start for line in lines),
        end=last,
        whole_until=last,
        lines=lines,
    )


def _half_a_place(amount: Decimal) -> Decimal:
    places = -int(amount.as_tuple().exponent)
    return Decimal(5).scaleb(-places - 1) if places else Decimal(0)


class _Reading:
    def __init__(self, path: Path, columns: Mapping[str, str], currency: str) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._columns = columns
        self._currency = currency
        self._line = 0

    def lines(self) -> Iterator[BillLine]:
        """Yield what can be read, and keep what cannot as problems."""
        try:
            if self._path.stat().st_size > MAX_BYTES:
                self._wrong("", f"it is over {MAX_BYTES} bytes", "Export a shorter time.")
                return
            text = self._path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = f"it cannot be read ({type(error).__name__})"
            self._wrong("", said, "Give a CSV file in UTF-8.")
            return
        written = text.splitlines(keepends=True)
        heading = written[0] if written else ""
        delimiter = max(_DELIMITERS, key=heading.count)
        reader = csv.DictReader(written, delimiter=delimiter, restkey="", strict=True)
        try:
            if not self._headed(reader.fieldnames or ()):
                return
            for row in reader:
                self._line = reader.line_num
                line = self._read(row)
                if line:
                    yield line
        except csv.Error as error:
            self._line = reader.line_num
            self._wrong("", f"it is no CSV: {error}", "Export it anew.")

    def _headed(self, headings: object) -> bool:
        found = [str(one) for one in headings] if isinstance(headings, (list, tuple)) else []
        self._line = 1
        needed = ["date", "amount", *([] if self._currency else ["currency"])]
        for name in needed:
            if self._columns[name] not in found:
                known = ", ".join(filter(None, found)) or "none"
                mend = f"Say which it is with --columns {name}=HEADING; there is: {known}."
                self._wrong(self._columns[name], f"no column holds the {name}", mend)
        for name in FIELDS:
            own = self._columns[name]
            if own != name and own not in found and name not in needed:
                self._wrong(own, "no column has this heading", "Write it as the file does.")
        return not self.problems

    def _read(self, row: Mapping[str, str | None]) -> BillLine | None:
        told = {name: (row.get(self._columns[name]) or "").strip() for name in FIELDS}
        if not any(told.values()):
            return None
        before = len(self.problems)
        currency = (told["currency"] or self._currency).upper()
        if not _CURRENCY.fullmatch(currency):
            self._wrong("currency", f"{currency!r} is no currency", "Write it as USD or EUR.")
        if not _AMOUNT.fullmatch(told["amount"]):
            mend = "Write it as 1234.56: digits, and a point before the decimals."
            self._wrong("amount", f"{told['amount'][:40]!r} is no amount", mend)
        start = self._day("date", told["date"])
        end = self._day("until", told["until"]) if told["until"] else start
        if start and end and end < start:
            self._wrong("until", f"{end} is before {start}", "Give the last day of the line.")
        if len(self.problems) > before or start is None or end is None:
            return None
        amount = Decimal(told["amount"])
        return BillLine(
            start=start,
            end=end,
            amount=Money.of(amount, currency),
            model=told["model"],
            receipt=told["receipt"],
            # What is written to the cent was rounded to it.
            rounding=_half_a_place(amount),
            label=f"line {self._line}",
        )

    def _day(self, name: str, text: str) -> date | None:
        try:
            # A time of the day is passed over: bills are by the day.
            return date.fromisoformat(text[:10])
        except ValueError:
            self._wrong(name, f"{text[:40]!r} is no day", "Write it as 2026-11-30.")
            return None

    def _wrong(self, place: str, message: str, mend: str) -> None:
        self.problems.append(Problem(self._path, self._line, place, message, mend))
