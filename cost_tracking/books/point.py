"""What was known at an earlier point: the entries up to a sequence number, and what stood beside.

The sequence is what counts and not the clock: an invoice that is dated back comes after it, and so
changes no report that was made before.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta

from pydantic import AwareDatetime, Field
from sqlalchemy import Engine, select

from cost_tracking.books.as_of import watermark, watermark_at
from cost_tracking.database import reading
from cost_tracking.moments import moment
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


def as_of(engine: Engine, written: str, now: datetime) -> AsOf:
    """Return the point that somebody wrote down.

    Args:
        engine: Of ``open_database``.
        written: A sequence number: as it was known when that entry was recorded. Or a day, as
            ``2027-03-01``: as it was known at the end of it, in UTC.
        now: The moment; a day that has not ended is told as of now.

    Raises:
        ValueError: It is neither, there is no such entry, or the day has not begun.

    """
    if _NUMBER.fullmatch(written):
        return _at_entry(engine, int(written))
    if not _DAY.fullmatch(written):
        raise ValueError(
            f"{written!r} is neither a day nor an entry of the ledger; write 2027-03-01 or 1207"
        )
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written} is no day of the calendar") from error
    if day > now.astimezone(UTC).date():
        raise ValueError(f"{written} has not begun; nobody knows yet what it will cost")
    end = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
    moment_of_it = min(end, now.astimezone(UTC))
    return AsOf(seq=watermark_at(engine, moment_of_it), at=moment_of_it)


def _at_entry(engine: Engine, seq: int) -> AsOf:
    newest = watermark(engine)
    # Postgres leaves numbers out: then the last entry before it is the newest that was known.
    query = select(txn.c.recorded_at).where(txn.c.seq <= seq).order_by(txn.c.seq.desc()).limit(1)
    with reading(engine) as connection:
        recorded = connection.execute(query).scalar_one_or_none()
    if recorded is None or seq > newest:
        raise ValueError(f"the ledger has no entry {seq}; its newest is {newest}")
    return AsOf(seq=seq, at=moment(recorded))


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
