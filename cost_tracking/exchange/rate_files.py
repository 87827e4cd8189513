"""Reads files of rates: the European Central Bank's, and a plain one from any other source.

A file is taken whole or not at all. Every fault of it is told at once, by line and column.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from cost_tracking.exchange.quotations import ECB, EURO, Quotation
from creative.problem import InvalidInput, Problem

MOST_BYTES = 32 * 1024 * 1024
"""The ECB's whole history since 1999 has two megabytes."""
MOST_PROBLEMS = 100
COLUMNS = ("base", "quote", "rate", "date", "source")
OPTIONAL = ("published_at",)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SPOKEN = re.compile(rf"([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}})", re.ASCII)

Row = tuple[int, list[str]]
"""The number of a line, and its cells."""


class _Page:
    """The rows of one file, and what is wrong with them."""

    def __init__(self, path: Path, today: date) -> None:
        self.path = path
        self.today = today
        self.problems: list[Problem] = []

    def say(self, line: int, place: str, message: str, mend: str) -> None:
        self.problems.append(Problem(self.path, line, place, message, mend))

    def rows(self, content: bytes) -> list[Row]:
        """Return the rows that are not blank; none where it is no text in commas."""
        if len(content) > MOST_BYTES:
            self.say(0, "", f"it has {len(content):,} bytes", "Give a file of at most 32 MB")
            return []
        if content.startswith(b"PK"):
            self.say(0, "", "it is a zip archive", "Unzip it, and give the CSV that is in it")
            return []
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.say(line, "", "it is not UTF-8", "Save it as UTF-8 CSV")
            return []
        if "\0" in text:
            self.say(0, "", "it holds bytes of 0", "Give the CSV, not a spreadsheet")
            return []
        reader = csv.reader(text.splitlines(), strict=True)
        try:
            cells = [(reader.line_num, [one.strip() for one in row]) for row in reader]
        except csv.Error as error:
            self.say(reader.line_num, "", f"it is no CSV: {error}", "Mend the quotes of that line")
            return []
        found = [row for row in cells if any(row[1])]
        if not found:
            self.say(0, "", "it is empty", "Give a file with a heading and at least one rate")
        elif len(found) == 1:
            self.say(found[0][0], "", "it has no rate below its heading", "Give at least one")
        return found

    def day(self, line: int, place: str, text: str) -> date | None:
        spoken, written = _SPOKEN.fullmatch(text), _WRITTEN.fullmatch(text)
        month = _MONTHS.index(spoken[2]) + 1 if spoken else 0
        iso = f"{spoken[3]}-{month:02}-{int(spoken[1]):02}" if spoken else text if written else ""
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            self.say(line, place, f"{text!r:.40} is no day", "Write it as 2026-10-30")
            return None
        if day > self.today:
            self.say(line, place, f"{day} is still to come", "Leave out what is not known yet")
            return None
        return day

    def quotation(self, line: int, place: str, told: Mapping[str, object]) -> Quotation | None:
        rate = str(told["rate"])
        if not _NUMBER.fullmatch(rate):
            mend = "Write it as 10.978, with a point and without separators"
            self.say(line, place, f"{rate!r:.40} is no rate", mend)
            return None
        try:
            return Quotation.model_validate(told)
        except ValidationError as error:
            for one in error.errors():
                said = one["msg"].removeprefix("Value error, ")
                field = str(one["loc"][0])
                self.say(line, place if field == "rate" else field, f"{said}", _MENDS[field])
            return None

    def done(self, found: Sequence[Quotation]) -> tuple[Quotation, ...]:
        if self.problems:
            left = len(self.problems) - MOST_PROBLEMS
            told = sorted(self.problems)[:MOST_PROBLEMS]
            if left > 0:
                more = f"these are the first of {len(self.problems)} faults"
                told.append(Problem(self.path, 0, "", more, "Mend them, and read it again"))
            raise InvalidInput(told)
        return tuple(found)


_MENDS = {
    "base": "Write three capital letters of ISO 4217, such as USD",
    "quote": "Write three capital letters of ISO 4217, such as USD",
    "rate": "Check its unit: what one of the base is worth in the quote",
    "source": "Name it in small letters, digits, dots and dashes, such as treasury",
    "published_at": "Leave it out, or write a moment",
}


def read_ecb(content: bytes, path: Path, today: date) -> tuple[Quotation, ...]:
    """Read the ECB's wide file: a day in each row, a currency in each column, euros as base.

    Both of its forms are taken: the history, and the file of one day whose date is in words. N/A
    is a day without a rate.

    Args:
        content: The file, unzipped.
        path: For the messages.
        today: No rate may be of a later day.

    Raises:
        InvalidInput: Anything of it is wrong; every fault is in it, and nothing was kept.

    """
    page = _Page(path, today)
    rows = page.rows(content)
    found: list[Quotation] = []
    if len(rows) > 1:
        if rows[0][1][-1] == "":
            # The bank ends every line with a comma.
            rows = [(line, cells[:-1] if cells[-1] == "" else cells) for line, cells in rows]
        (top, header), *body = rows
        codes = _ecb_header(page, top, header)
        seen: dict[date, int] = {}
        for line, cells in body:
            found += _ecb_row(page, codes, line, cells, seen)
        if not found and not page.problems:
            page.say(top, "", "every rate of it is N/A", "Give a file with at least one rate")
    return page.done(found)


def _ecb_header(page: _Page, line: int, header: list[str]) -> list[str]:
    codes = header[1:]
    if header[0] != "Date" or not codes:
        mend = "Give eurofxref-hist.csv or eurofxref.csv, or use --source csv"
        page.say(line, header[0], "the ECB's file begins with the column Date", mend)
    for code in codes:
        if not _CODE.fullmatch(code) or code == EURO:
            page.say(line, code, f"{code!r:.20} is no currency to quote in euros", _MENDS["base"])
        elif codes.count(code) > 1:
            page.say(line, code, f"{code} has two columns", "Keep one of them")
    return codes


def _ecb_row(
    page: _Page, codes: list[str], line: int, cells: list[str], seen: dict[date, int]
) -> Iterator[Quotation]:
    on = page.day(line, "Date", cells[0])
    rates = cells[1:]
    if len(rates) != len(codes):
        message = f"it has {len(rates)} rates for {len(codes)} currencies"
        page.say(line, "", message, "Write N/A where there is none")
        return
    if on in seen:
        page.say(line, "Date", f"{on} is in line {seen[on]} already", "Keep one of the two")
    if on is None or on in seen:
        return
    seen[on] = line
    for code, rate in zip(codes, rates, strict=True):
        if rate == "N/A" or not _CODE.fullmatch(code):
            continue
        told = {"base": EURO, "quote": code, "rate": rate, "on": on, "source": ECB}
        quotation = page.quotation(line, code, told)
        if quotation:
            yield quotation


def read_csv(content: bytes, path: Path, today: date) -> tuple[Quotation, ...]:
    """Read a file of ``base,quote,rate,date,source`` and, if need be, ``published_at``.

    Args:
        content: The file.
        path: For the messages.
        today: No rate may be of a later day.

    Raises:
        InvalidInput: Anything of it is wrong; every fault is in it, and nothing was kept.

    """
    page = _Page(path, today)
    rows = page.rows(content)
    found: list[Quotation] = []
    if len(rows) > 1:
        (top, header), *body = rows
        names = [one.lower() for one in header]
        if _csv_header(page, top, names):
            seen: dict[str, int] = {}
            for line, cells in body:
                one = _csv_row(page, names, line, cells)
                if one and one.id in seen:
                    message = f"{one.id} is in line {seen[one.id]} already"
                    page.say(line, "", message, "Keep one of the two")
                elif one:
                    seen[one.id] = line
                    found.append(one)
    return page.done(found)


def _csv_header(page: _Page, line: int, names: list[str]) -> bool:
    before = len(page.problems)
    for name in COLUMNS:
        if name not in names:
            page.say(line, name, "the column is missing", f"Begin with {','.join(COLUMNS)}")
    for name in names:
        if name not in (*COLUMNS, *OPTIONAL):
            page.say(line, name, f"there is no column {name!r:.40}", "Leave it out")
        elif names.count(name) > 1:
            page.say(line, name, f"{name} has two columns", "Keep one of them")
    return len(page.problems) == before


def _csv_row(page: _Page, names: list[str], line: int, cells: list[str]) -> Quotation | None:
    if len(cells) != len(names):
        message = f"it has {len(cells)} cells for {len(names)} columns"
        page.say(line, "", message, "Put amounts with a comma in quotes, or write a point")
        return None
    told: dict[str, object] = dict(zip(names, cells, strict=True))
    if told["base"] == told["quote"]:
        page.say(line, "quote", f"{told['base']} is worth 1 of itself", "Leave the line out")
        return None
    on = page.day(line, "date", str(told.pop("date")))
    told["published_at"] = told.get("published_at") or None
    if told["source"] == ECB:
        page.say(line, "source", "the ECB's rates come in its own file", "Use --source ecb")
        return None
    # The rest is read even where the day is wrong, so that all faults of a line are told at once.
    quotation = page.quotation(line, "rate", {**told, "on": on or page.today})
    return quotation if on else None


READERS: Mapping[str, Callable[[bytes, Path, date], tuple[Quotation, ...]]] = {
    "ecb": read_ecb,
    "csv": read_csv,
}
"""The reader of each source that ``kampanj rates import`` takes."""
