"""A brief that comes by a form or from a bucket: checked like a file, and then kept as one.

It is kept in the project's folder of briefs under its campaign's name, where what it names is
found, where it can be committed, and where another process takes the run up. What lies there with
other content is never written over, but for a copy of ours that has a newer version in its bucket.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from creative.asset_name import SLUG
from creative.brief import Brief
from creative.problem import Address, InvalidInput, Problem, spelled
from creative.yaml_file import MAX_BYTES, fit, parse_document, read_document
from flows import deciding, pipeline
from flows.brief_form import BriefForm
from flows.brief_text import brief_text
from flows.desk import Desk
from flows.exits import WrongInput
from flows.materials import Materials, gather
from flows.run_options import RunOptions
from flows.settings import Settings, project
from providers.builders.accounts import bucket_at
from providers.storage.whole import write_once, write_whole
from review.access.roles import Action

FORM = Address("the form")
_NAME = re.compile(SLUG, re.ASCII)
_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[^\s]{1,1024})")
_OWN_NAME = "Give this campaign a name of its own, or change that file and start it as it is"


@dataclass(frozen=True)
class Arrived:
    """A brief that is whole, and what is still to be written for it."""

    materials: Materials
    content: bytes | None = None
    """What is to be kept at its path; None where it lies there already."""
    place: str = ""
    """The bucket's address that it came from; empty for one that did not."""
    instead_of: str = ""
    """The sha256 of an earlier copy of that address, which it takes the place of."""


def from_form(form: BriefForm, typed: Mapping[str, Any], briefs: Path) -> Arrived:
    """Return the brief that somebody typed.

    Args:
        form: That it was typed into.
        typed: What the form held.
        briefs: The folder where it will lie.

    Raises:
        InvalidInput: Something is wrong with it, each fault by its place in the brief; or another
            brief goes by its name. Nothing was written.

    """
    brief, about = form.brief(typed)
    content = brief_text(brief)
    path = _path(briefs, brief.get("name"))
    problems = [Problem(FORM, 0, spelled(at), *said) for at, *said in about.faults]
    materials = None
    try:
        materials = gather(path, content, FORM)
    except InvalidInput as error:
        # The form has no lines; a brand that it names does.
        problems += [replace(one, line=0) if one.file == FORM else one for one in error.problems]
    if problems or materials is None:
        raise InvalidInput(problems)
    if not path.exists():
        return Arrived(materials, content)
    if _says(path, materials.loaded.brief):
        return Arrived(gather(path))
    raise InvalidInput([Problem(FORM, 0, "name", _taken(path), _OWN_NAME)])


def from_place(place: str, settings: Settings) -> Arrived:
    """Return the brief of a path in the project, or of an address such as ``s3://bucket/key``.

    What a brief from a bucket names is looked for in the project, from its folder of briefs.

    Raises:
        InvalidInput: Something is wrong with it, or another brief goes by its name.
        WrongInput: The path leaves the project, or the address is none.
        ProviderError: The bucket could not be read.

    """
    if "://" not in place:
        return Arrived(gather(inside(place)))
    at, content = Address(place), _fetched(place, settings)
    document = parse_document(Path(PurePosixPath(place).name), content, at)
    named = document.data.get("name") if isinstance(document.data, dict) else None
    path = _path(settings.briefs, named)
    materials = gather(path, content, at)
    if not path.exists():
        return Arrived(materials, content, place)
    there = sha256(path.read_bytes()).hexdigest()
    if there in (materials.loaded.sha256, _kept(settings.home.resolve(), place)):
        return Arrived(materials, content, place, instead_of=there)
    if _says(path, materials.loaded.brief):
        return Arrived(gather(path))
    raise InvalidInput([document.problem(("name",), _taken(path), _OWN_NAME)])


def start(
    desk: Desk,
    arrived: Arrived,
    how: RunOptions,
    *,
    code: str = "",
    run_id: str | None = None,
) -> str:
    """Keep the brief as a file, write a run of it down, and return the run's id.

    Args:
        desk: Where the state is.
        arrived: The brief.
        how: It was asked for, by whoever is named or, if nobody is, by whom this process acts
            for; a folder to deliver to is one of the project. Where the brief lies is filled in.
        code: The personal code of who asks, where people show who they are.
        run_id: Fixed by a caller who may come twice; without it every call starts a run.

    Raises:
        WrongInput: A place leaves the project, a code shows nobody or somebody else, or another
            brief goes by this campaign's name. Nothing was written.
        NotAllowed: Who asks for it may start no campaign.
        Replayed: The code was used before.
        InvalidInput: A cost that the brief declares cannot be told in the budget's currency.

    """
    path = arrived.materials.loaded.path
    place = how.out if how.out.startswith("s3://") else str(inside(how.out))
    campaign = arrived.materials.campaign
    by = deciding.requester(desk, campaign, how.by, code)
    options = how.model_copy(update={"brief": str(path), "out": place, "by": by.person.id})
    pipeline.check(desk, arrived.materials)
    if by.nonce:
        told = {"campaign": campaign, "via": "prefect"}
        desk.acts.note(by.person, Action.START, told, by.nonce)
    if arrived.content is not None:
        _keep(desk.home, path, arrived)
    return pipeline.start(desk, arrived.materials, options, run_id=run_id)


def called(brief: object) -> str:
    """Return the campaign of what a run was started with, as far as it says."""
    if isinstance(brief, str):
        return PurePosixPath(brief).stem
    group = brief.get("campaign") if isinstance(brief, dict) else None
    name = group.get("name") if isinstance(group, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "campaign"


def inside(path: str) -> Path:
    """Return a path of the project: whoever reaches the form must not reach the machine.

    Raises:
        WrongInput: It leads out of it, or into what programs keep there.

    """
    parts = PurePosixPath(path).parts
    if PurePosixPath(path).is_absolute() or ".." in parts or ":" in path:
        raise WrongInput(f"{path!r:.200} leaves the project; name a place in it")
    hidden = [one for one in parts if one.startswith(".")]
    if hidden:
        raise WrongInput(f"{path!r:.200}: {hidden[0]} is not for campaigns; name another place")
    return project() / path


def _path(briefs: Path, name: object) -> Path:
    """Return where a brief will lie; without a name to go by, where it would be looked from."""
    sound = isinstance(name, str) and _NAME.fullmatch(name)
    return briefs.resolve() / f"{name if sound else 'brief'}.yaml"


def _says(path: Path, brief: Brief) -> bool:
    """Say whether a file says the same, however it is written."""
    try:
        return fit(read_document(path), Brief)[0] == brief
    except InvalidInput:
        return False


def _taken(path: Path) -> str:
    place = path.relative_to(project()) if path.is_relative_to(project()) else path
    return f"{place} is another brief of this name"


def _fetched(place: str, settings: Settings) -> bytes:
    address = _URI.fullmatch(place)
    if not address:
        raise WrongInput(f"{place[:200]!r} is no address; write s3://bucket/key, or a path")
    folder, _, name = address["key"].rpartition("/")
    bucket = bucket_at(f"s3://{address['bucket']}/{folder}", settings.providers, "read from")
    size = bucket.size(name)
    if size is not None and size <= MAX_BYTES:
        return bucket.get(name, MAX_BYTES)
    if size is None:
        message, mend = "nothing is kept there", "Check the address"
    else:
        message = f"it is larger than {MAX_BYTES:,} bytes"
        mend = "Keep pictures and data in other files"
    raise InvalidInput([Problem(Address(place), 0, "", message, mend)])


def _keep(home: Path, path: Path, arrived: Arrived) -> None:
    content = arrived.content or b""
    if not write_once(path, content) and path.read_bytes() != content:
        # What is another by now was written a moment ago, by whoever sent a brief of this name.
        if sha256(path.read_bytes()).hexdigest() != arrived.instead_of:
            raise WrongInput(f"{_taken(path)}. {_OWN_NAME}")
        write_whole(path, content)
    if arrived.place:
        kept = {"place": arrived.place, "sha256": arrived.materials.loaded.sha256}
        write_whole(_record(home, arrived.place), json.dumps(kept).encode())


def _kept(home: Path, place: str) -> str:
    """Return the sha256 of the copy that was last made of an address; empty before."""
    path = _record(home, place)
    return str(json.loads(path.read_bytes())["sha256"]) if path.is_file() else ""


def _record(home: Path, place: str) -> Path:
    return home / "arrivals" / f"{sha256(place.encode()).hexdigest()}.json"
