"""Collects the faults of a file, all of them counted and the first ones shown."""

from pathlib import Path

from creative.problem import InvalidInput, Problem

SHOWN = 50
"""How many faults of one file are told; the rest is counted."""


class Faults:
    """The faults of one file. What is wrong in a thousand lines is told once, with the count."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shown: list[Problem] = []
        self._more = 0
        self._first_more = 0

    def add(self, line: int, place: str, message: str, mend: str) -> None:
        """Note one.

        Args:
            line: Counted from 1; 0 for the file itself.
            place: The column, as the file heads it.
            message: What is wrong.
            mend: What to do about it.

        """
        if len(self._shown) < SHOWN:
            self._shown.append(Problem(self.path, line, place, message, mend))
            return
        self._more += 1
        self._first_more = self._first_more or line

    def __bool__(self) -> bool:
        return bool(self._shown)

    def __len__(self) -> int:
        return len(self._shown) + self._more

    def raise_any(self) -> None:
        """Raise what was noted, if anything was.

        Raises:
            InvalidInput: With every fault that is shown, and how many more there are.

        """
        if not self._shown:
            return
        problems = list(self._shown)
        if self._more:
            last = max(self._first_more, *(one.line for one in problems))
            said = f"and {self._more:,} more faults from here on, {len(self):,} in all"
            problems.append(Problem(self.path, last, "~", said, "Mend these first, and run again"))
        raise InvalidInput(problems)


def shown(text: str) -> str:
    """Return a cell as it may stand in a message: quoted, and cut.

    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
