"""The people of a small team, in a file that the server's key has signed.

Passwords are kept as argon2id hashes with the library's defaults (RFC 9106). Whoever changes the
file must have it signed again; until then nobody in it may do anything.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import Field, field_validator

from creative.problem import InvalidInput, Problem
from creative.value import Value
from creative.yaml_file import read_yaml
from review.access.roles import Grant, Role
from review.signing import Keys, Signature

PURPOSE = "people"
SHORTEST = 12
"""Characters of a password: NIST SP 800-63B asks for 8 at least, and for 15 where it is alone."""
_HASHER = PasswordHasher()

Proof = Literal["local", "users-file", "oidc", "code"]


class Person(Value):
    """Somebody who acts, with what they may do at this moment."""

    id: str
    """Stands in the logs for good, so it may be a pseudonym; the people file knows the name."""
    name: str
    grants: tuple[Grant, ...]
    proof: Proof
    """How they showed who they are."""
    groups: tuple[str, ...] = ()
    """Those by which an identity provider's word gave them their roles; most people have none."""


class Entry(Value):
    """One person of the file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    name: str = Field(min_length=1, max_length=120)
    roles: tuple[str, ...] = ()
    password: str = Field(default="", max_length=300)
    """An argon2id hash; empty for who signs in elsewhere."""
    oidc: str = Field(default="", max_length=300)
    """The subject under which the organization's identity provider knows them."""
    active: bool = True
    """False keeps who has left from everything, and keeps what they decided."""

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        for one in roles:
            Grant.parse(one)
        return roles

    @field_validator("password")
    @classmethod
    def _hashed(cls, password: str) -> str:
        if password and not password.startswith("$argon2id$"):
            raise ValueError("this is no argon2id hash; set it by `kampanj people add`")
        return password

    def person(self, proof: Proof) -> Person:
        """Return who this is, having shown it in this way."""
        grants = tuple(Grant.parse(one) for one in self.roles)
        return Person(id=self.id, name=self.name, grants=grants, proof=proof)


class PeopleFile(Value):
    """Everybody who may do something."""

    schema_: Literal[1] = Field(alias="schema")
    people: tuple[Entry, ...] = ()

    @field_validator("people")
    @classmethod
    def _distinct(cls, people: tuple[Entry, ...]) -> tuple[Entry, ...]:
        for what in ("id", "oidc"):
            seen = [getattr(one, what) for one in people if getattr(one, what)]
            twice = {one for one in seen if seen.count(one) > 1}
            if twice:
                raise ValueError(f"two people have the {what} {min(twice)!r}; give each their own")
        return people


class People:
    """Those who are in the file and active.

    Args:
        file: As it was read.

    """

    def __init__(self, file: PeopleFile) -> None:
        self._by_id: Mapping[str, Entry] = {one.id: one for one in file.people if one.active}
        self._by_subject = {one.oidc: one for one in self._by_id.values() if one.oidc}

    def find(self, person: str, proof: Proof) -> Person | None:
        """Return somebody by id with the roles they hold now, or None."""
        entry = self._by_id.get(person)
        return entry.person(proof) if entry else None

    def of_subject(self, subject: str) -> Person | None:
        """Return who an identity provider knows by this subject, or None."""
        entry = self._by_subject.get(subject)
        return entry.person("oidc") if entry else None

    def with_password(self, person: str, password: str) -> Person | None:
        """Return somebody whose password this is, or None; both take as long."""
        # Asked for whoever comes first, or that once would tell who is not there.
        nobodys = _nobodys()
        entry = self._by_id.get(person)
        kept = entry.password if entry and entry.password else nobodys
        try:
            _HASHER.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return None
        return entry.person("users-file") if entry and entry.password else None


def hashed(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        ValueError: It is too short.

    """
    if len(password) < SHORTEST:
        raise ValueError(f"a password has {SHORTEST} characters or more")
    return _HASHER.hash(password)


def load_people(path: Path, keys: Keys) -> People:
    """Read the file, if its signature holds.

    Raises:
        InvalidInput: It cannot be read, does not fit, or is not signed as it stands.

    """
    file = read_yaml(path, PeopleFile)
    digest = sha256(path.read_bytes()).hexdigest()
    try:
        key_id, _, value = _seal(path).read_text("utf-8").strip().partition(":")
    except OSError:
        key_id, value = "", ""
    if not keys.holds(PURPOSE, digest, Signature(key_id, value)):
        message = "it is not signed as it stands, so nobody in it may do anything"
        mend = f"Look at what changed, then sign it: kampanj people sign {path}"
        raise InvalidInput([Problem(path, 0, "", message, mend)])
    return People(file)


def sign_people(path: Path, keys: Keys) -> PeopleFile:
    """Sign the file as it stands.

    Raises:
        InvalidInput: It does not fit; nothing was signed.

    """
    file = read_yaml(path, PeopleFile)
    signature = keys.sign(PURPOSE, sha256(path.read_bytes()).hexdigest())
    _seal(path).write_text(f"{signature.key_id}:{signature.value}\n", "utf-8")
    return file


def _seal(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


def alone(name: str) -> Person:
    """Return the one person of a machine on which nobody has said who may do what."""
    every = tuple(Grant(role=role) for role in Role)
    return Person(id=name, name=name, grants=every, proof="local")


@cache
def _nobodys() -> str:
    """Return a hash that checking takes as long as any; most processes check none, ever."""
    return _HASHER.hash("nobody has this password, and checking it takes as long as any")
