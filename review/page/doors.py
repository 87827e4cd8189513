"""The ways in: a code that the program printed, a name and a password, or somebody who vouches."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from typing import NamedTuple

from review.access.people import Person
from review.access.sessions import same
from review.page.house import Porter
from review.page.throttle import Allowance, Throttle

LONGEST = 300
"""Characters of a name, of a password, or of a code."""
LOCAL = "local code"
"""Stands for the name where none is given."""
ROWS = 1000
"""How many failures of an hour are written down: whoever guesses on must not fill the disk."""


class Way(NamedTuple):
    """A way in that leads elsewhere first, such as to an identity provider."""

    label: str
    path: str


class TooSoon(Exception):
    """There were too many failures; the message says how long to wait."""

    def __init__(self, seconds: float) -> None:
        self.seconds = int(seconds) + 1
        super().__init__(f"there were too many failures; try again in {self.seconds} seconds")


class NotKnown(Exception):
    """Nobody is known by what was given. Which part of it is wrong is not said."""


class LocalCode:
    """A code for whoever sits at the machine: it opens once, and then there is another.

    Web pages can reach loopback, and other users of the machine can too, so that to be there is
    not enough.

    Args:
        person: Who comes in by it.
        tell: Is told each new code, for nobody but the person's eyes.

    """

    def __init__(self, person: Person, tell: Callable[[str], None]) -> None:
        self._person = person
        self._tell = tell
        self._lock = Lock()
        self._digest = ""
        self.renew()

    def renew(self) -> None:
        """Make a code in place of the last one, and tell it."""
        code = secrets.token_urlsafe(24)
        self._digest = sha256(code.encode()).hexdigest()
        self._tell(code)

    def enter(self, code: str) -> Person | None:
        """Return who comes in by a code, once, or None."""
        with self._lock:
            if not same(self._digest, sha256(code.encode()).hexdigest()):
                return None
            self.renew()
            return self._person


class Doors:
    """The ways in that are open here.

    Args:
        porter: Knows the people.
        clock: Seconds that only rise.
        code: Where nobody has said who may do what.
        passwords: Whether people come in by name and password.
        ways: Others.

    """

    def __init__(
        self,
        porter: Porter,
        clock: Callable[[], float],
        code: LocalCode | None = None,
        *,
        passwords: bool = False,
        ways: tuple[Way, ...] = (),
    ) -> None:
        self._porter = porter
        self._throttle = Throttle(clock)
        self._rows = Allowance(clock, ROWS, 3600)
        # A password takes 64 MiB to check: whoever sends many at a time must not take it all.
        self._checking = BoundedSemaphore(2)
        self.code = code
        self.passwords = passwords
        self.ways = ways

    def by_code(self, code: str) -> str:
        """Start a session for who has the local code, and return its token.

        Raises:
            NotKnown: It is not the code, or not any more.

        """
        # Nobody has to wait after a wrong one: it cannot be guessed, and others of the machine
        # could lock out whoever holds it.
        person = self.code.enter(code[:LONGEST]) if self.code else None
        return self._in(LOCAL, person, "a code that is not, or no longer, the local one")

    def by_password(self, name: str, password: str) -> str:
        """Start a session for who has a password, and return its token.

        Raises:
            NotKnown: The name is not known by this password.
            TooSoon: There were too many failures for this name.

        """
        name = name[:LONGEST]
        if wait := self._throttle.wait(name):
            raise TooSoon(wait)
        person = None
        if self.passwords and len(password) <= LONGEST:
            with self._checking:
                person = self._porter.with_password(name, password)
        return self._in(name, person, "wrong password")

    def vouched(self, subject: str, person: Person | None) -> str:
        """Start a session for who an identity provider vouches for, and return its token.

        Args:
            subject: What the provider knows them by.
            person: Who that is here.

        Raises:
            NotKnown: They are nobody here, or have no role.

        """
        if person is None:
            if self._rows.take():
                self._porter.turned_away(subject[:LONGEST], "vouched for, and without a role here")
            raise NotKnown
        return self._porter.begin(person)

    def _in(self, name: str, person: Person | None, why: str) -> str:
        if person is None:
            count = self._throttle.failed(name)
            if self._rows.take():
                self._porter.turned_away(name, f"{why}; failure {count} in a row")
            raise NotKnown
        self._throttle.passed(name)
        return self._porter.begin(person)
