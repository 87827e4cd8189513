"""What can be chosen in the form: markets, placements, providers, and the project's own brands."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import path as paths
from os import walk
from pathlib import Path

from cost_tracking.cost_types import cost_types
from creative.market import market_table
from creative.placement import placement_table
from creative.problem import InvalidInput
from creative.yaml_file import MAX_BYTES, read_yaml
from flows.settings import Settings
from providers import registry
from providers.models import Operation
from providers.needs import Kind
from providers.settings import ProviderSettings
from review.access.people import PeopleFile
from review.access.roles import Action, may

DEEPEST = 4
"""Folders below the project in which brands are looked for."""
MOST_FILES = 2_000
"""Files that are looked at for brands, so that a project full of pictures starts as quickly."""
_IS_A_BRAND = re.compile(rb"^colours:", re.MULTILINE)
_NOTICES = re.compile(rb"^notices:\s*['\"]?([\w./-]+)", re.MULTILINE)
_ENDINGS = {".yaml", ".yml", ".json"}
_OPERATIONS: Mapping[Kind, Operation] = {
    "image": "image",
    "writing": "text",
    "translation": "translation",
}


@dataclass(frozen=True)
class Choices:
    """What can be chosen: what is shown, by what a brief writes."""

    by_path: Mapping[str, Mapping[str, str]]
    """For single fields, by their path."""
    by_kind: Mapping[str, Mapping[str, str]]
    """For every field of a kind: ``market``, ``locale``, ``currency``."""


def of_project(project: Path, settings: Settings) -> Choices:
    """Return what can be chosen in a project.

    Args:
        project: Its folder, in which brands are looked for.
        settings: With the folder of its briefs, from which a brief names its brand.

    """
    table, placements = market_table(), placement_table()
    markets = {code: f"{code} {one.name}" for code, one in table.markets.items()}
    groups = {name: f"{name} ({_members(codes)})" for name, codes in table.groups.items()}
    brands = tuple(_brands(project))
    image, writing, translation = (
        _providers(kind, settings.providers) for kind in ("image", "writing", "translation")
    )
    return Choices(
        by_path={
            "markets": groups | markets,
            "placements": {
                **{name: f"{name} ({_count(ids)})" for name, ids in placements.groups.items()},
                **{
                    one.id: f"{one.id} {one.width}x{one.height}"
                    for one in placements.placements.values()
                },
            },
            "brand": _same(sorted(_from(settings.briefs.resolve(), one) for one in brands)),
            "compliance.required_disclosures": _same(sorted(set(_notices(brands)))),
            "costs.type": {name: f"{name}: {one.what}" for name, one in cost_types().items()},
            "providers.image": image,
            "providers.sketch.image": image,
            "providers.writing": writing,
            "providers.translation": translation,
            "providers.markets.translation": translation,
            "providers.back_translation": translation,
        },
        by_kind={
            "market": markets,
            "locale": {
                one.tag: f"{one.tag} {one.language} ({market.name})"
                for market in table.markets.values()
                for one in market.locales
            },
            "currency": _same(sorted({one.currency for one in table.markets.values()})),
        },
    )


def requesters(settings: Settings) -> Mapping[str, str]:
    """Return who may ask for a campaign, by their id; nobody is named without a people file."""
    if settings.people is None:
        return {}
    try:
        file = read_yaml(settings.people, PeopleFile)
    except InvalidInput:
        # What is wrong with it is said by the run, which also asks whether it is signed.
        return {}
    return {
        one.id: f"{one.id} ({one.name})"
        for one in file.people
        if one.active and may(one.person("users-file").grants, Action.START)
    }


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def _members(codes: tuple[str, ...]) -> str:
    return ", ".join(codes) if len(codes) < 6 else _count(codes)


def _count(names: tuple[str, ...]) -> str:
    return f"{len(names)} of them"


def _providers(kind: Kind, settings: ProviderSettings) -> dict[str, str]:
    """Return each provider, and behind it each of its models, as a brief writes them."""
    models = registry.models(settings).model
    found: dict[str, str] = {}
    for name in registry.names(kind):
        found[name] = name
        its = (
            one.model
            for one in models
            if (one.provider, one.operation) == (name, _OPERATIONS[kind])
        )
        found |= _same(f"{name}/{model}" for model in its if name != "studio")
    return {"studio": "studio", **found}


def _brands(project: Path) -> Iterator[Path]:
    """Yield the files of a project that look like brands, without reading what is none."""
    seen = 0
    for folder, inner, names in walk(project):
        here = Path(folder)
        depth = len(here.relative_to(project).parts)
        inner[:] = sorted(one for one in inner if not one.startswith(".") and depth < DEEPEST)
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                return
            path = here / name
            if path.suffix in _ENDINGS and _IS_A_BRAND.search(_start(path)):
                yield path


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError:
        # Not ours to read: then it is no brand that a brief of ours could name.
        return b""


def _from(briefs: Path, brand: Path) -> str:
    return Path(paths.relpath(brand, briefs)).as_posix()


def _notices(brands: Iterable[Path]) -> Iterator[str]:
    for brand in brands:
        found = _NOTICES.search(_start(brand))
        if found:
            folder = brand.parent / found[1].decode()
            yield from (one.stem for one in folder.glob("*.yaml"))
