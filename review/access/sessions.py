"""Who is signed in: sessions that live in the database, so that they can be ended anywhere."""

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine, insert, select, update

from cost_tracking.database import reading, writing
from cost_tracking.moments import moment, stamp
from cost_tracking.tables import session
from creative.value import Value
from review.access.people import Person, Proof

LIFETIME = timedelta(hours=10)
"""A working day."""
VOUCHED = timedelta(hours=1)
"""For who is only known by groups: the identity provider takes people out of them, and does not
tell us. A people file is read at each request."""


class Session(Value):
    """One browser's session."""

    person: str
    proof: Proof
    csrf: str
    """Must come back with every request that changes something."""
    name: str = ""
    """Of somebody who is in no file of ours."""
    groups: tuple[str, ...] = ()
    """Theirs, as the identity provider named them when they signed in."""


class Sessions:
    """The sessions in a database. Only the hash of a token is kept.

    Args:
        engine: With its tables upgraded.
        now: The clock.

    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def begin(self, person: Person) -> str:
        """Start a session, and return its token: for the person's browser, and for nobody else."""
        token, at = secrets.token_urlsafe(32), self._now()
        said: dict[str, object] = {"proof": person.proof}
        if person.groups:
            said |= {"name": person.name, "groups": person.groups}
        lifetime = VOUCHED if person.groups else LIFETIME
        row = {
            "token_sha256": _digest(token),
            "person": person.id,
            "statement": json.dumps(said),
            "created_at": stamp(at),
            "expires_at": stamp(at + lifetime),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(session), row)
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, unless it ended or ran out."""
        query = select(session).where(session.c.token_sha256 == _digest(token))
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None or row["ended_at"] or moment(row["expires_at"]) <= self._now():
            return None
        said = json.loads(row["statement"])
        return Session(person=row["person"], csrf=_csrf(token), **said)

    def end(self, token: str) -> None:
        """End a session; nothing happens if there is none."""
        self._end(session.c.token_sha256 == _digest(token))

    def end_all(self, person: str) -> None:
        """End every session of a person."""
        self._end(session.c.person == person)

    def _end(self, whose: object) -> None:
        ended = update(session).where(whose, session.c.ended_at.is_(None))  # type: ignore[arg-type]
        with writing(self._engine) as connection:
            connection.execute(ended.values(ended_at=stamp(self._now())))


def same(one: str, other: str) -> bool:
    """Say whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _csrf(token: str) -> str:
    # Of the token, so that it needs no row, and says nothing of it.
    return sha256(f"csrf\n{token}".encode()).hexdigest()
