"""Working money that showed an asset with a fault: its own line, and in no cost of an asset."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from cost_tracking.acceptance.history import Fate
from cost_tracking.money import Money
from cost_tracking.reports.facts import Spent
from creative.value import Value

_VERSION = re.compile(r"_v[1-9][0-9]*(\.[a-z0-9]+)?$", re.ASCII)


class Wasted(Value):
    """What was spent on showing one version of an asset while it had a fault."""

    slot: str
    version: int
    reason: str
    since: date
    """The day from which the fault was there: that of its acceptance when the fault is in the
    file, else that of the event."""
    until: date
    """The day on which it was taken down, or the watermark's."""
    still_running: bool
    """Whether nobody has taken it down."""
    amount: Money
    costs: tuple[str, ...]
    """The ids of the amounts."""
    evidence: tuple[str, ...]
    """The ids of the events that say so."""


def wasted(
    fates: Sequence[Fate], media: Sequence[Spent], at: datetime, currency: str
) -> tuple[Wasted, ...]:
    """Return the media spending behind faults, the dearest first; only what names an asset counts.

    Media is known by the day, so both the first and the last day count wholly.

    Args:
        fates: What was disqualified.
        media: Working money in one currency.
        at: The watermark.
        currency: Of ``media``.

    """
    by_slot: dict[str, list[Spent]] = {}
    for one in media:
        if one.asset and one.posted:
            by_slot.setdefault(_VERSION.sub("", one.asset), []).append(one)
    told = []
    counted: set[int] = set()
    for fate in sorted(fates, key=lambda one: (one.slot, one.version)):
        since, until = fate.since.date(), (fate.ended or at).date()
        lines = [
            one
            for one in by_slot.get(fate.slot, ())
            if one.posted and since <= one.posted.effective_on <= until and id(one) not in counted
        ]
        counted |= {id(one) for one in lines}
        if not lines:
            continue
        told.append(
            Wasted(
                slot=fate.slot,
                version=fate.version,
                reason=fate.reason,
                since=since,
                until=until,
                still_running=fate.ended is None,
                amount=Money(micros=sum(one.amount.micros for one in lines), currency=currency),
                costs=tuple(one.id for one in lines),
                evidence=fate.evidence,
            )
        )
    return tuple(sorted(told, key=lambda one: (-one.amount.micros, one.slot, one.version)))
