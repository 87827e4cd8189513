"""What people declare of pictures that were made or bought elsewhere: one sheet in their folder.

``import.yaml`` holds a list ``pictures``; ``import.csv`` holds the same fields as columns::

    pictures:
      - file: dawn.png
        concept: 1
        origin: generative
        tool: Midjourney 7
        made_by: Studio North
        licence: Pro plan, commercial use
        cost: "12.50"
        currency: EUR
        hours: "1.5"
        hourly_rate: "72.00"
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from cost_tracking.hours import Labour
from cost_tracking.money import Money
from creative.brief import Amount, Currency, Words
from creative.concept import SourceType
from creative.problem import Address, InvalidInput, Problem
from creative.value import Value, fingerprint
from creative.yaml_file import MAX_BYTES, Document, fit, parse_document
from providers.images.import_shelf import Shelf, Unfit

SHEETS = ("import.yaml", "import.csv")
MAX_PICTURE = 100_000_000
"""Bytes of one file."""
SOURCE_TYPES = {
    "generative": SourceType.TRAINED,
    "composite": SourceType.COMPOSITE,
    "photo": SourceType.DIGITAL_CREATION,
    "agency": SourceType.DIGITAL_CREATION,
    "stock": SourceType.DIGITAL_CREATION,
}
_GENERATORS = re.compile(
    r"(?i)\b(midjourney|dall[- ]?e|firefly|stable ?diffusion|sdxl|flux|imagen|gemini|gpt-image"
    r"|ideogram|leonardo|comfyui|nova canvas|recraft|runway|krea)\b"
)


def _number(text: object) -> object:
    # A cell of a CSV file is text; a cell that was left empty says nothing.
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 5 else text


Count = Annotated[int, BeforeValidator(_number), Field(ge=1, le=999, strict=True)]


class Declared(Value):
    """What was declared of one picture."""

    file: str = Field(min_length=1, max_length=200)
    """Its name below the folder."""
    concept: Count | None = None
    """Which concept it is, counted from 1 as in the brief."""
    direction: Words = Field(default="", max_length=600)
    """Or the direction of the brief that it follows, word for word."""
    origin: Literal["generative", "composite", "photo", "agency", "stock"]
    """How it came to be: it decides what the file says of itself, and must be true."""
    tool: Words = Field(min_length=1, max_length=80)
    """What it was made with, or where it was bought."""
    made_by: Words = Field(min_length=1, max_length=120)
    licence: Words = Field(min_length=1, max_length=300)
    """By what right it may be used."""
    cost: Amount
    currency: Currency
    hours: Annotated[Amount, Field(le=10_000)] = Decimal(0)
    """Of our own people's work on it, beside what it cost. They are entered as labour."""
    hourly_rate: Annotated[Amount, Field(gt=0)] | None = None
    """What one of them costs, in the same currency; None takes the installation's."""
    focus_x: Annotated[Amount, Field(le=1)] = Decimal("0.5")
    """The point that a crop must keep, as a share of the width from the left."""
    focus_y: Annotated[Amount, Field(le=1)] = Decimal("0.5")

    @field_validator("file")
    @classmethod
    def _plain(cls, name: str) -> str:
        path = PurePosixPath(name)
        strange = any(ord(letter) < 32 or letter in '\\:*?"<>|' for letter in name)
        if path.is_absolute() or ".." in path.parts or strange or name.startswith("~"):
            raise ValueError("name a file below the folder, with / between its parts")
        return name

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.concept is None) == (not self.direction):
            raise ValueError("give it either a concept, counted from 1, or a direction")
        if self.origin in {"photo", "agency", "stock"} and _GENERATORS.search(self.tool):
            raise ValueError(
                f"{self.tool!r} draws with a model, so it is generative or composite, and the "
                "picture must say so of itself"
            )
        return self

    @property
    def money(self) -> Money:
        """Return what it cost."""
        return Money.of(self.cost, self.currency)

    @property
    def source_type(self) -> SourceType:
        """Return how it came to be, as the file will say."""
        return SOURCE_TYPES[self.origin]

    def fits(self, index: int, prompt: str) -> bool:
        """Say whether it is the picture of this concept, counted from 0."""
        if self.concept is not None:
            return self.concept == index + 1
        return prompt.startswith(self.direction.rstrip("."))


class _Sheet(Value):
    pictures: tuple[Declared, ...] = Field(max_length=999)

    @field_validator("pictures")
    @classmethod
    def _some(cls, pictures: tuple[Declared, ...]) -> tuple[Declared, ...]:
        # As a limit of the field it would also be told when one picture has another fault.
        if not pictures:
            raise ValueError("it declares no picture")
        return pictures


@dataclass(frozen=True)
class Entry:
    """One declared picture, and its file."""

    declared: Declared
    shelf: Shelf
    rate: Money | None = None
    """What an hour costs where the sheet does not say."""

    @cached_property
    def sha256(self) -> str:
        """Return the hash of its bytes as they were when it was first looked at.

        Raises:
            OSError: A folder does not give them.
            ProviderError: A bucket does not give them.

        """
        return sha256(self.shelf.read(self.declared.file)).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Return the hash of the picture and of all that is declared of it."""
        return fingerprint([self.sha256, self.declared.model_dump(mode="json")])

    @property
    def labour(self) -> Labour | None:
        """Return the hours that went into it as money, or None where there were none."""
        one = self.declared
        own = None if one.hourly_rate is None else Money.of(one.hourly_rate, one.currency)
        rate = own or self.rate
        if not one.hours or rate is None:
            return None
        source = f"{self.shelf.address(one.file)}, declared by {one.made_by}"
        return Labour(hours=one.hours, rate=rate, source=source)


def read_sheet(shelf: Shelf, rate: Money | None = None) -> tuple[Entry, ...]:
    """Read the sheet of a shelf, and find each of its pictures.

    Args:
        shelf: Where they lie.
        rate: What an hour of people's work costs where the sheet does not say.

    Raises:
        InvalidInput: It cannot be worked with; every fault is in it, with its line.
        ProviderError: A bucket does not answer.

    """
    sheets = [name for name in SHEETS if shelf.holds(name)]
    if len(sheets) != 1:
        message = "there is neither" if not sheets else "there are both"
        said = f"{message} {' and '.join(SHEETS)}"
        mend = "Declare the pictures in one of them"
        raise InvalidInput([Problem(shelf.address(""), 0, "", said, mend)])
    document = _document(shelf, sheets[0])
    sheet, problems = fit(document, _Sheet)
    if sheet is None:
        raise InvalidInput(problems)
    problems = [*_doubles(document, sheet), *_unpaid(document, sheet, rate)]
    entries = [Entry(one, shelf, rate) for one in sheet.pictures]
    for number, one in enumerate(entries):
        fault = _unfit(one)
        if fault:
            place = ("pictures", number, "file")
            problems.append(document.problem(place, str(fault), fault.mend))
    if problems:
        raise InvalidInput(problems)
    return tuple(entries)


def _unfit(entry: Entry) -> Unfit | None:
    """Return why a picture cannot be taken, or None; what is near is read at once."""
    try:
        entry.shelf.check(entry.declared.file, MAX_PICTURE)
        if entry.shelf.near:
            _ = entry.sha256
    except Unfit as fault:
        return fault
    except (OSError, ValueError):
        message = f"{entry.declared.file!r:.80} cannot be read"
        return Unfit(message, "Put the picture there, or correct its name")
    return None


def _unpaid(document: Document, sheet: _Sheet, rate: Money | None) -> Iterator[Problem]:
    """Yield the hours of which nobody says what they cost: they are never worth nothing."""
    for number, one in enumerate(sheet.pictures):
        if one.hours and rate is None and one.hourly_rate is None:
            mend = "Give hourly_rate beside it, or set KAMPANJ_LABOUR_RATE, such as 72.00 EUR"
            place = ("pictures", number, "hours")
            yield document.problem(place, "nobody says what an hour costs", mend)


def _document(shelf: Shelf, name: str) -> Document:
    address = shelf.address(name)
    path, at = (address, None) if isinstance(address, Path) else (Path(name), address)
    try:
        shelf.check(name, MAX_BYTES)
        content = shelf.read(name)
    except Unfit as fault:
        raise InvalidInput([Problem(address, 0, "", str(fault), fault.mend)]) from None
    except OSError as error:
        said = f"it cannot be read: {error.strerror}"
        raise InvalidInput([Problem(address, 0, "", said, "Check the path")]) from None
    if name.endswith(".csv"):
        return _csv(path, content, at)
    return parse_document(path, content, at)


def _doubles(document: Document, sheet: _Sheet) -> list[Problem]:
    found: list[Problem] = []
    seen: dict[object, int] = {}
    for number, one in enumerate(sheet.pictures):
        for field, value in (("concept", one.concept), ("direction", one.direction)):
            first = seen.setdefault((field, value), number) if value else number
            if first != number:
                line = document.line(("pictures", first))
                message = f"{value!r:.60} has a picture already, on line {line}"
                found.append(
                    document.problem(("pictures", number, field), message, "Keep one of the two")
                )
    return found


def _csv(path: Path, content: bytes, at: Address | None) -> Document:
    """Read a CSV file as the list that the YAML would hold."""

    def wrong(line: int, message: str, mend: str) -> InvalidInput:
        return InvalidInput([Problem(at or path, line, "", message, mend)])

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise wrong(line, "it is not UTF-8", "Save it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    lines: dict[tuple[str | int, ...], int] = {}
    header: list[str] = []
    try:
        for row in reader:
            if not header:
                header = [name.strip() for name in row]
                if len(set(header)) < len(header):
                    raise wrong(reader.line_num, "two columns have one name", "Keep one of the two")
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                message = f"it has {len(row)} cells under {len(header)} columns"
                raise wrong(reader.line_num, message, "Put cells that hold a comma in quotes")
            lines["pictures", len(rows)] = reader.line_num
            rows.append({name: cell for name, cell in zip(header, row, strict=True) if cell})
    except csv.Error as error:
        said = f"it is not CSV here: {error}"
        raise wrong(reader.line_num, said, "Mend the quotes of this line") from error
    return Document(path, sha256(content).hexdigest(), {"pictures": rows}, dict(lines), at)
