"""How fast an account may be asked, kept where all processes of one database see it.

A bucket is one moment: when all that was asked so far is worked off at the account's rate. Whoever
asks moves it on in one conditional UPDATE and is told how long to wait for their turn; nothing
here sleeps, and no transaction is open while somebody does. Turns come in the order of asking.
(The generic cell rate algorithm of ITU-T I.371, where no tokens need to be poured in.)
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from pydantic import Field
from sqlalchemy import Connection, Engine, case, select, text, update

from cost_tracking import tables
from cost_tracking.database import writing
from creative.value import Value

_bucket = tables.bucket
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


class Turn(Value):
    """So much of one bucket."""

    bucket: str
    """Its name, such as ``firefly/requests``."""
    takes: timedelta
    """How long the account works on what is asked, at its rate: 15 s at four in a minute."""
    ahead: timedelta = Field(default=timedelta(0), ge=timedelta(0))
    """How much may be asked at once: 45 s lets four of 15 s through before the first waits."""


class TooLong(Exception):
    """The turn would come later than the caller is ready to wait. Nothing was taken."""

    def __init__(self, bucket: str, wait: timedelta) -> None:
        self.bucket = bucket
        self.wait = wait
        super().__init__(f"{bucket}: the next turn is in {wait.total_seconds():.1f} s")


class Buckets:
    """The buckets of a database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def take(self, turns: Iterable[Turn], longest: timedelta) -> timedelta:
        """Take a turn of each bucket, or none, and return how long to wait for the last of them.

        A turn that was taken by a process that then died is lost, and nothing else is.

        Args:
            turns: What is asked for; a bucket may stand in it once.
            longest: How long the caller is ready to wait.

        Raises:
            TooLong: It would take longer; nothing was taken.

        """
        now = (self._now() - _EPOCH) // _MICRO
        waits = [0]
        with writing(self._engine) as connection:
            # In one order everywhere, or two takers could wait for each other.
            for turn in sorted(turns, key=lambda one: one.bucket):
                due = _take(connection, turn, now, longest // _MICRO)
                waits.append(due - turn.takes // _MICRO - turn.ahead // _MICRO - now)
        return max(waits) * _MICRO


def _take(connection: Connection, turn: Turn, now: int, longest: int) -> int:
    """Move a bucket on, and return the moment to which it is moved."""
    takes, ahead = turn.takes // _MICRO, turn.ahead // _MICRO
    idle = case((_bucket.c.due_micros > now, _bucket.c.due_micros), else_=now)
    move = (
        update(_bucket)
        .where(_bucket.c.name == turn.bucket, idle - ahead - now <= longest)
        .values(due_micros=idle + takes)
        .returning(_bucket.c.due_micros)
    )
    due = connection.execute(move).scalar_one_or_none()
    if due is None:
        add = text("INSERT INTO bucket (name, due_micros) VALUES (:name, 0) ON CONFLICT DO NOTHING")
        connection.execute(add, {"name": turn.bucket})
        due = connection.execute(move).scalar_one_or_none()
    if due is None:
        query = select(_bucket.c.due_micros).where(_bucket.c.name == turn.bucket)
        ready = connection.execute(query).scalar_one() - ahead - now
        raise TooLong(turn.bucket, ready * _MICRO)
    return int(due)
