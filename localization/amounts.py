"""The numbers in a line of copy, read as its locale writes them."""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import NamedTuple

from localization.languages import parts

_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'\u2019"
_ARABIC_DECIMAL = "\u066b"
_ARABIC_GROUP = "\u066c"
_MARKS = ".," + _ARABIC_DECIMAL + _ARABIC_GROUP + _APOSTROPHES
_TOKEN = re.compile(rf"\d+(?:[{_SPACES}]\d{{3}}(?!\d)|[{_MARKS}]\d+)*")
_PART = re.compile(r"(\D?)(\d+)")
_SPELLED = "one two three four five six seven eight nine ten eleven twelve"
_WORDS = {word: str(number) for number, word in enumerate(_SPELLED.split(), start=1)}


def numbers(text: str, tag: str) -> Counter[str]:
    """Return how often each number stands in a text, in plain digits with a decimal point.

    Args:
        text: A line of copy.
        tag: The locale whose separators it is written with. The digits may be of any script.

    Source: CLDR's separators, through Babel.

    >>> numbers("1 234,50 kr", "sv-SE") == numbers("1'234.50", "de-CH") == {"1234.5": 1}
    True
    >>> numbers("٢٠٪", "ar-SA") == {"20": 1}
    True
    """
    digits = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )
    found: Counter[str] = Counter()
    for token in _TOKEN.findall(digits):
        # A bare number reads the same everywhere, and most copy has no other.
        bare = token.isdecimal()
        found.update([_plain(token, "")] if bare else _values(token, _separators(tag)))
    return found


def spelled_numbers(text: str) -> set[str]:
    """Return the numbers from one to twelve that an English text spells as words.

    A translation may well write the digit: *in three* is *3 回* in Japanese.

    >>> spelled_numbers("Split it into three.")
    {'3'}
    """
    return {_WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _WORDS}


class _Separators(NamedTuple):
    decimal: str
    groups: str
    sizes: frozenset[int]


@cache
def _separators(tag: str) -> _Separators:
    # A quote of copy without such numbers does without CLDR, and starts sooner.
    import babel
    from babel.numbers import get_decimal_symbol, get_group_symbol

    try:
        locale = babel.Locale.parse(tag, sep="-")
    except babel.UnknownLocaleError:
        locale = babel.Locale.parse(parts(tag)[0])
    decimal, group = get_decimal_symbol(locale), get_group_symbol(locale)
    # Nobody types the very space or apostrophe that CLDR names.
    same = next((kind for kind in (_SPACES, _APOSTROPHES) if group in kind), group)
    # India groups by two above the thousands: 1,00,000.
    sizes = frozenset({2, 3} if parts(tag)[2] == "IN" else {3})
    return _Separators(decimal, same + _SPACES + _ARABIC_GROUP, sizes)


def _values(token: str, separators: _Separators) -> list[str]:
    """Read a run of digits and separators; what neither groups nor is decimal ends a number."""
    (_, value), *rest = _PART.findall(token)
    fraction = ""
    values: list[str] = []
    for mark, digits in rest:
        if mark in separators.groups and not fraction and len(digits) in separators.sizes:
            value += digits
        elif mark in {separators.decimal, _ARABIC_DECIMAL} and not fraction:
            fraction = digits
        else:
            values.append(_plain(value, fraction))
            value, fraction = digits, ""
    return [*values, _plain(value, fraction)]


def _plain(value: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return (value.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
