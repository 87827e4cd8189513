"""A table of text as programs export it: found out what it is, and read record by record.

Sizes are bounded before anything is read, and whatever only calls itself CSV is named for what it
is. A cell is text and nothing else: a formula in it is four letters and an equals sign.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from cost_tracking.spend_import.faults import Faults

MAX_BYTES = 64_000_000
MAX_ROWS = 300_000
MAX_COLUMNS = 1_000
MAX_LINE = 1_000_000
PREAMBLE = 30
"""How many lines may stand before the headings."""
_DELIMITERS = ",;\t|"
_MAGIC = (
    (b"PK\x03\x04", "a ZIP or XLSX file"),
    (b"PK\x05\x06", "an empty ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (XLS)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BOM = b"\xef\xbb\xbf"
_NOWHERE = Path()


@dataclass(frozen=True, slots=True)
class Record:
    """One record, and the line on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """A table whose headings were found."""

    sha256: str
    heading: Record
    delimiter: str
    records: Iterator[Record]
    """What follows the headings. What cannot be read ends it, and is noted as a fault."""


def read_sheet(
    faults: Faults,
    headings: Callable[[Sequence[str]], int],
    absent: Callable[[Record], None],
) -> Sheet | None:
    """Open a table.

    Args:
        faults: Knows the file, and takes what is wrong with it.
        headings: Says of a record how many columns it heads, 0 if it is not the headings.
        absent: Notes what is missing, given the record that is most like the headings.

    Returns:
        The table, or None when it is none or has no headings; then a fault says why.

    """
    content = _content(faults)
    if content is None:
        return None
    digest = sha256(content).hexdigest()
    text = _as_utf8(content, faults)
    if text is None:
        return None
    found = _find(text, headings)
    if found is None:
        _without_headings(text, faults, absent)
        return None
    skip, delimiter = found
    records = _records(_lines(text), delimiter, faults)
    heading = next(islice(records, skip, None), None)
    if heading is None:
        return None
    if len(heading.cells) > MAX_COLUMNS:
        said = f"there are {len(heading.cells):,} columns"
        faults.add(heading.line, "", said, f"Export at most {MAX_COLUMNS:,}")
        return None
    return Sheet(digest, heading, delimiter, records)


def _content(faults: Faults) -> bytes | None:
    try:
        with faults.path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        said = f"it cannot be read: {(error.strerror or str(error)).lower()}"
        faults.add(0, "", said, "Check the path")
        return None
    if len(content) > MAX_BYTES:
        faults.add(
            0, "", f"it is over {MAX_BYTES:,} bytes", "Export a shorter time, such as a month"
        )
        return None
    for magic, name in _MAGIC:
        if content.startswith(magic):
            mend = "Export it as CSV; a file is not one by its name"
            faults.add(0, "", f"it is {name}, and not CSV", mend)
            return None
    return content


def _as_utf8(content: bytes, faults: Faults) -> bytes | None:
    """Return the text in UTF-8 without its mark, or None if it is no text."""
    mark, encoding = next(
        ((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8")
    )
    try:
        if encoding == "utf-8":
            content = content.removeprefix(mark)
            content.decode()
        else:
            content = content.decode(encoding).encode()
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = content[:start].count(b"\n") + 1 if encoding == "utf-8" else 0
        mend = "Save it as UTF-8; the export offers it, and so does every spreadsheet program"
        faults.add(line, "", f"it is not {encoding.upper()} here", mend)
        return None
    return content if _is_text(content, faults) else None


def _is_text(content: bytes, faults: Faults) -> bool:
    def line(place: int) -> int:
        return content[:place].count(b"\n") + 1

    start = content[:2_000].strip().lower()
    if not start and not content.strip():
        faults.add(0, "", "it is empty", "Export it again")
    elif (place := content.find(b"\x00")) >= 0:
        said, mend = "it holds a NUL byte", "Export it again as CSV in UTF-8"
        if place <= 1:
            said = "it is UTF-16 without a mark of its byte order"
        faults.add(line(place), "", said, mend)
    elif (place := content.find(_BOM)) >= 0:
        said = "a byte order mark stands in the middle: two files were joined here"
        faults.add(line(place), "", said, "Import them one after the other")
    elif start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body")):
        mend = "It is perhaps a sign-in page: download the export again, as CSV"
        faults.add(1, "", "it is HTML or XML, and not CSV", mend)
    elif start.startswith((b"{", b"[{", b"[\n")):
        faults.add(1, "", "it is JSON, and not CSV", "Export it as CSV")
    else:
        return True
    return False


def _lines(text: bytes) -> Iterator[str]:
    # Nothing is translated, so that a line end within quotes stays what it was. Lines end in LF
    # alone; a file that ends them in CR is one line, and refused as such.
    return io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="\n")


def _find(text: bytes, headings: Callable[[Sequence[str]], int]) -> tuple[int, str] | None:
    """Return how many records stand before the headings, and what divides the columns."""
    best: tuple[int, int, str] | None = None
    for delimiter in _DELIMITERS:
        quiet = Faults(_NOWHERE)
        for number, record in enumerate(islice(_records(_lines(text), delimiter, quiet), PREAMBLE)):
            score = headings(record.cells)
            if score and (best is None or score > best[0]):
                best = (score, number, delimiter)
    return None if best is None else best[1:]


def _without_headings(text: bytes, faults: Faults, absent: Callable[[Record], None]) -> None:
    """Say why there are no headings: it is no table at all, or they are not those we know."""
    first = next(_lines(text), "")
    delimiter = max(_DELIMITERS, key=first.count)
    if len(first) > MAX_LINE or first.count(delimiter) >= MAX_COLUMNS:
        said = f"line 1 has {len(first):,} characters and {first.count(delimiter) + 1:,} columns"
        faults.add(1, "", said, f"Export at most {MAX_COLUMNS:,} columns")
        return
    candidates = [
        one
        for delimiter in _DELIMITERS
        for one in islice(_records(_lines(text), delimiter, Faults(_NOWHERE)), PREAMBLE)
    ]
    if not candidates:
        # Let it say what is broken.
        list(islice(_records(_lines(text), delimiter, faults), 1))
        return
    absent(max(candidates, key=lambda one: sum(bool(cell.strip()) for cell in one.cells)))


def _records(lines: Iterator[str], delimiter: str, faults: Faults) -> Iterator[Record]:
    reader = csv.reader(_bounded(lines, faults), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Record(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        faults.add(begins, "", *_broken(str(error), begins))


def _bounded(lines: Iterator[str], faults: Faults) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            said = f"the line has {len(line):,} characters"
            faults.add(number, "", said, f"No line of an export is longer than {MAX_LINE:,}")
            return
        yield line


def _broken(said: str, line: int) -> tuple[str, str]:
    if "unexpected end of data" in said or "field larger" in said:
        return (
            f'a quote (") that opens in the record of line {line} is never closed',
            "The file was cut off, or a name holds a single quote mark: export it again",
        )
    if "new-line character" in said:
        return (
            "a line ends in a bare CR, which other lines do not",
            "Save it with one kind of line end, LF or CRLF",
        )
    return (
        f"it is no CSV: {said}",
        'Export it again; a quote mark within a cell is written twice ("")',
    )
