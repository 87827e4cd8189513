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
"""

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from cost_tracking.money import Money
from creative.brief import Amount, Currency, Words
from creative.concept import SourceType
from creative.problem import InvalidInput, Problem
from creative.value import Value, fingerprint
from creative.yaml_file import MAX_BYTES, Document, fit, read_document

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
    """Of people's work. They are kept with it; their money is a declared cost of the brief."""
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
    path: Path
    sha256: str
    """Of its bytes as they were when the sheet was read."""

    @property
    def fingerprint(self) -> str:
        """Return the hash of the picture and of all that is declared of it."""
        return fingerprint([self.sha256, self.declared.model_dump(mode="json")])


def read_sheet(folder: Path) -> tuple[Entry, ...]:
    """Read the sheet of a folder, and find each of its pictures.

    Raises:
        InvalidInput: It cannot be worked with; every fault is in it, with its line.

    """
    sheets = [folder / name for name in SHEETS if (folder / name).is_file()]
    if len(sheets) != 1:
        message = "there is neither" if not sheets else "there are both"
        said = f"{message} {' and '.join(SHEETS)}"
        raise InvalidInput([Problem(folder, 0, "", said, "Declare the pictures in one of them")])
    document = _csv(sheets[0]) if sheets[0].suffix == ".csv" else read_document(sheets[0])
    sheet, problems = fit(document, _Sheet)
    if sheet is None:
        raise InvalidInput(problems)
    problems = [*_doubles(document, sheet)]
    entries = []
    for number, one in enumerate(sheet.pictures):
        entry = _found(folder, document, number, one)
        problems += [entry] if isinstance(entry, Problem) else []
        entries += [entry] if isinstance(entry, Entry) else []
    if problems:
        raise InvalidInput(problems)
    return tuple(entries)


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


def _found(folder: Path, document: Document, number: int, one: Declared) -> Entry | Problem:
    place = ("pictures", number, "file")
    try:
        path = (folder / one.file).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            return document.problem(place, "it leads out of the folder", "Put a copy into it")
        if not path.is_file():
            return document.problem(place, "it is not a file", "Name the picture itself")
        if path.stat().st_size > MAX_PICTURE:
            message = f"it is larger than {MAX_PICTURE:,} bytes"
            return document.problem(place, message, "Export it smaller")
        return Entry(one, path, sha256(path.read_bytes()).hexdigest())
    except (OSError, ValueError, RuntimeError):
        message = f"{one.file!r:.80} cannot be read"
        return document.problem(place, message, "Put the picture there, or correct its name")


def _csv(path: Path) -> Document:
    """Read a CSV file as the list that the YAML would hold."""

    def wrong(line: int, message: str, mend: str) -> InvalidInput:
        return InvalidInput([Problem(path, line, "", message, mend)])

    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise wrong(0, f"it is larger than {MAX_BYTES:,} bytes", "Split it")
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
    return Document(path, sha256(content).hexdigest(), {"pictures": rows}, dict(lines))
