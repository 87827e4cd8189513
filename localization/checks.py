"""Checks on a copy deck: what a reader, a lawyer or a platform would object to.

What blocks is what was measured to be right on reviewed translations in nearly all cases
(placeholders, new amounts, new addresses, forbidden words); what is often an honest paraphrase
only warns.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from creative.copy_deck import CopyDeck, Slot
from creative.finding import Finding, Severity
from creative.market import Locale
from localization.amounts import numbers, spelled_numbers
from localization.copy_text import folded, one_space
from localization.languages import parts, spells_sharp_s, written_language
from localization.termbase import Termbase
from localization.wording import keeps, says, uses

_PLACEHOLDER = re.compile(r"\{\{?\s*[\w.]+\s*\}?\}|%\(\w+\)[sd]|%(?:\d+\$)?[sd]\b")
_ADDRESS = re.compile(
    r"https?://[^\s]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"(?<![\w.])(?:www\.)?[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*\.[a-z]{2,6}(?![\w.])(?:/[^\s]*)?",
    re.ASCII,
)
_DOUBLED = re.compile(r"(?<!\w)(\w+)\s+\1(?!\w)")
_MAY_DOUBLE = {
    "en": {"that", "had"},
    "fr": {"vous", "nous"},
    "de": {"die", "der", "das"},
}
# These repeat a word to stress it.
_REPEATING = {"hi", "tr", "th"}
_SCRIPTS = {
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
    "Thai": ("THAI",),
    "Deva": ("DEVANAGARI",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK"),
    "Kore": ("HANGUL", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
}
# The national character sets hold one script each, save the letters that both share.
_HAN = {"Hans": "gb2312", "Hant": "big5hkscs"}
_SPELLED_SMALL = 12


@dataclass(frozen=True)
class Pair:
    """One slot: what was asked, and what is said in one locale."""

    slot: Slot
    source: str
    target: str
    source_tag: str
    locale: Locale

    @property
    def translated(self) -> bool:
        """Say whether the two are in different written languages."""
        return written_language(self.source_tag) != written_language(self.locale.tag)

    def finding(self, check: str, severity: Severity, message: str, mend: str) -> Finding:
        """Return a finding about this slot."""
        return Finding(
            check=check, severity=severity, where=self.slot.value, message=message, mend=mend
        )


def check_deck(
    deck: CopyDeck,
    source: CopyDeck,
    locale: Locale,
    *,
    prohibited: Iterable[str] = (),
    terms: Termbase | None = None,
) -> tuple[Finding, ...]:
    """Return all that is to be said about the words of a deck.

    Args:
        deck: The words in one locale. Its notice is not looked at: its owner answers for it.
        source: The message as it was written.
        locale: The deck's locale.
        prohibited: Claims that the brief forbids, looked for in the source and in the deck.
        terms: The brand's words.

    """
    terms = terms or Termbase()
    prohibited = tuple(prohibited)
    findings: list[Finding] = []
    for slot, line in deck.lines.items():
        if slot is Slot.NOTICE:
            continue
        pair = Pair(slot, source.text(slot), line.text, source.locale, locale)
        for check in PAIR_CHECKS:
            findings += check(pair)
        findings += prohibited_claims(pair, prohibited)
        findings += brand_words(pair, terms)
    findings += script(deck, locale, terms)
    return tuple(findings)


def placeholders(pair: Pair) -> Iterator[Finding]:
    """Block where the placeholders of the two texts differ."""
    asked, said = (sorted(_PLACEHOLDER.findall(text)) for text in (pair.source, pair.target))
    if asked != said:
        message = f"the source has the placeholders {_listed(asked)}, this text {_listed(said)}"
        mend = "Use each placeholder of the source once"
        yield pair.finding("placeholders", Severity.BLOCK, message, mend)


def amounts(pair: Pair) -> Iterator[Finding]:
    """Block a number that the source does not have; warn of one that is missing.

    A missing number may be spelled as a word, and a small new one was perhaps a word before.
    """
    asked = numbers(pair.source, pair.source_tag)
    said = numbers(pair.target, pair.locale.tag)
    new = set(said - asked) - spelled_numbers(pair.source)
    for number in sorted(new):
        small = number.isdigit() and int(number) <= _SPELLED_SMALL
        severity = Severity.WARN if small else Severity.BLOCK
        message = f"the number {number} is not in the source"
        yield pair.finding("numbers", severity, message, "Say the source's numbers")
    for number in sorted(set(asked - said)):
        message = f"the source's number {number} is missing"
        yield pair.finding("numbers", Severity.WARN, message, "Say it, or confirm the word for it")


def addresses(pair: Pair) -> Iterator[Finding]:
    """Block a web or mail address that the source does not have."""
    for address in sorted(set(_ADDRESS.findall(pair.target)) - set(_ADDRESS.findall(pair.source))):
        message = f"the address {address} is not in the source"
        mend = "Remove it: where an ad leads is not the translator's to say"
        yield pair.finding("new-address", Severity.BLOCK, message, mend)


def doubled_words(pair: Pair) -> Iterator[Finding]:
    """Warn of a word that stands twice in a row."""
    language = parts(pair.locale.tag)[0]
    if language in _REPEATING:
        return
    for word in _DOUBLED.findall(one_space(pair.target).casefold()):
        if word not in _MAY_DOUBLE.get(language, set()):
            message = f"the word {word!r} stands twice in a row"
            yield pair.finding("doubled-word", Severity.WARN, message, "Remove one of them")


def double_spaces(pair: Pair) -> Iterator[Finding]:
    """Warn of two spaces in a row."""
    if re.search(r"[^\S\n]{2,}", pair.target):
        mend = "Keep one of them"
        yield pair.finding("double-space", Severity.WARN, "two spaces stand in a row", mend)


def unchanged(pair: Pair) -> Iterator[Finding]:
    """Block a sentence left in the source's language; warn of a single word, which may be both."""
    if pair.translated and folded(pair.source) == folded(pair.target):
        severity = Severity.BLOCK if len(pair.source.split()) > 1 else Severity.WARN
        message = f"the text is the same as in {pair.source_tag}"
        mend = f"Translate it into {pair.locale.language}"
        yield pair.finding("unchanged", severity, message, mend)


def sharp_s(pair: Pair) -> Iterator[Finding]:
    """Warn of ß where the country writes ss."""
    if parts(pair.locale.tag)[0] == "de" and not spells_sharp_s(pair.locale.tag):
        for word in re.findall(r"\w*ß\w*", pair.target):
            mend = f"Write {word.replace('ß', 'ss')}"
            yield pair.finding("sharp-s", Severity.WARN, f"{word} is spelled with ß", mend)


PAIR_CHECKS: tuple[Callable[[Pair], Iterator[Finding]], ...] = (
    placeholders,
    amounts,
    addresses,
    doubled_words,
    double_spaces,
    unchanged,
    sharp_s,
)
"""The checks that need no more than the two texts."""


def prohibited_claims(pair: Pair, claims: Iterable[str]) -> Iterator[Finding]:
    """Block a claim that the brief forbids, in either text.

    A claim in the source is taken to be in its translation as well. A claim that a translator
    adds is seen if it is in the brief's language, or if the termbase forbids it in theirs.
    """
    for claim in claims:
        for text, where in ((pair.target, "this text"), (pair.source, "the source of this text")):
            if says(text, claim):
                message = f"{where} makes the prohibited claim {claim!r}"
                mend = "Say something else, or have the brief's `prohibited_claims` changed"
                yield pair.finding("prohibited-claim", Severity.BLOCK, message, mend)
                break


def brand_words(pair: Pair, terms: Termbase) -> Iterator[Finding]:
    """Block forbidden words and names that were changed; warn of a preferred word not used."""
    for term in terms.forbidden(pair.locale.tag):
        if term.target and uses(pair.target, term.target, pair.locale.tag):
            message = f"the termbase forbids {term.target!r}"
            mend = term.note or "Say it in another way"
            yield pair.finding("forbidden-term", Severity.BLOCK, message, mend)
    for name in terms.untranslated:
        if name in pair.source and not keeps(pair.target, name):
            message = f"the name {name} is not translated, but this text lacks it"
            mend = f"Write {name}; an ending of the language may follow"
            yield pair.finding("do-not-translate", Severity.BLOCK, message, mend)
    for term in terms.preferred(pair.locale.tag):
        if not (term.source and term.target and pair.translated):
            continue
        asked = uses(pair.source, term.source, pair.source_tag)
        if asked and not uses(pair.target, term.target, pair.locale.tag):
            message = f"the brand says {term.target!r} for {term.source!r}"
            yield pair.finding("preferred-term", Severity.WARN, message, "Use it if it fits")


def script(deck: CopyDeck, locale: Locale, terms: Termbase) -> Iterator[Finding]:
    """Block a deck that is mostly in another script; warn of the other Chinese script's letters.

    The slots are read together, since a single line may be little more than a name.
    """
    text = " ".join(line.text for slot, line in deck.lines.items() if slot is not Slot.NOTICE)
    for name in terms.untranslated:
        text = text.replace(name, " ")
    letters = [letter for letter in text if letter.isalpha()]
    names = _SCRIPTS.get(locale.script)
    if names is None or not letters:
        return
    own = sum(unicodedata.name(letter, "").startswith(names) for letter in letters)
    if own * 2 < len(letters):
        message = f"only {own} of {len(letters)} letters are {locale.script}"
        mend = f"Write the deck in {locale.language}"
        yield _of_deck("wrong-script", Severity.BLOCK, message, mend)
    foreign = sorted({letter for letter in letters if not _in_han(letter, locale.script)})
    if foreign:
        message = f"these letters belong to the other Chinese script: {' '.join(foreign)}"
        yield _of_deck("han-variant", Severity.WARN, message, f"Write them in {locale.script}")


def _in_han(letter: str, script_code: str) -> bool:
    codec = _HAN.get(script_code)
    if codec is None or not unicodedata.name(letter, "").startswith("CJK"):
        return True
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _of_deck(check: str, severity: Severity, message: str, mend: str) -> Finding:
    return Finding(check=check, severity=severity, where="copy", message=message, mend=mend)


def _listed(words: list[str]) -> str:
    return ", ".join(words) if words else "none"
