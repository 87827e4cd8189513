"""What was known at an earlier point: the entries up to a sequence number, and what stood beside.

The sequence is what counts and not the clock: an invoice that is dated back comes after it, and so
changes no report that was made before.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, func, select

from cost_tracking.moments import moment, stamp
from cost_tracking.orders import Attempt, State
from cost_tracking.tables import txn
from creative.value import Value

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class AsOf(Value):
    """A point in the history of the books."""

    seq: int = Field(ge=0)
    """The newest entry that counts; 0 before the first."""
    at: AwareDatetime
    """The moment up to which all that is not an entry counts: requests, decisions, assets."""


def as_of(connection: Connection, written: str, now: datetime) -> AsOf:
    """Return the point that somebody wrote down.

    Args:
        connection: That may read.
        written: A sequence number: as it was known when that entry was recorded. Or a day, as
            ``2027-03-01``: as it was known at the end of it, in UTC.
        now: The moment; a day that has not ended is told as of now.

    Raises:
        ValueError: It is neither, there is no such entry, or the day has not begun.

    """
    newest = connection.execute(select(func.max(txn.c.seq))).scalar_one() or 0
    if _NUMBER.fullmatch(written):
        recorded = connection.execute(
            select(txn.c.recorded_at).where(txn.c.seq == int(written))
        ).scalar_one_or_none()
        if recorded is None:
            raise ValueError(f"the ledger has no entry {written}; its newest is {newest}")
        return AsOf(seq=int(written), at=moment(recorded))
    if not _DAY.fullmatch(written):
        raise ValueError(
            f"{written!r} is neither a day nor an entry; write 2027-03-01, or a number up to"
            f" {newest}"
        )
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written} is no day of the calendar") from error
    if day > now.astimezone(UTC).date():
        raise ValueError(f"{written} has not begun; nobody knows yet what it will cost")
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    seq = connection.execute(
        select(func.max(txn.c.seq)).where(txn.c.recorded_at < stamp(end))
    ).scalar_one()
    return AsOf(seq=seq or 0, at=min(end - timedelta(microseconds=1), now.astimezone(UTC)))


def attempts_then(
    attempts: Iterable[Attempt], then: AsOf, posted: Collection[str]
) -> tuple[Attempt, ...]:
    """Return the requests as they stood then.

    What a person has closed since was suspect. What closed of itself since was under way. Since
    when a request that is still suspect has been so is not kept: it is told as suspect.

    Args:
        attempts: As they stand now.
        then: The point.
        posted: The keys of the entries that were in the ledger then.

    """
    return tuple(_then(one, then, posted) for one in attempts if one.reserved_at <= then.at)


def _then(one: Attempt, then: AsOf, posted: Collection[str]) -> Attempt:
    closed = one.closed_at is not None and one.closed_at <= then.at
    if closed or f"attempt/{one.id}" in posted or one.state is State.SUSPECT:
        return one
    sent = one.sent_at is not None and one.sent_at <= then.at
    state = State.SUSPECT if one.closed_by else State.SENT if sent else State.RESERVED
    closing = ("amount", "budget_spent", "basis", "receipt", "usage", "answer_sha256")
    nothing = dict.fromkeys((*closing, "closed_at", "closed_by", "close_reason"))
    return one.model_copy(update={**nothing, "state": state, "waste": False})
