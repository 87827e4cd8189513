"""One message in the words of each locale, or a reason why a locale has none. Nothing checks them.

What a quote needs is here; ``localization.adapt`` makes decks of it, and checks them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from creative.brief import Brief
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.market import Locale
from localization.copy_text import tidy
from localization.languages import stand_ins, written_language
from localization.memory import Memory
from localization.notices import NoNotice, Notices


class Untranslatable(Exception):
    """A message cannot be said in a locale, so that locale fails. The reason is its text."""


Translate = Callable[[Locale, Mapping[Slot, str]], Mapping[Slot, Line]]
"""Says the slots' source texts in a locale: a line for each of them, of origin provider or memory.

It raises ``Untranslatable`` where it cannot. What must stop the run, such as a budget that is
spent, it raises as something else.
"""


@dataclass(frozen=True)
class Sayings:
    """The words of the locales that have any, and why the others have none."""

    lines: Mapping[str, Mapping[Slot, Line]]
    """By the locale's tag, in the order of the locales."""
    failures: Mapping[str, str]
    """A reason for each locale's tag. Such a locale runs nowhere, and never in English."""


def message(brief: Brief) -> CopyDeck:
    """Return the message as it was written, in its own language."""
    said = brief.messaging
    texts = {Slot.HEADLINE: said.headline, Slot.BODY: said.body, Slot.CTA: said.cta}
    lines = {
        slot: Line(
            text=tidy(text),
            origin=Origin.SOURCE,
            reviewed=True,
            reference=f"brief#messaging.{slot.value}",
        )
        for slot, text in texts.items()
        if text.strip()
    }
    return CopyDeck(locale=said.source_locale, lines=lines)


def sayings(
    brief: Brief,
    locales: Iterable[Locale],
    memory: Memory,
    notices: Notices,
    translate: Translate,
) -> Sayings:
    """Return the lines of each locale that can be spoken to, and a reason for each that cannot.

    A slot is taken from the first of these that has it: the message itself, where it was
    written in this locale; approved memory; the message of another region of the same language;
    ``translate``, which is asked once a locale, for all the slots that are left. A locale whose
    notices fail is not translated at all, since that could cost money.

    Raises:
        ValueError: The message itself holds what no line of copy may.

    """
    work = _Work(brief, message(brief), memory, notices, translate)
    lines: dict[str, Mapping[Slot, Line]] = {}
    failures: dict[str, str] = {}
    for locale in locales:
        try:
            lines[locale.tag] = work.lines(locale)
        except (Untranslatable, NoNotice) as error:
            failures[locale.tag] = str(error)
    return Sayings(lines, failures)


@dataclass(frozen=True)
class _Work:
    brief: Brief
    source: CopyDeck
    memory: Memory
    notices: Notices
    translate: Translate

    def lines(self, locale: Locale) -> Mapping[Slot, Line]:
        notice = self._notice(locale)
        at_hand = {slot: self._at_hand(locale, slot) for slot in self.source.lines}
        asked = {slot: self.source.text(slot) for slot, line in at_hand.items() if line is None}
        answered = self._answered(locale, asked) if asked else {}
        lines = {slot: line or answered[slot] for slot, line in at_hand.items()}
        if notice:
            lines[Slot.NOTICE] = notice
        return lines

    def _notice(self, locale: Locale) -> Line | None:
        run = self.brief.schedule
        lines = [
            self.notices.resolve(one, locale.tag, run.start, run.end)
            for one in self.brief.compliance.required_disclosures
        ]
        if len(lines) < 2:
            return lines[0] if lines else None
        # Each stays word for word; they only follow one another.
        return Line(
            text=" ".join(line.text for line in lines),
            origin=Origin.NOTICE,
            reviewed=True,
            reference=", ".join(line.reference for line in lines),
        )

    def _at_hand(self, locale: Locale, slot: Slot) -> Line | None:
        line = self.source.lines[slot]
        if locale.tag == self.source.locale:
            return line
        remembered = self.memory.approved(locale, slot, line.text)
        if remembered:
            return remembered
        return line if _reads(locale, self.source.locale) else None

    def _answered(self, locale: Locale, asked: Mapping[Slot, str]) -> dict[Slot, Line]:
        answer = self.translate(locale, asked)
        missing = [slot.value for slot in asked if slot not in answer]
        extra = [slot.value for slot in answer if slot not in asked]
        if missing or extra:
            wrong = f"lacks {', '.join(missing)}" if missing else f"also has {', '.join(extra)}"
            raise Untranslatable(f"the translation into {locale.tag} {wrong}; ask again")
        lines: dict[Slot, Line] = {}
        for slot, line in answer.items():
            try:
                text = tidy(line.text)
            except ValueError as error:
                raise Untranslatable(f"the {slot.value} for {locale.tag}: {error}") from error
            # No machine reviews its own words.
            reviewed = line.reviewed and line.origin is Origin.MEMORY
            lines[slot] = line.model_copy(update={"text": text, "reviewed": reviewed})
        return lines


def _reads(locale: Locale, source: str) -> bool:
    """Say whether a locale's fallbacks lead to the source: the same language, another region."""
    lead = stand_ins(locale)
    return source in lead or written_language(source) in lead
