"""The brand's words: those to prefer, those never to say, and those never to translate."""

import csv
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from creative.problem import InvalidInput, Problem
from creative.value import Value
from localization.copy_text import CopyText
from localization.languages import parts, written_language

COLUMNS = ("source", "target", "locale", "status", "note")
MAX_BYTES = 2_000_000


class Status(StrEnum):
    """What is asked of a word."""

    PREFERRED = "preferred"
    """Where the source says ``source``, say ``target``."""
    FORBIDDEN = "forbidden"
    """Never say ``target``."""
    DNT = "dnt"
    """Do not translate: ``source`` stays as it is in every language."""


class Term(Value):
    """One row of a termbase."""

    source: CopyText | None = None
    target: CopyText | None = None
    locale: str | None = None
    """The tag it holds for, with its regions; None is for every language."""
    status: Status
    note: str = ""

    def holds_for(self, tag: str) -> bool:
        """Say whether the term speaks of a locale: its exact tag, or its whole language."""
        if self.locale is None or self.locale == tag:
            return True
        region = parts(self.locale)[2]
        return not region and written_language(self.locale) == written_language(tag)


@dataclass(frozen=True)
class Termbase:
    """All terms of a brand, in the order of the file."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a CSV file with the columns ``source,target,locale,status,note``.

        Raises:
            InvalidInput: It cannot be read, or rows of it do not fit. Every fault is in it,
                with its line.

        """
        terms: list[Term] = []
        problems: list[Problem] = []
        seen: dict[tuple[object, ...], int] = {}
        rows = csv.reader(_text(path).splitlines(), strict=True)
        try:
            header = tuple(next(rows, ()))
            if header != COLUMNS:
                mend = f"Start the file with the line {','.join(COLUMNS)}"
                raise InvalidInput([Problem(path, 1, "", "the columns are not ours", mend)])
            for row in rows:
                try:
                    term = _term(row)
                except ValueError as error:
                    problems.append(Problem(path, rows.line_num, "", _said(error), "Correct it"))
                    continue
                key = (term.source, term.target, term.locale, term.status)
                first = seen.setdefault(key, rows.line_num)
                if first != rows.line_num:
                    message = f"line {first} already says this"
                    problems.append(Problem(path, rows.line_num, "", message, "Keep one"))
                terms.append(term)
        except csv.Error as error:
            message = f"it is not CSV here: {error}"
            raise InvalidInput([Problem(path, rows.line_num, "", message, "Mend it")]) from error
        if problems:
            raise InvalidInput(problems)
        return cls(tuple(terms))

    def keeping(self, *names: str) -> Self:
        """Return the termbase with these names added to those that are never translated."""
        known = set(self.untranslated)
        added = (Term(source=name, status=Status.DNT) for name in names if name not in known)
        return replace(self, terms=(*self.terms, *added))

    @property
    def untranslated(self) -> tuple[str, ...]:
        """Return the names that stay as they are in every language."""
        return tuple(one.source for one in self.terms if one.status is Status.DNT and one.source)

    def forbidden(self, tag: str) -> tuple[Term, ...]:
        """Return the terms that a locale must never say."""
        return self._of(Status.FORBIDDEN, tag)

    def preferred(self, tag: str) -> tuple[Term, ...]:
        """Return the terms that a locale has a word for."""
        return self._of(Status.PREFERRED, tag)

    def _of(self, status: Status, tag: str) -> tuple[Term, ...]:
        return tuple(one for one in self.terms if one.status is status and one.holds_for(tag))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"it is larger than {MAX_BYTES:,} bytes"
            raise InvalidInput([Problem(path, 0, "", message, "Split it")])
        return content.decode("utf-8-sig")
    except OSError as error:
        message = f"it cannot be read: {(error.strerror or str(error)).lower()}"
        raise InvalidInput([Problem(path, 0, "", message, "Check the path")]) from error
    except UnicodeDecodeError as error:
        message = "it is not UTF-8"
        raise InvalidInput([Problem(path, 0, "", message, "Save it as UTF-8")]) from error


def _term(row: list[str]) -> Term:
    if len(row) != len(COLUMNS):
        raise ValueError(f"it has {len(row)} columns instead of {len(COLUMNS)}")
    filled = {name: cell.strip() for name, cell in zip(COLUMNS, row, strict=True) if cell.strip()}
    term = Term.model_validate(filled)
    needed = {
        Status.PREFERRED: ("source", "target", "locale"),
        Status.FORBIDDEN: ("target",),
        Status.DNT: ("source",),
    }[term.status]
    missing = [name for name in needed if getattr(term, name) is None]
    if missing:
        raise ValueError(f"a {term.status.value} term needs a {' and a '.join(missing)}")
    if term.locale:
        parts(term.locale)
    return term


def _said(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(
        f"{detail['loc'][0]}: {detail['msg'].removeprefix('Value error, ')}" for detail in details
    )
