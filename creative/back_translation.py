"""What the words of a locale say, in the language of the brief: for people, and never shown."""

from collections.abc import Iterable, Mapping

from creative.copy_deck import CopyDeck, Origin, Slot
from creative.value import Value

FOREIGN = frozenset({Origin.MEMORY, Origin.PROVIDER, Origin.PERSON})
"""Where lines come from that need it. A notice is word for word its owner's, and is left alone."""


class BackTranslation(Value):
    """The words of one locale said back, or why nobody could."""

    locale: str
    """Whose words they are, such as ``th-TH``."""
    words: Mapping[Slot, str]
    """What was said back, as it stood then: it holds for these words, and for no others."""
    says: Mapping[Slot, str] = {}
    """The same in the language of the brief; empty where nobody could say it."""
    by: Mapping[Slot, str] = {}
    """The provider of each."""
    attempts: tuple[str, ...] = ()
    """Those that bought it."""
    failed: str = ""
    """Why there is none."""


def said_of(
    every: Iterable[BackTranslation], locale: str, words: Mapping[str, str]
) -> dict[str, str]:
    """Return what words of a locale say, by their slot; without those that were changed since."""
    return {
        slot: one.says[slot]
        for one in every
        if one.locale == locale
        for slot in one.says
        if words.get(slot) == one.words[slot]
    }


def foreign(deck: CopyDeck) -> dict[Slot, str]:
    """Return the lines of a deck that were said anew for its locale."""
    lines = deck.lines.items()
    return {slot: one.text for slot, one in lines if one.origin in FOREIGN and one.text.strip()}
