"""One message becomes a copy deck for each locale, or a reason why a locale has none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from creative.brief import Brief
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.finding import Finding, Severity
from creative.market import Locale
from localization.checks import check_deck
from localization.memory import Memory, of_its_own
from localization.notices import Notices
from localization.saying import Translate, Untranslatable, message, sayings
from localization.termbase import Termbase


@dataclass(frozen=True)
class Decks:
    """The decks that could be made, and why the others could not."""

    decks: tuple[CopyDeck, ...]
    """In the order of the locales."""
    failures: Mapping[str, str]
    """A reason for each locale's tag. Such a locale runs nowhere, and never in English."""


def recall(memory: Memory) -> Translate:
    """Return a translator that costs nothing: it repeats what is remembered, approved or not."""

    def translate(locale: Locale, texts: Mapping[Slot, str]) -> Mapping[Slot, Line]:
        lines = {
            slot: memory.approved(locale, slot, text) or memory.unreviewed(locale, slot, text)
            for slot, text in texts.items()
        }
        found = {slot: line for slot, line in lines.items() if line}
        missing = [slot.value for slot in texts if slot not in found]
        if missing:
            raise Untranslatable(
                f"the memory has no {' and no '.join(missing)} for {locale.tag}; add it to "
                f"{locale.tag}.yaml, or route `providers.translation` to a translator"
            )
        return found

    return translate


def copy_decks(
    brief: Brief,
    locales: Iterable[Locale],
    memory: Memory,
    notices: Notices,
    translate: Translate,
    terms: Termbase | None = None,
) -> Decks:
    """Return a deck for each locale that can be spoken to, and a reason for each that cannot.

    The words are those of ``sayings``; all that is to be said about them is in the deck.

    Raises:
        ValueError: The message itself holds what no line of copy may.

    """
    locales = tuple(locales)
    said = sayings(brief, locales, memory, notices, translate)
    decks = tuple(
        judged(brief, locale, said.lines[locale.tag], terms)
        for locale in locales
        if locale.tag in said.lines
    )
    return Decks(decks, said.failures)


def judged(
    brief: Brief, locale: Locale, lines: Mapping[Slot, Line], terms: Termbase | None = None
) -> CopyDeck:
    """Return lines as a deck, with all that is to be said about them, wherever they came from.

    Args:
        brief: The message, and what may not be said.
        locale: Whose lines they are.
        lines: Of a person, a memory, a provider, and the notices.
        terms: The brand's words.

    """
    deck = CopyDeck(locale=locale.tag, lines=lines)
    source = message(brief)
    prohibited = brief.compliance.prohibited_claims
    checked = check_deck(deck, source, locale, prohibited=prohibited, terms=terms)
    origins = _origins(locale, lines, source.locale)
    return deck.model_copy(update={"findings": (*origins, *checked)})


def _origins(locale: Locale, lines: Mapping[Slot, Line], source: str) -> list[Finding]:
    findings: list[Finding] = []
    for slot, line in lines.items():
        if not line.reviewed:
            check, severity = "unreviewed-copy", Severity.WARN
            said = f"nobody has approved this text, which comes from {line.reference}"
            mend = f"Have it read, and enter it in the memory as approved for {locale.tag}"
        elif line.origin is Origin.SOURCE and locale.tag != source:
            check, severity = "regional-source", Severity.NOTE
            said = f"the text was written for {source}"
            mend = f"Add an approved entry for {locale.tag} to say it otherwise there"
        elif line.origin is Origin.MEMORY and not of_its_own(line, locale, slot):
            check, severity = "regional-memory", Severity.NOTE
            said = f"the text was approved as {line.reference}"
            mend = f"Add an approved entry for {locale.tag} to say it otherwise there"
        else:
            continue
        findings.append(
            Finding(check=check, severity=severity, where=slot.value, message=said, mend=mend)
        )
    return findings
