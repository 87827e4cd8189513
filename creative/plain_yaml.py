"""Reads YAML as most people write it, in a tenth of the time, and leaves all else to the library.

What is read here is a mapping in block style, with one ``name: value`` a line, lists of either
style, ``{…}`` and ``[…]`` in one line, and words, quoted words, numbers and dates as values.
Whatever is odd is not judged but left: a tab, an anchor, a tag, an escape, a text of several lines,
a name that stands twice. ``creative.yaml_tree`` then reads the file, and says what is wrong with
it. So this may leave much, and must read nothing otherwise than the library does.
"""

import re
from typing import Any, NamedTuple

MAX_DEPTH = 5
"""Of blocks, and again of what is in one line."""
_SPACES = frozenset("\n\u00a0\u2009\u200c\u200d\u200e\u202f\u3000")
"""What Python does not call printable, and stands in copy all the same."""
_NAME = "[A-Za-z_][A-Za-z0-9_.-]{0,99}"
_LINE = re.compile(rf"^( *)(- +)?(?:({_NAME}):(?: +|$))?(.*)$", re.MULTILINE)
_NAME_IN_LINE = re.compile(rf"({_NAME}): +")
_WORDS_IN_LINE = re.compile(r"[^,\[\]{}:#'\"]+")
_QUOTED = re.compile(r""""([^"\\]*)"|'([^']*)'""")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})|([0-9]{1,9}\.[0-9]{1,9})|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IN_NUMBERS = frozenset("0123456789+-._:abcdefABCDEFoOxXtTzZinINyY ")
"""Of these letters YAML makes numbers and moments, in all its ways."""
_ODD_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
_MEANING = {"true": True, "false": False, "null": None}


class Odd(Exception):
    """The text may be good YAML or not: that is not said here."""


class _Piece(NamedTuple):
    """What stands in a line, behind a dash if there is one."""

    column: int
    dash: bool
    """Whether this is a dash, of which the next piece is the value."""
    name: str
    rest: str


def plain(text: str) -> dict[str, Any]:
    """Return the values of a text.

    Raises:
        Odd: It holds something that the library must read.

    """
    if not all(letter.isprintable() or letter in _SPACES for letter in set(text)):
        raise Odd
    pieces = _pieces(text)
    if not pieces or pieces[0].column or not pieces[0].name:
        raise Odd
    values, at = _mapping(pieces, 0, 1)
    if at < len(pieces):
        raise Odd
    return values


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for indent, dash, name, rest in _LINE.findall(text):
        if not (dash or name) and rest[:1] in ("", "#"):
            continue
        column = len(indent)
        if dash:
            pieces.append(_Piece(column, dash=True, name="", rest=""))
            column += len(dash)
        pieces.append(_Piece(column, dash=False, name=name, rest=rest))
    return pieces


def _block(pieces: list[_Piece], at: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at a piece, and the piece behind it."""
    if depth > MAX_DEPTH:
        raise Odd
    first = pieces[at]
    if first.dash:
        return _list(pieces, at, depth)
    if first.name:
        return _mapping(pieces, at, depth)
    return _value(first.rest), at + 1


def _mapping(pieces: list[_Piece], at: int, depth: int) -> tuple[dict[str, Any], int]:
    column = pieces[at].column
    values: dict[str, Any] = {}
    while at < len(pieces) and pieces[at].column == column:
        _, dash, name, rest = pieces[at]
        at += 1
        if dash or not name or name in values:
            raise Odd
        if rest[:1] not in ("", "#"):
            values[name] = _value(rest)
        elif at < len(pieces) and pieces[at].column > column:
            values[name], at = _block(pieces, at, depth + 1)
        else:
            raise Odd
    return values, _ended(pieces, at, column)


def _list(pieces: list[_Piece], at: int, depth: int) -> tuple[list[Any], int]:
    column = pieces[at].column
    values: list[Any] = []
    while at < len(pieces) and pieces[at].column == column:
        if not pieces[at].dash:
            raise Odd
        value, at = _block(pieces, at + 1, depth + 1)
        values.append(value)
    return values, _ended(pieces, at, column)


def _ended(pieces: list[_Piece], at: int, column: int) -> int:
    """Return where a block has ended. What is indented further there belongs to nothing."""
    if at < len(pieces) and pieces[at].column > column:
        raise Odd
    return at


def _value(text: str) -> Any:
    """Read what stands behind a name or a dash, with the remark behind it."""
    if text[:1] not in ("[", "{", '"', "'"):
        return _words(text.partition(" #")[0])
    value, at = _in_line(text, 0, 1)
    behind = text[at:].lstrip(" ")
    if behind and not (behind[0] == "#" and text[at] == " "):
        raise Odd
    return value


def _in_line(text: str, at: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at a place of one line, and the place behind it."""
    first = text[at : at + 1]
    if first in ("[", "{"):
        return _collection(text, at, depth)
    quoted = first in ('"', "'")
    found = (_QUOTED if quoted else _WORDS_IN_LINE).match(text, at)
    if found is None:
        raise Odd
    if not quoted:
        return _words(found[0]), found.end()
    return found[1] if found[2] is None else found[2], found.end()


def _collection(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > MAX_DEPTH:
        raise Odd
    close = "]" if text[at] == "[" else "}"
    listed: list[Any] = []
    named: dict[str, Any] = {}
    at, name = _behind_spaces(text, at + 1), ""
    more = text[at : at + 1] != close
    while more:
        if close == "}":
            found = _NAME_IN_LINE.match(text, at)
            if found is None or found[1] in named:
                raise Odd
            name, at = found[1], found.end()
        value, at = _in_line(text, at, depth + 1)
        listed.append(value)
        named[name] = value
        at = _behind_spaces(text, at)
        more = text[at : at + 1] == ","
        at = _behind_spaces(text, at + 1) if more else at
    if text[at : at + 1] != close:
        raise Odd
    return (listed if close == "]" else named), at + 1


def _behind_spaces(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _words(text: str) -> Any:
    """Read a value that stands without quotes."""
    text = text.rstrip(" ")
    if text[:1] in _ODD_FIRST or not text or ": " in text or text[-1] == ":":
        raise Odd
    if text[0] in "+.0123456789":
        return _number(text)
    if text.lower() not in _MEANING:
        return text
    if text not in _MEANING:
        raise Odd
    return _MEANING[text]


def _number(text: str) -> Any:
    found = _NUMBER.fullmatch(text)
    if found is None:
        # A text may begin with a number.
        if _IN_NUMBERS.issuperset(text):
            raise Odd
        return text
    if found[1]:
        return int(text)
    # A day is kept as it is written.
    return float(text) if found[2] else text
