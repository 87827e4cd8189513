"""Changes to the people file: checked before they are written, signed, and written down."""

import io
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from ruamel.yaml import YAML

from creative.problem import InvalidInput
from creative.yaml_file import fit, parse_document, read_yaml
from flows.desk import Desk
from flows.exits import WrongInput
from providers.storage.whole import write_whole
from review.access.people import Entry, PeopleFile, Person, alone, load_people, sign_people
from review.access.roles import Action, Grant, may
from review.acts import NotAllowed


def admin(desk: Desk, path: Path, signed_in: Callable[[], Person]) -> Person:
    """Return who changes the file: an admin of it, or whoever makes it.

    Raises:
        InvalidInput: It is not signed as it stands.
        NotAllowed: They are no admin.
        WrongInput: The file is another than that by which people show who they are.

    """
    if not path.is_file():
        return alone(desk.who)
    load_people(path, desk.keys)
    entries = read_yaml(path, PeopleFile).people
    admins = [one for one in entries if one.active and _may_name(one)]
    if not admins:
        return alone(desk.who)
    if desk.settings.people is None or desk.settings.people.resolve() != path:
        raise WrongInput(f"set KAMPANJ_PEOPLE={path}, so that its admins can be known")
    person = signed_in()
    if may(person.grants, Action.PEOPLE) is None:
        why = f"{person.name} is no admin; ask {' or '.join(one.id for one in admins)}"
        desk.acts.refuse(person.id, {"action": Action.PEOPLE.value, "via": "command line"}, why)
        raise NotAllowed(why)
    return person


def check_new(path: Path, who: str, *, replace: bool) -> None:
    """Raise ``WrongInput`` if somebody is there already, or is not there to be replaced."""
    known = {one.id for one in read_yaml(path, PeopleFile).people} if path.is_file() else set()
    if who in known and not replace:
        raise WrongInput(f"{who} is in {path} already; add --replace for new roles and password")
    if replace and who not in known:
        raise WrongInput(f"{who} is not in {path}; leave --replace out")


def put(desk: Desk, by: Person, path: Path, entry: Entry) -> None:
    """Put somebody into the file in place of who has their id, sign it, and write it down.

    Raises:
        InvalidInput: The file would not fit any more; it is as it was.

    """
    data = _loaded(path)
    told = {name: value for name, value in entry.model_dump(mode="json").items() if value}
    told.pop("active", None)
    people = data["people"]
    places = [index for index, one in enumerate(people) if one["id"] == entry.id]
    if places:
        people[places[0]] = told
    else:
        people.append(told)
    _write(desk, path, data)
    facts: dict[str, JsonValue] = {"did": "added", "who": entry.id, "roles": [*entry.roles]}
    _note(desk, by, path, facts)


def deactivate(desk: Desk, by: Person, path: Path, who: str) -> None:
    """Keep somebody from everything, sign the file, and write it down.

    Raises:
        WrongInput: They are not in it, or are its last admin.

    """
    file = read_yaml(path, PeopleFile)
    if who not in {one.id for one in file.people}:
        raise WrongInput(f"{who} is not in {path}; `kampanj people list` shows who is")
    admins = {one.id for one in file.people if one.active and _may_name(one)}
    if admins == {who}:
        raise WrongInput(f"{who} is the last admin of {path}; add another one first")
    data = _loaded(path)
    for one in data["people"]:
        if one["id"] == who:
            one["active"] = False
    _write(desk, path, data)
    _note(desk, by, path, {"did": "deactivated", "who": who})


def sign(desk: Desk, path: Path) -> int:
    """Sign the file as it stands, write it down, and return how many people are in it.

    Whoever can read the signing key can do this: it is the root of all trust here.

    Raises:
        InvalidInput: It does not fit; nothing was signed.

    """
    file = sign_people(path, desk.keys)
    _note(desk, alone(desk.who), path, {"did": "signed"})
    return len(file.people)


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the people as rows of a list, without their passwords.

    Raises:
        InvalidInput: The file cannot be read.

    """
    return [
        {
            "id": one.id,
            "name": one.name,
            "roles": " ".join(one.roles),
            "password": "set" if one.password else "",
            "oidc": one.oidc,
            "active": "yes" if one.active else "no",
        }
        for one in read_yaml(path, PeopleFile).people
    ]


def unsigned(desk: Desk, path: Path) -> str:
    """Say that the file is not signed as it stands, or return an empty string."""
    try:
        load_people(path, desk.keys)
    except InvalidInput as error:
        return str(error)
    return ""


def _may_name(entry: Entry) -> bool:
    return may(map(Grant.parse, entry.roles), Action.PEOPLE) is not None


def _loaded(path: Path) -> Any:
    """Return the file with its comments, or a new one."""
    if not path.is_file():
        return {"schema": 1, "people": []}
    data = YAML().load(path.read_text("utf-8"))
    data.setdefault("people", [])
    return data


def _write(desk: Desk, path: Path, data: Mapping[str, Any]) -> None:
    written = io.StringIO()
    yaml = YAML()
    yaml.width = 400
    yaml.dump(data, written)
    content = written.getvalue().encode()
    value, problems = fit(parse_document(path, content), PeopleFile)
    if value is None:
        raise InvalidInput(problems)
    write_whole(path, content)
    sign_people(path, desk.keys)


def _note(desk: Desk, by: Person, path: Path, facts: Mapping[str, JsonValue]) -> None:
    digest = sha256(path.read_bytes()).hexdigest()
    desk.acts.note(by, Action.PEOPLE, {**facts, "file": str(path), "sha256": digest})
    desk.publish()
