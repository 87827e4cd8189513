"""The translation memory: what was said before, for which source, and who approved it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from creative.brief import Locale as Tag
from creative.copy_deck import Line, Origin, Slot
from creative.market import Locale
from creative.problem import InvalidInput, Problem
from creative.value import Value
from creative.yaml_file import Document, fit, read_document
from localization.copy_text import CopyText, one_space
from localization.languages import parts, spells_sharp_s, stand_ins


class State(StrEnum):
    """Whether a named person has approved a translation."""

    APPROVED = "approved"
    UNREVIEWED = "unreviewed"


def _sayable(slot: Slot) -> Slot:
    if slot is Slot.NOTICE:
        raise ValueError("a legal notice is not remembered; keep it in the notices' folder")
    return slot


class Entry(Value):
    """One source text of one slot, and what it is in this language."""

    slot: Annotated[Slot, AfterValidator(_sayable)]
    source: CopyText
    target: CopyText
    state: State
    by: str | None = Field(default=None, min_length=1, max_length=120)
    """Who approved it."""
    on: date | None = None

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.state is State.APPROVED and not (self.by and self.on):
            raise ValueError("an approved entry says `by` whom and `on` which day")
        return self


class MemoryFile(Value):
    """The memory of one language, as a file holds it."""

    schema_: Literal[1] = Field(alias="schema")
    locale: Tag
    entries: tuple[Entry, ...] = ()


Key = tuple[str, Slot, str]
"""A language tag, a slot, and a source text with single spaces."""


@dataclass(frozen=True)
class Memory:
    """Every remembered translation of a brand.

    The key is the whole source text: nothing that is merely like it is ever returned, since
    85 % of a sentence can lack its *not*.
    """

    entries: Mapping[Key, Entry]

    @classmethod
    def of(cls, files: Iterable[MemoryFile]) -> Self:
        """Return the memory that these files make together; a later entry wins."""
        return cls({_key(file.locale, entry): entry for file in files for entry in file.entries})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder that holds one ``<tag>.yaml`` for each language.

        Raises:
            InvalidInput: There is no such folder, or a file of it does not fit. Every fault
                of every file is in it.

        """
        if not folder.is_dir():
            mend = "Create it, or leave `memory` out of the brand"
            raise InvalidInput([Problem(folder, 0, "", "there is no such folder", mend)])
        files: list[MemoryFile] = []
        problems: list[Problem] = []
        for path in sorted(folder.glob("*.yaml")):
            try:
                files.append(_read(path))
            except InvalidInput as error:
                problems += error.problems
        if problems:
            raise InvalidInput(problems)
        return cls.of(files)

    def approved(self, locale: Locale, slot: Slot, source: str) -> Line | None:
        """Return what a person approved for this locale, or None.

        The locale's own tag is asked first, then the tags of the same written language that may
        stand in for it. Another language is never asked.
        """
        return self._line(locale, slot, source, State.APPROVED)

    def unreviewed(self, locale: Locale, slot: Slot, source: str) -> Line | None:
        """Return what is remembered for this locale without anybody's approval, or None."""
        return self._line(locale, slot, source, State.UNREVIEWED)

    def _line(self, locale: Locale, slot: Slot, source: str, state: State) -> Line | None:
        for tag in stand_ins(locale):
            entry = self.entries.get((tag, slot, one_space(source)))
            if entry is None or entry.state is not state:
                continue
            # Germany's ß is misspelt in Switzerland, and a respelt text is no longer approved.
            if "ß" in entry.target and not spells_sharp_s(locale.tag):
                continue
            return Line(
                text=entry.target,
                origin=Origin.MEMORY,
                reviewed=state is State.APPROVED,
                reference=reference(tag, slot),
            )
        return None


def reference(tag: str, slot: Slot) -> str:
    """Return how a line names the memory it came from.

    >>> reference("de-CH", Slot.CTA)
    'memory/de-CH#cta'
    """
    return f"memory/{tag}#{slot.value}"


def of_its_own(line: Line, locale: Locale, slot: Slot) -> bool:
    """Say whether a remembered line is the locale's or its whole language's, not a neighbour's."""
    whole = (tag for tag in stand_ins(locale) if not parts(tag)[2])
    return line.reference in {reference(tag, slot) for tag in (locale.tag, *whole)}


def _key(tag: str, entry: Entry) -> Key:
    return tag, entry.slot, one_space(entry.source)


def _read(path: Path) -> MemoryFile:
    document = read_document(path)
    file, problems = fit(document, MemoryFile)
    if file is None:
        raise InvalidInput(problems)
    problems = list(_faults(document, file))
    if problems:
        raise InvalidInput(problems)
    return file


def _faults(document: Document, file: MemoryFile) -> Iterator[Problem]:
    path = document.path
    if path.stem != file.locale:
        message = f"the file is named {path.name}, but it is for {file.locale}"
        yield document.problem(("locale",), message, f"Name it {file.locale}.yaml")
    first: dict[Key, int] = {}
    for index, entry in enumerate(file.entries):
        earlier = first.setdefault(_key(file.locale, entry), index)
        if earlier != index:
            line = document.line(("entries", earlier))
            message = f"line {line} already translates this {entry.slot.value}"
            yield document.problem(("entries", index), message, "Keep one of the two")
