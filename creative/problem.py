"""A fault in something a person wrote: the file, the line, the place in it, and the mend."""

from dataclasses import dataclass
from pathlib import Path

Place = tuple[str | int, ...]
"""Where in a document: the names and the numbers that lead there."""


@dataclass(frozen=True, order=True)
class Address:
    """Where a file is that lies on no disk of ours, such as ``s3://bucket/import.yaml``."""

    text: str

    def __str__(self) -> str:
        """Return it as people write it."""
        return self.text

    @property
    def name(self) -> str:
        """Return its last part."""
        return self.text.rpartition("/")[2]


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of one input file."""

    file: Path | Address
    line: int
    """Counted from 1; 0 when the fault is the file itself."""
    path: str
    """Where in the document, such as ``markets[2]`` or ``budget.currency``; empty for the whole."""
    message: str
    mend: str

    def __str__(self) -> str:
        """Return ``file:line: path: message. mend``, which editors turn into a link."""
        line = f":{self.line}" if self.line else ""
        path = f" {self.path}:" if self.path else ""
        return f"{self.file}{line}:{path} {self.message}. {self.mend}"


def spelled(place: Place) -> str:
    """Write a place as people do.

    >>> spelled(("claims", 0, "expires"))
    'claims[0].expires'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


class InvalidInput(Exception):
    """What a person wrote cannot be worked with; it carries every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        # A file on our disk and one that lies elsewhere have no order but that of their names.
        self.problems = tuple(sorted(problems, key=lambda one: (str(one.file), *_rest(one))))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _rest(one: Problem) -> tuple[int, str, str, str]:
    return one.line, one.path, one.message, one.mend
