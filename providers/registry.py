"""The one list of providers: from a name to a builder.

A vendor's SDK is imported when its provider is built, since it takes most of a second. Third
parties add theirs by an entry point, whose value is a function of ``ProviderSettings``::

    [project.entry-points."kampanj.image_providers"]
    acme = "acme_kampanj:AcmeImages"
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from providers.builders.accounts import bucket_at, table
from providers.builders.pictures import DRAWERS
from providers.builders.words import TRANSLATORS, WRITERS
from providers.errors import NotConfigured
from providers.images.base import ImageProvider
from providers.images.jobs import ImageJobs
from providers.models import ModelTable, Rate, model_table
from providers.needs import Kind, lacking, missing_settings
from providers.settings import ProviderSettings
from providers.storage.base import Storage
from providers.translation.base import Translator
from providers.writing.base import TextProvider

__all__ = [
    "GROUPS",
    "Kind",
    "image_provider",
    "knows",
    "lacking",
    "models",
    "names",
    "on_paper",
    "plugged",
    "rates",
    "storage",
    "text_provider",
    "translator",
]

GROUPS: Mapping[Kind, str] = {
    "image": "kampanj.image_providers",
    "writing": "kampanj.text_providers",
    "translation": "kampanj.translators",
}


def image_provider(name: str, settings: ProviderSettings) -> ImageProvider | ImageJobs:
    """Build who draws.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: ImageProvider | ImageJobs = _builder("image", DRAWERS, name)(settings)
    return built


def text_provider(name: str, settings: ProviderSettings) -> TextProvider:
    """Build who writes.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: TextProvider = _builder("writing", WRITERS, name)(settings)
    return built


def translator(name: str, settings: ProviderSettings) -> Translator:
    """Build who translates.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: Translator = _builder("translation", TRANSLATORS, name)(settings)
    return built


def storage(place: str, settings: ProviderSettings) -> Storage:
    """Build who keeps files.

    Args:
        place: A folder, or ``s3://bucket/prefix``.
        settings: Keys and addresses.

    Raises:
        NotConfigured: The address is of no place that we know.

    """
    # One letter before a colon is a drive.
    if "://" in place:
        return bucket_at(place, settings, "write to")
    from providers.storage.folder import Folder

    return Folder(Path(place))


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of all providers of a kind, sorted, without building one."""
    return tuple(sorted({*_TABLES[kind], *_plugins(kind)}))


def knows(kind: Kind, name: str) -> bool:
    """Say whether there is a provider of this name, looking among plugins only if need be."""
    return name in _TABLES[kind] or name in _plugins(kind)


def plugged(kind: Kind) -> tuple[str, ...]:
    """Return the names of the providers of a kind that installed packages bring, sorted."""
    return tuple(sorted(set(_plugins(kind)) - set(_TABLES[kind])))


def on_paper(name: str, settings: ProviderSettings) -> ProviderSettings:
    """Return settings by which a provider is built without its key, for a quote, which sends none.

    A plugin is, too, if it reads what it must be told by ``ProviderSettings.plugin``.
    """
    from providers.paper import stand_ins

    fields = [field for field, _ in missing_settings(name, settings)]
    return stand_ins(settings, fields, models(settings))


def models(settings: ProviderSettings) -> ModelTable:
    """Return the shipped table of models with what the installation adds to it."""
    return table(settings)


def rates(settings: ProviderSettings) -> tuple[Rate, ...]:
    """Return how fast accounts may be asked; what the installation says of a provider wins."""
    told = {one.provider: one for one in model_table().rate}
    return tuple((told | {one.provider: one for one in settings.rates}).values())


_TABLES: Mapping[Kind, Mapping[str, Callable[[ProviderSettings], Any]]] = {
    "image": DRAWERS,
    "writing": WRITERS,
    "translation": TRANSLATORS,
}


def _builder(
    kind: Kind, ours: Mapping[str, Callable[[ProviderSettings], Any]], name: str
) -> Callable[[ProviderSettings], Any]:
    # Ours win: an installed package cannot take the place of one that people know.
    if name in ours:
        return ours[name]
    plugins = _plugins(kind)
    if name in plugins:
        loaded: Callable[[ProviderSettings], Any] = plugins[name].load()
        return loaded
    known = names(kind)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise NotConfigured(name, f"no {kind} provider has this name; {hint}known: {', '.join(known)}")


def _plugins(kind: Kind) -> dict[str, Any]:
    return {one.name: one for one in entry_points(group=GROUPS[kind])}
