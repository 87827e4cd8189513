"""Knows the people who come to the review page, and lets them in."""

from flows.desk import Desk
from flows.file_cache import FileCache
from flows.identity import of_groups
from review.access.identity_token import Vouched, person_of
from review.access.people import People, Person, alone
from review.access.roles import Action
from review.access.sessions import Session, Sessions


class DeskPorter:
    """A porter over a desk; for several threads at once.

    Args:
        desk: With its tables upgraded.

    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions = Sessions(desk.engine, desk.now)
        self._files = FileCache()

    def who(self, session: Session) -> Person | None:
        """Return whose session it is, with the roles they hold at this moment, or None."""
        settings, people = self._desk.settings, self._people()
        if session.proof == "local":
            # A session from before somebody said who may do what proves nothing any more.
            here = not settings.asks_who and session.person == self._desk.who
            return alone(session.person) if here else None
        if session.proof == "oidc" and not settings.oidc_issuer:
            return None
        if session.groups:
            return of_groups(settings, session)
        return people.find(session.person, session.proof) if people else None

    def with_password(self, name: str, password: str) -> Person | None:
        """Return whose password this is, or None."""
        people = self._people()
        return people.with_password(name, password) if people else None

    def begin(self, person: Person) -> str:
        """Start a session, write that down, and return its token."""
        told = {"signed in": person.proof, "via": "page"}
        self._desk.acts.note(person, Action.LOOK, told)
        return self._sessions.begin(person)

    def vouched(self, said: Vouched) -> Person | None:
        """Return who is vouched for by the organization's identity provider, or None."""
        people = self._people()
        found = people.of_subject(said.subject) if people else None
        settings = self._desk.settings
        return found or person_of(said, settings.oidc_issuer, settings.oidc_roles)

    def session(self, token: str) -> Session | None:
        """Return the session of a token, unless it ended."""
        return self._sessions.find(token)

    def end(self, token: str) -> None:
        """End a session."""
        self._sessions.end(token)

    def turned_away(self, name: str, why: str) -> None:
        """Write down that somebody was not let in."""
        self._desk.acts.refuse(name, {"action": "sign in", "via": "page"}, why)

    def _people(self) -> People | None:
        path = self._desk.settings.people
        if path is None:
            return None
        seal = path.with_name(f"{path.name}.sig")
        return self._files.get("people", path, [seal], lambda: self._desk.people)
