"""What may stand in a line of copy, and how wide it is to an advertising platform."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Annotated

from pydantic import AfterValidator

MAX_LENGTH = 2_000
"""In code points. Longer text is no ad, and 100,000 letters take seconds to lay out."""
MAX_MARKS = 4
"""Combining marks in a row. Thai and Hindi need three; a flood of them blocks the layout."""

_MARKS = {"Mn", "Me"}
_ISOLATES = {"\u2066", "\u2067", "\u2068"}
_POP_ISOLATE = "\u2069"
_JOINERS = {"\u200c", "\u200d"}


def tidy(text: str) -> str:
    """Return a line of copy in NFC, without space around it.

    Raises:
        ValueError: It is empty or too long, or holds what no font draws, what reorders its
            neighbours, or a joiner where the script has none.

    >>> tidy(" Se hur ")
    'Se hur'
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"the text has {len(text):,} letters; the most is {MAX_LENGTH:,}")
    # All that is refused, and all that stands in pairs or joins, is of a kind that is not printed.
    printed = text.isprintable()
    if not printed:
        _refuse(text)
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise ValueError("the text is empty")
    if not text.isascii():
        _marks(text)
    if not printed:
        _isolates(text)
        _joiners(text)
    return text


CopyText = Annotated[str, AfterValidator(tidy)]
"""A line of copy that passed ``tidy``."""


def one_space(text: str) -> str:
    r"""Return a text in NFC with every run of white space as one space, for comparing.

    >>> one_space("Pay  at your\u00a0own pace ")
    'Pay at your own pace'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    r"""Return a text without case, width and invisible letters, so that none hides a claim.

    >>> folded("FREE  mo\u00adney")
    'free money'
    """
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return one_space(unicodedata.normalize("NFKC", seen).casefold())


def display_width(text: str) -> int:
    """Return how much of a platform's text limit a line takes.

    An East Asian wide letter counts 2, a combining mark or an invisible letter 0, all others 1.
    Ambiguous letters, such as Greek ones, count 1.

    Source: Unicode UAX 11; Google Ads and Microsoft Advertising count each letter this way.

    >>> display_width("See how"), display_width("詳しく見る"), display_width("ที่")
    (7, 10, 1)
    """
    return sum(
        0
        if unicodedata.category(letter) in {*_MARKS, "Cf"}
        else 2
        if unicodedata.east_asian_width(letter) in {"W", "F"}
        else 1
        for letter in unicodedata.normalize("NFC", text)
    )


def _refuse(text: str) -> None:
    for pattern, name in _refused():
        found = pattern.search(text)
        if found:
            raise ValueError(f"the text holds {name}, U+{ord(found[0]):04X}; remove it")
    if any(ord(letter) & 0xFFFE == 0xFFFE for letter in text):
        raise ValueError("the text holds a noncharacter; remove it")


@cache
def _refused() -> tuple[tuple[re.Pattern[str], str], ...]:
    return (
        (re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]"), "a control character"),
        (re.compile("[\u202a-\u202e]"), "a bidi override, which can show a price reversed"),
        (re.compile("[\u2028\u2029]"), "a line separator"),
        (re.compile("\ufeff"), "a byte order mark"),
        (re.compile("[\U000e0000-\U000e007f]"), "an invisible tag character"),
        (re.compile("[\ud800-\udfff]"), "half of a surrogate pair"),
        (re.compile("[\ufdd0-\ufdef]"), "a noncharacter"),
    )


def _marks(text: str) -> None:
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.category(letter) in _MARKS else 0
        if run > MAX_MARKS:
            raise ValueError(f"the text stacks more than {MAX_MARKS} marks on one letter")


def _isolates(text: str) -> None:
    # Isolates keep a Latin name in its place in Arabic. One left open would reorder what follows.
    depth = 0
    for letter in text:
        depth += (letter in _ISOLATES) - (letter == _POP_ISOLATE)
        if depth < 0:
            break
    if depth:
        raise ValueError("the text opens a bidi isolate that it does not close; close it")


def _joiners(text: str) -> None:
    for before, letter in zip(" " + text, text, strict=False):
        if letter not in _JOINERS:
            continue
        # Arabic letters join; a virama (combining class 9) does in the scripts of India.
        if unicodedata.bidirectional(before) != "AL" and unicodedata.combining(before) != 9:
            raise ValueError(f"the text holds U+{ord(letter):04X} where nothing joins; remove it")
