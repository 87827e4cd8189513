"""How long a campaign waits for people, and what becomes of it when nobody answers."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from creative.value import Value

_ISO = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,2})W|(?:(?P<days>\d{1,3})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,6})M)?)?)",
    re.ASCII,
)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)


def duration(text: object) -> object:
    """Read a span of time as ISO 8601 writes it, in weeks, days, hours and minutes.

    Raises:
        ValueError: It is written otherwise. Months and years have no fixed length.

    >>> duration("P1DT12H")
    datetime.timedelta(days=1, seconds=43200)
    """
    if isinstance(text, timedelta):
        return text
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        # pydantic turns a ValueError into a finding of the brief; a TypeError would escape it.
        raise ValueError(f"{str(text)!r:.40} is no span of time; write P5D for 5 days, or PT12H")
    span = timedelta(**{unit: int(much) for unit, much in found.groupdict().items() if much})
    if not SHORTEST <= span <= LONGEST:
        raise ValueError(f"{text} is not between a minute and a year")
    return span


def in_words(span: timedelta | None) -> str:
    """Return a span as people say it.

    >>> in_words(timedelta(days=1, hours=12))
    '1 day 12 hours'
    """
    minutes = (span or timedelta(0)) // timedelta(minutes=1)
    counts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
    return " ".join(f"{many} {unit}{'s' * (many > 1)}" for unit, many in counts.items() if many)


Span = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": "^P[0-9DWTHM]+$"}),
]
"""From a minute to a year."""
Lapse = Literal["auto", "stop"]
"""``auto`` takes the first concepts, unseen; ``stop`` ends the run as failed. It can be resumed."""


class Wait(Value):
    """How long a run waits for one kind of answer. Without a deadline it waits for ever."""

    remind_after: Span | None = None
    """Counted from when the run came to wait; there is one reminder."""
    deadline: Span | None = None
    """Likewise counted."""
    then: Lapse = "stop"
    """What happens at the deadline."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.deadline is None and self.then == "auto":
            raise ValueError("then says what happens at the deadline; give a deadline, or leave it")
        if self.remind_after and self.deadline and self.remind_after >= self.deadline:
            raise ValueError("the reminder would come after the deadline; set remind_after lower")
        return self

    def told(self, what: str) -> str:
        """Say what happens while nobody answers; empty where nothing does.

        Args:
            what: Such as ``a choice of concepts``.

        """
        parts: list[str] = []
        if self.remind_after:
            parts.append(f"people are reminded after {in_words(self.remind_after)}")
        if self.deadline:
            then = {"auto": "the first ones go on, unseen", "stop": "the run is stopped"}[self.then]
            parts.append(f"after {in_words(self.deadline)} {then}")
        return f"where {what} waits for people, {' and '.join(parts)}" if parts else ""


class ReviewWait(Wait):
    """Likewise for renditions: what nobody has looked at is never accepted for that."""

    then: Literal["stop"] = "stop"


class Patience(Value):
    """How long a campaign waits for what."""

    choice: Wait = Wait.model_construct()
    """For the pick of concepts, where a person makes it."""
    review: ReviewWait = ReviewWait.model_construct()
    """For decisions about renditions."""
