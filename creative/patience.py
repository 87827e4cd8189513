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
        if self.deadline is None and "then" in self.model_fields_set:
            raise ValueError("then says what happens at the deadline; give a deadline, or leave it")
        if self.remind_after and self.deadline and self.remind_after >= self.deadline:
            raise ValueError("the reminder would come after the deadline; set remind_after lower")
        return self


class ReviewWait(Wait):
    """Likewise for renditions: what nobody has looked at is never accepted for that."""

    then: Literal["stop"] = "stop"


class Patience(Value):
    """How long a campaign waits for what."""

    choice: Wait = Wait()
    """For the pick of concepts, where a person makes it."""
    review: ReviewWait = ReviewWait()
    """For decisions about renditions."""
