"""Lines with tags around what a translator must leave alone: placeholders, and terms to keep.

What is not a tag is escaped, so that nothing that people wrote is read as one.
"""

import html
import re
from collections.abc import Callable, Iterable

from providers.translation.checked import PLACEHOLDER


def tagged(
    text: str, keep: Iterable[str], tag: Callable[[int, str], str]
) -> tuple[str, tuple[str, ...]]:
    """Return a line as it is sent, and what its tags stand for, in their order.

    Args:
        text: The line.
        keep: Terms that stay as they are written, where they stand as words.
        tag: Writes one tag, from its number and what it stands for.

    >>> tagged("R&D at {name}", (), lambda number, word: f'<x id="{number}"/>')
    ('R&amp;D at <x id="0"/>', ('{name}',))
    """
    # Longest first: a term that holds another must go as a whole.
    terms = sorted(filter(None, keep), key=len, reverse=True)
    words = "|".join(rf"(?<!\w){re.escape(term)}(?!\w)" for term in terms)
    stays = re.compile(f"{PLACEHOLDER.pattern}|{words}" if words else PLACEHOLDER.pattern)
    parts: list[str] = []
    kept: list[str] = []
    at = 0
    for found in stays.finditer(text):
        parts += [html.escape(text[at : found.start()], quote=False), tag(len(kept), found[0])]
        kept.append(found[0])
        at = found.end()
    parts.append(html.escape(text[at:], quote=False))
    return "".join(parts), tuple(kept)


def untagged(text: str, kept: tuple[str, ...], tag: re.Pattern[str]) -> str:
    r"""Return a line without its tags, each replaced by what it stood for.

    A tag of a number that was not sent stays as it is, and is found as markup by the checks.

    Args:
        text: The line as it came back.
        kept: Of ``tagged``.
        tag: Finds one tag; its group ``number`` says which.

    >>> untagged('F&amp;E bei <x id="0"/>', ("{name}",), re.compile(r'<x id="(?P<number>\d+)"/>'))
    'F&E bei {name}'
    """
    parts: list[str] = []
    at = 0
    for found in tag.finditer(text):
        number = int(found["number"])
        parts.append(html.unescape(text[at : found.start()]))
        parts.append(kept[number] if number < len(kept) else found[0])
        at = found.end()
    parts.append(html.unescape(text[at:]))
    return "".join(parts)
