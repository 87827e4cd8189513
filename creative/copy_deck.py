"""The words of one message in one locale."""

from collections.abc import Mapping
from enum import StrEnum

from creative.finding import Finding
from creative.value import Value, fingerprint


class Slot(StrEnum):
    """The places for words on a rendition."""

    HEADLINE = "headline"
    BODY = "body"
    CTA = "cta"
    NOTICE = "notice"


class Origin(StrEnum):
    """Where a line came from."""

    SOURCE = "source"
    MEMORY = "memory"
    PROVIDER = "provider"
    NOTICE = "notice"
    PERSON = "person"
    """Somebody wrote it over what stood there, in review."""


class Line(Value):
    """One slot's text, with where it came from."""

    text: str
    origin: Origin
    reviewed: bool
    """Whether a named person has approved this text for this language."""
    reference: str
    """What it was taken from: a memory entry, an attempt, a notice and its version."""


class CopyDeck(Value):
    """A message's slots for one locale."""

    locale: str
    lines: Mapping[Slot, Line]
    findings: tuple[Finding, ...] = ()

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the words alone, so that a note about them changes nothing."""
        return fingerprint(
            [self.locale, {slot.value: one.text for slot, one in self.lines.items()}]
        )

    def text(self, slot: Slot) -> str:
        """Return a slot's text, or an empty string where the message has none."""
        line = self.lines.get(slot)
        return line.text if line else ""
