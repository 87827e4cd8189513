"""Pseudo locales: English that looks like another language, to see what a layout does with it.

``en-XA`` has accents and is about a third longer, the words of ``ar-XB`` run from right to left.
Both are readable, so nobody takes them for a translation. Names after CLDR's pseudo locales.
"""

import itertools

from providers.translation.checked import PLACEHOLDER

ACCENTED = "en-XA"
MIRRORED = "ar-XB"
_ACCENTS = str.maketrans(
    "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz",
    "ÅåƁƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļṀṁÑñÖöÞþǪǫŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž",
)
_FILLERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# The right-to-left mark. An override would mirror the letters too, and is refused as copy, since it
# can show a price reversed.
_MARK = "\u200f"


def pseudo(text: str, locale: str) -> str:
    """Return a text in a pseudo locale; placeholders stay as they are.

    Raises:
        KeyError: The locale is no pseudo locale.

    >>> pseudo("Pay {sum} now", "en-XA")
    '[Þåý {sum} ñöŵ one]'
    """
    return {ACCENTED: _accented, MIRRORED: _mirrored}[locale](text)


def _accented(text: str) -> str:
    words = "".join(
        part if PLACEHOLDER.fullmatch(part) else part.translate(_ACCENTS) for part in _parts(text)
    )
    fillers = itertools.cycle(_FILLERS)
    longer = ""
    # Short texts grow the most in translation; a third and a bit is the usual room to test.
    while len(longer) + 2 < 0.35 * len(text):
        longer += f" {next(fillers)}"
    return f"[{words}{longer}]"


def _mirrored(text: str) -> str:
    # With a mark on both sides of each gap the words stand in right-to-left order.
    return f"{_MARK}{text.replace(' ', f'{_MARK} {_MARK}')}{_MARK}"


def _parts(text: str) -> list[str]:
    """Split a text so that placeholders are parts of their own."""
    at, parts = 0, []
    for found in PLACEHOLDER.finditer(text):
        parts += [text[at : found.start()], found.group()]
        at = found.end()
    return [part for part in [*parts, text[at:]] if part]
