"""Reads days as exports write them, and refuses to guess whether 03/04 is in March or in April."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

DayForm = Literal["ymd", "dmy", "mdy", "words"]
"""The order in which a day is written; ``words`` names the month in English."""
_YMD = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})(?:[T |](.*))?", re.ASCII)
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?:[T |,]+(.*))?", re.ASCII)
_WORDS = (
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})", re.ASCII),
    re.compile(
        r"(?P<day>[0-9]{1,2})[ -](?P<month>[A-Za-z]{3,9})\.?[ -](?P<year>[0-9]{4})", re.ASCII
    ),
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_CLOCK = re.compile(r"([0-9]{1,2})(?::?([0-9]{2}))?(?::?[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-].*)?")
WRITTEN = {
    "ymd": "2027-03-14",
    "dmy": "14/03/2027",
    "mdy": "03/14/2027",
    "words": "14 Mar 2027",
}


class NoDay(ValueError):
    """A cell holds no day; the message says what is wrong with it."""


class UnclearDays(ValueError):
    """It cannot be told which number is the month."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def settled(forms: Sequence[DayForm], cells: Iterable[tuple[int, str]]) -> tuple[DayForm, ...]:
    """Return the forms by which a column can be read, with one order of day and month at most.

    Args:
        forms: All that the platform is known to write.
        cells: The column, each cell with the line on which it stands.

    Raises:
        UnclearDays: No cell tells which number is the month, or two contradict each other.

    """
    if not {"dmy", "mdy"} <= set(forms):
        return tuple(forms)
    proof: dict[DayForm, tuple[int, str]] = {}
    unclear: tuple[int, str] | None = None
    for line, cell in cells:
        found = _NUMERIC.fullmatch(cell.strip())
        if not found:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            proof.setdefault("dmy", (line, cell))
        elif second > 12 >= first:
            proof.setdefault("mdy", (line, cell))
        elif unclear is None and first != second:
            unclear = (line, cell)
    if len(proof) > 1:
        (one, said), (other, told) = sorted(proof.values())
        raise UnclearDays(
            f"{told!r} and {said!r} on line {one} order day and month in two ways", other
        )
    if not proof and unclear:
        raise UnclearDays(f"{unclear[1].strip()!r} may be of two months", unclear[0])
    order: DayForm = next(iter(proof), "dmy")
    return tuple(form for form in forms if form not in {"dmy", "mdy"} or form == order)


def day(cell: str, forms: Sequence[DayForm]) -> tuple[date, str]:
    """Return the day that a cell holds, and the hour as two digits where it names one.

    Most exports of days write midnight, so that ``00`` alone does not say that a row is of an hour.

    Raises:
        NoDay: It holds none, or one that these forms do not read.

    """
    text = cell.strip()
    parts, clock = _parts(text, forms)
    if parts is None:
        if not text:
            raise NoDay("it is empty")
        if re.search(r"(?<![0-9])[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?![0-9])", text):
            raise NoDay("its year has two digits")
        raise NoDay("it is no day as " + " or ".join(WRITTEN[form] for form in forms))
    try:
        found = date(*parts)
    except ValueError as error:
        raise NoDay("the calendar has no such day") from error
    return found, _hour(clock)


def _parts(text: str, forms: Sequence[DayForm]) -> tuple[tuple[int, int, int] | None, str]:
    if "ymd" in forms and (found := _YMD.fullmatch(text)) and (found[2] or len(text) == 8):
        return (int(found[1]), int(found[3]), int(found[4])), found[5] or ""
    if found := _NUMERIC.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if "dmy" in forms:
            return (year, second, first), found[5] or ""
        if "mdy" in forms:
            return (year, first, second), found[5] or ""
    if "words" in forms:
        for form in _WORDS:
            if (found := form.fullmatch(text)) and (month := _month(found["month"])):
                return (int(found["year"]), month, int(found["day"])), ""
    return None, ""


def _month(word: str) -> int:
    starts = [name.startswith(word.lower()) for name in _MONTHS]
    # "Sept" is written as well; "Ma" would be two months, and the form asks for three letters.
    return starts.index(True) + 1 if sum(starts) == 1 else 0


def _hour(clock: str) -> str:
    if not clock:
        return ""
    found = _CLOCK.fullmatch(clock.strip())
    if not found or int(found[1]) > 23:
        raise NoDay(f"{clock!r} is no time of a day")
    if int(found[2] or 0):
        raise NoDay("it names minutes: rows of an hour or a day can be imported")
    return f"{int(found[1]):02d}"
