"""Who alone is at something: one process of all that share a database.

A claim lasts as long as its lease, which its holder renews. Whoever is killed holds nothing when
the lease ends, and on the same machine at once. A claim keeps work from being done twice at the
same time; that nothing is bought twice rests on the attempts, and needs no claim.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from cost_tracking.database import lock, reading, writing
from cost_tracking.moments import moment, stamp
from cost_tracking.waiting.tables import claim as table
from creative.value import Value

LEASE = timedelta(minutes=2)
"""How long a claim outlives a holder on another machine that was killed."""


class Held(Exception):
    """Somebody else is at it now."""

    def __init__(self, what: str, holder: str, until: datetime) -> None:
        self.holder = holder
        super().__init__(
            f"{what}: process {holder} is at it (until {until:%H:%M:%S} UTC at least); wait for "
            "it, or end that process first"
        )


class Claim(Value):
    """One thing, taken by one holder."""

    name: str
    holder: str
    """``host:pid:start`` of the process."""
    token: str
    until: datetime


class Claims:
    """The claims of a database.

    Args:
        engine: With its tables upgraded.
        now: The clock.
        holder: This process.
        is_dead: Says whether a holder is known to be gone, so that its claim is free at once.

    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        holder: str,
        is_dead: Callable[[str], bool],
    ) -> None:
        self._engine = engine
        self._now = now
        self._holder = holder
        self._is_dead = is_dead

    def take(self, name: str, lease: timedelta = LEASE) -> Claim:
        """Take a claim.

        Args:
            name: What is claimed, such as ``run/<id>``.
            lease: How long it lasts unless it is renewed.

        Raises:
            Held: Somebody has it, in this process or in another.

        """
        with writing(self._engine) as connection:
            lock(connection, f"kampanj/claim/{name}")
            found = connection.execute(select(table).where(table.c.name == name)).mappings().first()
            if found and self._lives(found["holder"], moment(found["until"])):
                raise Held(name, found["holder"], moment(found["until"]))
            taken = Claim(
                name=name,
                holder=self._holder,
                token=secrets.token_hex(8),
                until=self._now() + lease,
            )
            connection.execute(delete(table).where(table.c.name == name))
            row = {**taken.model_dump(), "until": stamp(taken.until)}
            connection.execute(insert(table).values(row))
        return taken

    def hand_over(self, claim: Claim, holder: str, lease: timedelta) -> None:
        """Let another process hold a claim: one that was started to do the work."""
        self._set(claim, holder=holder, until=stamp(self._now() + lease))

    def renew(self, claim: Claim, lease: timedelta = LEASE) -> None:
        """Let a claim last from now on, unless it was lost."""
        self._set(claim, until=stamp(self._now() + lease))

    def release(self, claim: Claim) -> None:
        """Give a claim up, unless it was lost."""
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.token == claim.token))

    def holder(self, name: str) -> str | None:
        """Return who is at something now, or None."""
        with reading(self._engine) as connection:
            found = connection.execute(select(table).where(table.c.name == name)).mappings().first()
        if found and self._lives(found["holder"], moment(found["until"])):
            return str(found["holder"])
        return None

    @contextmanager
    def holding(self, name: str, lease: timedelta = LEASE) -> Iterator[Claim]:
        """Hold a claim for as long as the body runs, however long that is.

        Raises:
            Held: Somebody has it.

        """
        claim = self.take(name, lease)
        ended = threading.Event()
        renewing = threading.Thread(target=self._renewing, args=(claim, lease, ended), daemon=True)
        renewing.start()
        try:
            yield claim
        finally:
            ended.set()
            renewing.join()
            self.release(claim)

    def _renewing(self, claim: Claim, lease: timedelta, ended: threading.Event) -> None:
        while not ended.wait(lease.total_seconds() / 4):
            try:
                self.renew(claim, lease)
            except OperationalError:
                # A database that is away for a moment: three more tries fit into the lease.
                continue

    def _lives(self, holder: str, until: datetime) -> bool:
        return until > self._now() and not self._is_dead(holder)

    def _set(self, claim: Claim, **values: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(table).where(table.c.token == claim.token).values(**values))
