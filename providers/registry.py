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
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from providers.errors import NotConfigured
from providers.faults import FailingImages, FailingTranslation, FailingWriting, FaultPlan
from providers.images.base import ImageProvider
from providers.models import ModelTable, model_table
from providers.settings import ProviderSettings
from providers.storage.base import Storage
from providers.translation.base import Translator
from providers.writing.base import TextProvider

if TYPE_CHECKING:
    from providers.openai_account import Account

Kind = Literal["image", "writing", "translation"]
GROUPS: Mapping[Kind, str] = {
    "image": "kampanj.image_providers",
    "writing": "kampanj.text_providers",
    "translation": "kampanj.translators",
}


def image_provider(name: str, settings: ProviderSettings) -> ImageProvider:
    """Build who draws.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: ImageProvider = _builder("image", _IMAGES, name)(settings)
    return built


def text_provider(name: str, settings: ProviderSettings) -> TextProvider:
    """Build who writes.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: TextProvider = _builder("writing", _WRITERS, name)(settings)
    return built


def translator(name: str, settings: ProviderSettings) -> Translator:
    """Build who translates.

    Raises:
        NotConfigured: There is none of this name, or its key is missing.

    """
    built: Translator = _builder("translation", _TRANSLATORS, name)(settings)
    return built


def storage(place: str, settings: ProviderSettings) -> Storage:
    """Build who keeps files.

    Args:
        place: A folder, or ``s3://bucket/prefix``.
        settings: Keys and addresses.

    Raises:
        NotConfigured: The address is of no place that we know.

    """
    address = urlsplit(place)
    if address.scheme == "s3" and address.netloc:
        from providers.storage.s3_bucket import S3Bucket

        return S3Bucket(address.netloc, address.path, settings)
    # One letter before a colon is a drive.
    if "://" in place:
        raise NotConfigured(
            "storage", f"cannot write to {address.scheme}://; use a folder or s3://bucket/prefix"
        )
    from providers.storage.folder import Folder

    return Folder(Path(place))


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of all providers of a kind, sorted, without building one."""
    return tuple(sorted({*_TABLES[kind], *_plugins(kind)}))


def lacking(name: str, settings: ProviderSettings) -> str:
    """Say what a provider lacks before it can be used, or return an empty string."""
    if name == "openai" and settings.openai_api_key is None:
        return "set OPENAI_API_KEY, or use studio, which needs no key"
    return ""


def models(settings: ProviderSettings) -> ModelTable:
    """Return the shipped table of models with what the installation adds to it."""
    return model_table().extended(settings.models)


def _studio_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.studio import StudioImages

    studio = StudioImages()
    return FailingImages(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _studio_writing(settings: ProviderSettings) -> TextProvider:
    from providers.writing.studio import StudioWriting

    studio = StudioWriting()
    return FailingWriting(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _studio_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.studio import StudioTranslation

    studio = StudioTranslation()
    return FailingTranslation(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _openai_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.openai_images import MAX_ANSWER, OpenAIImages

    account = _account(settings, "image", settings.image_timeout, MAX_ANSWER)
    return OpenAIImages(account, models(settings))


def _openai_writing(settings: ProviderSettings, kind: Kind = "writing") -> TextProvider:
    from providers.writing.openai_writing import MAX_ANSWER, OpenAIWriting

    account = _account(settings, kind, settings.text_timeout, MAX_ANSWER)
    return OpenAIWriting(account, models(settings), settings.openai_text_api)


def _openai_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.openai_translation import WrittenTranslation

    return WrittenTranslation(_openai_writing(settings, "translation"))


def _account(settings: ProviderSettings, kind: Kind, timeout: float, max_bytes: int) -> "Account":
    if settings.openai_api_key is None:
        raise NotConfigured(
            "openai", f"set OPENAI_API_KEY, or route {kind} to studio, which needs no key"
        )
    from providers.openai_account import Account

    return Account(settings, settings.openai_api_key, timeout=timeout, max_bytes=max_bytes)


_IMAGES: Mapping[str, Callable[[ProviderSettings], ImageProvider]] = {
    "openai": _openai_images,
    "studio": _studio_images,
}
_WRITERS: Mapping[str, Callable[[ProviderSettings], TextProvider]] = {
    "openai": _openai_writing,
    "studio": _studio_writing,
}
_TRANSLATORS: Mapping[str, Callable[[ProviderSettings], Translator]] = {
    "openai": _openai_translation,
    "studio": _studio_translation,
}
_TABLES: Mapping[Kind, Mapping[str, Callable[[ProviderSettings], Any]]] = {
    "image": _IMAGES,
    "writing": _WRITERS,
    "translation": _TRANSLATORS,
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
