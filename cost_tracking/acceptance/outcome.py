"""An outcome that somebody accepts, and what has become of it at a watermark.

An asset is one; so is a conversation that was resolved, a page that was written, a ticket that was
closed. The metric asks of each only when it was accepted, whether that was taken back, and what was
paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

Part = Literal["made", "rework", "overhead", "waste"]
"""What an entry itself says of its amount. ``waste`` bought nothing that can be used."""


class State(StrEnum):
    """How an outcome stands at a watermark."""

    STAYED = "stayed"
    """Accepted, and nothing that disqualifies happened until its window closed."""
    FAILED = "failed"
    """Accepted, and disqualified before its window closed."""
    MATURING = "maturing"
    """Accepted, and its window is still open."""
    REJECTED = "rejected"
    """Decided against, and never accepted."""
    WAITING = "waiting"
    """Nobody has decided."""


class Try(NamedTuple):
    """One version of an outcome. Every moment of it is at or before the watermark."""

    made_at: datetime
    accepted_at: datetime | None = None
    rejected_at: datetime | None = None
    """When it was decided against before it was ever accepted."""
    failed_at: datetime | None = None
    """The first event after its acceptance that disqualifies it, in the window or out of it."""
    reason: str = ""
    """Of that event, or of the rejection."""
    evidence: tuple[str, ...] = ()
    """The ids of the decisions and events that say so."""

    def state(self, window: timedelta, at: datetime) -> State:
        """Return how this version stands at a watermark."""
        if self.accepted_at is None:
            return State.WAITING if self.rejected_at is None else State.REJECTED
        closes = self.accepted_at + window
        if self.failed_at is not None and self.failed_at <= closes:
            return State.FAILED
        return State.STAYED if at >= closes else State.MATURING


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that was made to be accepted."""

    id: str
    campaign: str
    """Whatever its shared costs are for: a campaign, a queue, a project."""
    tries: tuple[Try, ...]
    """Its versions, the first one first; at least one."""
    window: timedelta
    dims: Mapping[str, str] = field(default_factory=dict)
    """What it can be told by: ``market``, ``provider``, ``reviewer`` …"""
    count: int = 1
    """How many outcomes like it this one stands for."""
    units: int = 1
    """How much each counts, where outcomes differ in size."""

    @property
    def weight(self) -> int:
        """Return what it counts in a denominator."""
        return self.count * self.units

    @property
    def redone(self) -> int:
        """Return how often it was done again."""
        return len(self.tries) - 1

    def standing(self, at: datetime) -> "Standing":
        """Return how it stands at a watermark."""
        tries, window = self.tries, self.window
        turned_at = accepted_at = None
        strict = eventual = State.WAITING
        for one in tries:
            turn = one.failed_at or one.rejected_at
            if turn is not None and (turned_at is None or turn < turned_at):
                turned_at = turn
            state = one.state(window, at)
            if _HOPE[state] >= _HOPE[eventual]:
                eventual = state
            if one.accepted_at is None:
                if accepted_at is None:
                    strict = state
            elif accepted_at is None or one.accepted_at < accepted_at:
                accepted_at, strict = one.accepted_at, state
        return Standing(strict, eventual, accepted_at, turned_at)


class Standing(NamedTuple):
    """How an outcome stands at a watermark."""

    strict: State
    """Of its first accepted version: a second one does not mend the first."""
    eventual: State
    """When any of its versions may be the one that stayed."""
    accepted_at: datetime | None
    """When it was first accepted."""
    turned_at: datetime | None
    """When it was first refused or disqualified; what it costs after that is rework."""


_HOPE = {
    State.WAITING: 0,
    State.REJECTED: 0,
    State.FAILED: 1,
    State.MATURING: 2,
    State.STAYED: 3,
}


class Cost(NamedTuple):
    """One amount of non-working money, and what it was for."""

    id: str
    """Of its line: ``<seq>.<line>`` in the ledger, the number of its row in a file."""
    micros: int
    campaign: str
    on: date
    """The day it belongs to."""
    at: datetime
    """When it was recorded."""
    outcome: str | None = None
    """The id of the one outcome it was for, when it was for one."""
    where: Mapping[str, str] = {}
    """What else it names, by dimension; it is shared by the outcomes that fit."""
    part: Part = "made"
    among: tuple[str, ...] = ()
    """The ids of the outcomes that share it, where they are fewer than those that fit ``where``."""
    period: str = ""
    """The month it is posted in, such as ``2027-03``; that of ``on`` when empty."""
