"""Reads amounts as people and programs write them, and refuses to guess what a comma means."""

import re
from collections.abc import Iterable
from decimal import Decimal

from cost_tracking.spend_import.currencies import SYMBOLS

MARKS = {".": ",", ",": "."}
"""A decimal mark, and the mark that then divides thousands."""
_PLAIN = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,24})?", re.ASCII)
# Thin, narrow and fixed spaces, and apostrophes as Switzerland writes thousands.
_SPACES = str.maketrans(dict.fromkeys("\u0020\u00a0\u2007\u2009\u202f'\u2019", None))
_BESIDE = sorted(SYMBOLS, key=len, reverse=True)
_GROUPED = {
    mark: re.compile(
        rf"-?(?:[0-9]{{1,13}}|[0-9]{{1,3}}(?:{re.escape(other)}[0-9]{{2,3}})*{re.escape(other)}"
        rf"[0-9]{{3}})(?:{re.escape(mark)}[0-9]{{1,24}})?",
        re.ASCII,
    )
    for mark, other in MARKS.items()
}
_UNCLEAR = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
_STRANGE = re.compile(r"(?i)[+-]?(nan|inf(inity)?)")
_EXPONENT = re.compile(r"(?i)[+-]?[0-9.,]+e[+-]?[0-9]+")


class NoAmount(ValueError):
    """A cell holds no amount; the message says what it holds."""


class UnclearMark(ValueError):
    """It cannot be told whether a mark divides thousands or decimals."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def bare(cell: str) -> tuple[str, str]:
    """Return a number without spaces and symbols, and the symbol or code that stood beside it.

    >>> bare("1 234,50 €"), bare("(US$12.00)"), bare("EUR 3")
    (('1234,50', '€'), ('-12.00', 'US$'), ('3', 'EUR'))
    """
    text = cell.strip().translate(_SPACES).replace("\N{MINUS SIGN}", "-")
    sign = ""
    if text.startswith("(") and text.endswith(")"):
        sign, text = "-", text[1:-1]
    beside = ""
    if text and not (text[-1].isdigit() and (text[0].isdigit() or text[0] == "-")):
        text, beside = _without_symbol(text)
    return sign + text, beside


def _without_symbol(text: str) -> tuple[str, str]:
    minus = "-" if text.startswith("-") else ""
    rest = text.removeprefix("-")
    found = re.match(r"([A-Z]{3})(?=-?[0-9])", rest) or re.search(r"(?<=[0-9])([A-Z]{3})$", rest)
    symbols = [found[1]] if found else _BESIDE
    for symbol in symbols:
        for side in (rest.removeprefix(symbol), rest.removesuffix(symbol)):
            if side != rest:
                # "$-5" says the same as "-$5".
                return minus + side, symbol
    return text, ""


def decimal_mark(cells: Iterable[tuple[int, str]]) -> str:
    """Find out how a column writes decimals, from all of its cells.

    Args:
        cells: Each with the line on which it stands.

    Returns:
        A point or a comma; a point where nothing tells.

    Raises:
        UnclearMark: Two cells contradict each other, or all that is written is like ``1.234``.

    """
    proof: dict[str, tuple[int, str]] = {}
    unclear: tuple[int, str] | None = None
    for line, cell in cells:
        text, _ = bare(cell)
        if "." not in text and "," not in text:
            continue
        mark = _told(text)
        if mark:
            proof.setdefault(mark, (line, cell))
        elif unclear is None:
            unclear = (line, cell)
    if len(proof) > 1:
        (one, said), (other, told) = sorted(proof.values())
        raise UnclearMark(f"{told!r} and {said!r} on line {one} write decimals in two ways", other)
    if not proof and unclear:
        line, cell = unclear
        raise UnclearMark(f"{cell.strip()!r} may be a thousand, or one and a part of it", line)
    return next(iter(proof), ".")


def _told(text: str) -> str:
    """Return which mark is decimal in a number, or nothing where it does not tell."""
    last = max(text.rfind("."), text.rfind(","))
    mark = text[last]
    if MARKS[mark] in text:
        return mark
    if text.count(mark) > 1:
        return MARKS[mark]
    return "" if _UNCLEAR.fullmatch(text) else mark


def amount(cell: str, mark: str) -> Decimal:
    """Return what a cell holds.

    Args:
        cell: Digits, perhaps with marks and a symbol.
        mark: What divides decimals in its column.

    Raises:
        NoAmount: It holds no number, or one that is not written out.

    """
    if mark == "." and _PLAIN.fullmatch(cell):
        return Decimal(cell)
    text, _ = bare(cell)
    if _GROUPED[mark].fullmatch(text):
        return Decimal(text.replace(MARKS[mark], "").replace(mark, "."))
    if not text:
        raise NoAmount("it is empty")
    if _STRANGE.fullmatch(text):
        raise NoAmount("it is not a number")
    if _EXPONENT.fullmatch(text):
        raise NoAmount("it is written with an exponent, so that digits are lost")
    if text[0] in "=+@":
        raise NoAmount("it is a formula")
    if not text.isascii() and any(letter.isdigit() for letter in text):
        raise NoAmount("its digits are not 0 to 9")
    if re.fullmatch(r"-?[0-9.,]{14,}", text):
        raise NoAmount("it is too large, or its marks are in the wrong places")
    raise NoAmount(f"it is no amount with {mark!r} before the decimals")
