"""Legal notices: words that a lawyer owns, shown as they were written or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from creative.asset_name import SLUG
from creative.brief import Locale as Tag
from creative.copy_deck import Line, Origin
from creative.problem import InvalidInput, Problem
from creative.value import Value
from creative.yaml_file import fit, read_document
from localization.copy_text import tidy
from localization.languages import legal_keys


class NoNotice(Exception):
    """A required notice cannot be shown to a locale, so the locale cannot run."""


def _verbatim(text: str) -> str:
    if tidy(text) != text:
        raise ValueError("a notice is shown as written, so write it in NFC with no space around it")
    return text


class Notice(Value):
    """One version of one legal text, in the languages its owner wrote it in."""

    schema_: Literal[1] = Field(alias="schema")
    id: str = Field(pattern=rf"^{SLUG}$")
    version: int = Field(ge=1)
    owner: str = Field(min_length=1, max_length=200)
    """Who answers for the wording."""
    status: Literal["draft", "approved", "withdrawn"]
    valid_from: date
    valid_until: date
    """The last day on which it may be shown."""
    kind: Literal["standard_info", "risk_warning", "licence", "terms_link", "ai_label"]
    placement: Literal["adjacent", "one_click"] = "adjacent"
    """``adjacent`` stands on the picture; ``one_click`` may stand on the page behind it, where
    the picture has no room."""
    texts: Mapping[Tag, Annotated[str, AfterValidator(_verbatim)]] = Field(min_length=1)
    """By language tag. A text under a bare language, such as ``de``, is for all of it."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError(f"it ends on {self.valid_until}, before {self.valid_from}")
        return self


@dataclass(frozen=True)
class Notices:
    """Every notice of a brand, by id."""

    notices: Mapping[str, Notice]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder that holds one ``<id>.yaml`` for each notice.

        Raises:
            InvalidInput: There is no such folder, or a file of it does not fit. Every fault
                of every file is in it.

        """
        if not folder.is_dir():
            mend = "Create it, or leave `notices` out of the brand"
            raise InvalidInput([Problem(folder, 0, "", "there is no such folder", mend)])
        notices: dict[str, Notice] = {}
        problems: list[Problem] = []
        for path in sorted(folder.glob("*.yaml")):
            try:
                notice = _read(path)
            except InvalidInput as error:
                problems += error.problems
            else:
                notices[notice.id] = notice
        if problems:
            raise InvalidInput(problems)
        return cls(notices)

    def resolve(self, notice_id: str, tag: str, start: date, end: date) -> Line:
        """Return the text of a notice for a locale that runs from one day to another.

        Args:
            notice_id: As a brief names it.
            tag: The locale's tag. Its own text is taken, or the one for the whole of its
                language; never another language's, another script's, or a translation.
            start: The first day in media.
            end: The last day in media.

        Raises:
            NoNotice: There is none that is approved, valid on every day, and in the language.

        """
        notice = self.notices.get(notice_id)
        if notice is None:
            raise NoNotice(f"there is no notice {notice_id!r}; add notices/{notice_id}.yaml")
        name = f"notice {notice.id}@{notice.version}"
        if notice.status != "approved":
            raise NoNotice(f"{name} is {notice.status}; {notice.owner} must approve it first")
        if not notice.valid_from <= start <= end <= notice.valid_until:
            raise NoNotice(
                f"{name} is valid from {notice.valid_from} to {notice.valid_until}, but the "
                f"campaign runs from {start} to {end}; {notice.owner} must extend it"
            )
        for key in legal_keys(tag):
            if key in notice.texts:
                return Line(
                    text=notice.texts[key],
                    origin=Origin.NOTICE,
                    reviewed=True,
                    reference=f"{notice.id}@{notice.version}/{key}",
                )
        raise NoNotice(
            f"{name} has no text for {tag}; a legal text is never translated by machine or "
            f"borrowed from another language, so {notice.owner} must write one"
        )

    def adjacent(self, notice_ids: tuple[str, ...]) -> bool:
        """Say whether any of these must stand on the picture itself.

        Raises:
            KeyError: One of them is not a notice of this brand.

        """
        return any(self.notices[one].placement == "adjacent" for one in notice_ids)


def _read(path: Path) -> Notice:
    document = read_document(path)
    notice, problems = fit(document, Notice)
    if notice is None:
        raise InvalidInput(problems)
    if path.stem != notice.id:
        message = f"the file is named {path.name}, but the notice is {notice.id}"
        raise InvalidInput([document.problem(("id",), message, f"Name it {notice.id}.yaml")])
    return notice
