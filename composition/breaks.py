"""Where a line may end, and how gladly.

Unicode's rules (UAX 14) come from ICU; which of the places read well is decided here.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import budoux
from icu4py.breakers import LineBreaker

from composition.scripts import complex_script

NBSP = "\u00a0"
NNBSP = "\u202f"
SOFT_HYPHEN = "\u00ad"

AFTER_SENTENCE = 0
AFTER_PUNCTUATION = 1
AT_PHRASE = 2
AFTER_SHORT_WORD = 3
AFTER_NUMBER = 4
AT_HYPHEN = 5
BETWEEN_THAI_WORDS = 6
INSIDE_PHRASE = 9
"""What a break costs, from 0. One inside a phrase is taken only when the text is much larger
for it."""

_CURRENCY = "€$£¥₽₹₺₪₩฿₴₫"
_UNIT = rf"(?:[%‰{_CURRENCY}]|kr\b|zł|Kč|Ft\b|lei\b|лв|km\b|kg\b|GB\b|[A-Z]{{3}}\b)"
_BINDINGS = (
    # An amount stays with its currency, percent sign or unit, and a dash with what it follows.
    (re.compile(rf"(?<=\d) (?={_UNIT})"), NBSP),
    (re.compile(rf"(?<=[{_CURRENCY}]) (?=\d)"), NBSP),
    (re.compile(r"(?<=\bkr\.) (?=\d)|(?<=\b[A-Z]{3}) (?=\d)"), NBSP),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NBSP),
    (re.compile(r" (?=[\u2013\u2014] )"), NBSP),
)
_FRENCH = (
    (re.compile(rf"[ {NBSP}](?=[?!;])"), NNBSP),
    (re.compile(r" (?=[:»])|(?<=«) "), NBSP),
)
# A one-letter preposition does not end a line in these languages.
_ONE_LETTER = re.compile(r"(?<!\w)(\w) (?=\w)")
_ONE_LETTER_LANGUAGES = frozenset({"pl", "cs", "sk", "bg", "uk", "hr", "sl"})

# Scripts that put no space between words, only between phrases.
_NO_SPACES = frozenset({"Thai", "Laoo", "Khmr", "Mymr"})
_SENTENCE_END = frozenset(".!?。！？।؟")  # noqa: RUF001 - of all our scripts
_PUNCTUATION = frozenset(",.;:!?–—…、。，！？；：）」』।،؛؟")  # noqa: RUF001 - of all our scripts


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that stays on one line."""

    text: str
    penalty: int
    """What it costs to end a line after it."""


def bind(text: str, tag: str) -> str:
    r"""Return the text with the spaces that must not break made unbreakable; no word changes.

    >>> bind("20 % später", "de-DE").split(" ")
    ['20\xa0%', 'später']
    """
    text = text.replace("\n", " ").strip()
    language = tag.partition("-")[0]
    rules = _BINDINGS + (_FRENCH if language == "fr" else ())
    for pattern, space in rules:
        text = pattern.sub(space, text)
    if language in _ONE_LETTER_LANGUAGES:
        text = _ONE_LETTER.sub(rf"\1{NBSP}", text)
    return text


def pieces(text: str, tag: str) -> tuple[Piece, ...]:
    """Cut a bound text at every place where a line may end.

    Args:
        text: What ``bind`` returned.
        tag: The locale's BCP 47 tag.

    """
    language = tag.partition("-")[0]
    ends = _boundaries(text, language)
    if language == "ko":
        # Korean may break in a word by UAX 14, and no Korean designer would.
        ends = [end for end in ends if end == len(text) or not text[end - 1].isalnum()]
    phrases = _phrases(text, tag) if language in {"ja", "zh"} else None
    return tuple(
        Piece(text[start:end], _penalty(text, start, end, phrases))
        for start, end in pairwise([0, *ends])
    )


def _boundaries(text: str, language: str) -> list[int]:
    return [end for _, end in LineBreaker(text, language).segments()]


def _phrases(text: str, tag: str) -> frozenset[int]:
    if tag.startswith("ja"):
        return frozenset(end for _, end in LineBreaker(text, "ja-u-lw-phrase").segments())
    ends, at = set(), 0
    for phrase in _chinese("Hant" in tag).parse(text):
        at += len(phrase)
        ends.add(at)
    return frozenset(ends)


@cache
def _chinese(traditional: bool) -> budoux.Parser:  # noqa: FBT001 - one of two models
    if traditional:
        return budoux.load_default_traditional_chinese_parser()
    return budoux.load_default_simplified_chinese_parser()


def _penalty(text: str, start: int, end: int, phrases: frozenset[int] | None) -> int:
    word = text[start:end]
    bare = word.rstrip()
    last = bare[-1:]
    # The first rule that holds decides.
    rules = (
        (word.endswith(SOFT_HYPHEN), AT_HYPHEN),
        (last in _SENTENCE_END, AFTER_SENTENCE),
        (last in _PUNCTUATION, AFTER_PUNCTUATION),
        (
            phrases is not None and bare == word,
            AT_PHRASE if end in (phrases or ()) else INSIDE_PHRASE,
        ),
        (last == "-", AT_HYPHEN),
        (bare.isdecimal(), AFTER_NUMBER),
        (bare == word and _script(last) in _NO_SPACES, BETWEEN_THAI_WORDS),
        (0 < len(bare) <= 3 and not _script(last), AFTER_SHORT_WORD),
    )
    return next((penalty for holds, penalty in rules if holds), AT_PHRASE)


def _script(letter: str) -> str:
    return complex_script(letter) if letter else ""
