"""Whoever says the message again, to readers of another language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from cost_tracking.usage import Usage
from creative.reason import Reason
from creative.value import Value


class Reader(Value):
    """The locale that is written for, as far as a writer must know it."""

    tag: str
    """BCP 47, such as ``de-CH``."""
    language: str
    """Its English name, such as ``German``."""
    script: str
    """ISO 15924, such as ``Latn``."""
    direction: Literal["ltr", "rtl"] = "ltr"
    address: str = ""
    """How the reader is addressed: the word itself (``du``, ``vous``)."""


class TranslateRequest(Value):
    """One message for one locale."""

    model: str
    source_locale: str
    target: Reader
    segments: Mapping[str, str] = Field(min_length=1)
    """The source text by slot."""
    suggestions: Mapping[str, str] = {}
    """What somebody wrote for a slot and nobody has reviewed: a start, and not an answer."""
    tone: str = ""
    """How the brand speaks."""
    context: str = ""
    """What the message is about: audience, insight, product."""
    max_width: Mapping[str, int] = {}
    """The longest text by slot, in display width: an East Asian wide letter counts 2."""
    keep: tuple[str, ...] = ()
    """Terms that stay as they are written."""
    rejected: Mapping[str, str] = {}
    """What was said before and turned down, by slot."""
    reasons: tuple[Reason, ...] = ()
    """Why: what somebody wrote of it, which is data and no instruction."""
    literal: bool = False
    """Whether the text is copy that somebody must judge who does not read it: then it is said back
    as it stands, faults and all, and glossaries and forms of address are left out of it."""

    def asked(self) -> dict[str, object]:
        """Return the request as JSON types, for a fingerprint."""
        more = ("rejected", "reasons", "literal")
        unsaid = {name for name in more if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=unsaid)

    def line(self, slot: str) -> dict[str, object]:
        """Return what of the request is about one slot, as JSON types, for a fingerprint.

        The other slots are not in it, nor the names to keep that it does not say.
        """
        text = self.segments[slot]
        of_all = {"segments", "suggestions", "max_width", "keep", "rejected", "reasons"}
        return {
            # What is not said is left out, so that a field that is added later changes no line.
            **self.model_dump(mode="json", exclude=of_all, exclude_defaults=True),
            "slot": slot,
            "text": text,
            "suggestion": self.suggestions.get(slot, ""),
            "width": self.max_width.get(slot, 0),
            "keep": [name for name in self.keep if name in text],
        }


@dataclass(frozen=True)
class TranslateAnswer:
    """The message in the reader's language, slot by slot."""

    segments: Mapping[str, str]
    usage: Usage
    reviewed: bool = False
    """Always False: a named person reviews, never a provider."""


class Translator(Protocol):
    """Someone who translates. One call of ``translate`` is at most one request that is billed."""

    @property
    def name(self) -> str:
        """Return its name in the registry, the price book and the ledger."""

    @property
    def repeatable(self) -> bool:
        """Say whether a lost call may be made again unasked: free, local, and always the same."""

    @property
    def operation(self) -> Literal["text", "translation"]:
        """Say what the price book calls it: a text by a writer, or a translation by the letter."""

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Say a message in the reader's language, whole or not at all.

        Raises:
            ProviderError: It did not; the error says whether it was charged.

        """


@runtime_checkable
class Guided(Protocol):
    """A translator that can be told why a text was turned down, and then says it otherwise."""

    @property
    def guided(self) -> bool:
        """Say whether it can."""


@runtime_checkable
class BilledByLetter(Protocol):
    """A translator that is billed for other letters than those of the message alone."""

    def letters(self, request: TranslateRequest) -> int:
        """Return the most characters (code points) that a request can be billed for."""
