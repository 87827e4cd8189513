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

from pydantic import SecretStr

from cost_tracking.hours import hourly_rate
from providers.errors import NotConfigured
from providers.faults import FailingImages, FailingTranslation, FailingWriting, FaultPlan
from providers.images.base import ImageProvider
from providers.images.jobs import ImageJobs
from providers.models import ModelTable, Rate, model_table
from providers.settings import ProviderSettings
from providers.storage.base import Storage
from providers.translation.base import Translator
from providers.writing.base import TextProvider

if TYPE_CHECKING:
    from providers.openai_account import Account
    from providers.rest import Rest
    from providers.storage.s3_bucket import S3Bucket

Kind = Literal["image", "writing", "translation"]
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
    built: ImageProvider | ImageJobs = _builder("image", _IMAGES, name)(settings)
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
    # One letter before a colon is a drive.
    if "://" in place:
        return _bucket(place, settings, "write to")
    from providers.storage.folder import Folder

    return Folder(Path(place))


def _bucket(place: str, settings: ProviderSettings, act: str) -> "S3Bucket":
    address = urlsplit(place)
    if address.scheme != "s3" or not address.netloc:
        raise NotConfigured(
            "storage", f"cannot {act} {address.scheme}://; use a folder or s3://bucket/prefix"
        )
    from providers.storage.s3_bucket import S3Bucket

    return S3Bucket(address.netloc, address.path, settings)


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of all providers of a kind, sorted, without building one."""
    return tuple(sorted({*_TABLES[kind], *_plugins(kind)}))


def knows(kind: Kind, name: str) -> bool:
    """Say whether there is a provider of this name, looking among plugins only if need be."""
    return name in _TABLES[kind] or name in _plugins(kind)


def plugged(kind: Kind) -> tuple[str, ...]:
    """Return the names of the providers of a kind that installed packages bring, sorted."""
    return tuple(sorted(set(_plugins(kind)) - set(_TABLES[kind])))


def lacking(name: str, settings: ProviderSettings) -> str:
    """Say what a provider lacks before it can be used, or return an empty string."""
    missing = [variable for _, variable in _missing(name, settings)]
    return f"set {' and '.join(missing)}, or use studio, which needs no key" if missing else ""


def on_paper(name: str, settings: ProviderSettings) -> ProviderSettings:
    """Return settings by which a provider is built without its key, for a quote, which sends none.

    A plugin is, too, if it reads what it must be told by ``ProviderSettings.plugin``.
    """
    from providers.paper import stand_ins

    fields = [field for field, _ in _missing(name, settings)]
    return stand_ins(settings, fields, models(settings))


def models(settings: ProviderSettings) -> ModelTable:
    """Return the shipped table of models with what the installation adds to it."""
    return model_table().extended(settings.models)


def rates(settings: ProviderSettings) -> tuple[Rate, ...]:
    """Return how fast accounts may be asked; what the installation says of a provider wins."""
    told = {one.provider: one for one in model_table().rate}
    return tuple((told | {one.provider: one for one in settings.rates}).values())


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
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_openai_writing(settings, "translation"))


def _bedrock_writing(settings: ProviderSettings) -> TextProvider:
    from providers.aws_account import AwsAccount
    from providers.writing.bedrock_writing import MAX_ANSWER, NAME, SERVICE, BedrockWriting

    account = AwsAccount(
        NAME,
        SERVICE,
        settings,
        settings.bedrock_endpoint_url,
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
    )
    return BedrockWriting(account, models(settings), settings.bedrock_text_api)


def _bedrock_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_bedrock_writing(settings))


def _gemini_writing(settings: ProviderSettings, kind: Kind = "writing") -> TextProvider:
    from providers.writing.gemini_writing import MAX_ANSWER, NAME, GeminiWriting

    key = _key(settings.gemini_api_key, NAME, "KAMPANJ_GEMINI_API_KEY", kind)
    rest = _rest(settings, NAME, settings.gemini_base_url, {"x-goog-api-key": key}, MAX_ANSWER)
    return GeminiWriting(rest, models(settings))


def _gemini_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_gemini_writing(settings, "translation"))


def _deepl_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.deepl_translation import FREE_KEY, MAX_ANSWER, NAME, DeeplTranslation

    key = _key(settings.deepl_api_key, NAME, "KAMPANJ_DEEPL_API_KEY", "translation")
    free = key.endswith(FREE_KEY)
    address = settings.deepl_free_base_url if free else settings.deepl_base_url
    headers = {"Authorization": f"DeepL-Auth-Key {key}"}
    return DeeplTranslation(
        _rest(settings, NAME, address, headers, MAX_ANSWER),
        models(settings),
        settings.deepl_glossaries,
        settings.translation_formality,
    )


def _aws_translation(settings: ProviderSettings) -> Translator:
    from providers.aws_account import AwsAccount
    from providers.translation.aws_translation import (
        CODES_OF_ERRORS,
        MAX_ANSWER,
        NAME,
        SERVICE,
        AwsTranslation,
    )

    account = AwsAccount(
        NAME,
        SERVICE,
        settings,
        settings.translate_endpoint_url,
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
        codes=CODES_OF_ERRORS,
    )
    return AwsTranslation(
        account, models(settings), settings.translate_terminologies, settings.translation_formality
    )


def _rest(
    settings: ProviderSettings, name: str, address: str, headers: Mapping[str, str], max_bytes: int
) -> "Rest":
    """Return the wire to a vendor of words, with its key in the headers."""
    from providers.rest import Rest

    return Rest(
        name,
        address,
        headers,
        timeout=settings.text_timeout,
        max_bytes=max_bytes,
        connect=settings.connect_timeout,
        proxy=settings.proxy,
        secrets=settings.secrets,
    )


def _key(key: SecretStr | None, name: str, variable: str, kind: Kind) -> str:
    if key is None:
        raise NotConfigured(name, f"set {variable}, or route {kind} to studio, which needs no key")
    return key.get_secret_value()


def _firefly_images(settings: ProviderSettings) -> ImageJobs:
    if not settings.firefly_client_id or settings.firefly_client_secret is None:
        raise NotConfigured("firefly", lacking("firefly", settings))
    from providers.adobe_account import AdobeAccount
    from providers.images.firefly_images import FireflyImages

    secret = settings.firefly_client_secret
    account = AdobeAccount(settings, settings.firefly_client_id, secret)
    return FireflyImages(account, models(settings))


def _bfl_images(settings: ProviderSettings) -> ImageJobs:
    if settings.bfl_api_key is None:
        raise NotConfigured("bfl", lacking("bfl", settings))
    from providers.images.bfl_images import BflImages

    return BflImages(settings, settings.bfl_api_key, models(settings))


def _fal_images(settings: ProviderSettings) -> ImageJobs:
    if settings.fal_api_key is None:
        raise NotConfigured("fal", lacking("fal", settings))
    from providers.images.fal_images import FalImages

    return FalImages(settings, settings.fal_api_key, models(settings))


def _replicate_images(settings: ProviderSettings) -> ImageJobs:
    if settings.replicate_api_key is None:
        raise NotConfigured("replicate", lacking("replicate", settings))
    from providers.images.replicate_images import ReplicateImages

    return ReplicateImages(settings, settings.replicate_api_key, models(settings))


def _comfyui_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.comfyui_images import ComfyUIImages

    return ComfyUIImages(settings, models(settings))


def _imported_images(settings: ProviderSettings) -> ImageProvider:
    place = settings.imports_folder
    if not place:
        raise NotConfigured("import", lacking("import", settings))
    from providers.images.import_shelf import BucketShelf, FolderShelf, Shelf
    from providers.images.imported_images import ImportedImages

    shelf: Shelf = FolderShelf(Path(place))
    if "://" in place:
        shelf = BucketShelf(place, _bucket(place, settings, "read from"))
    rate = hourly_rate(settings.labour_rate) if settings.labour_rate else None
    return ImportedImages(shelf, models(settings), rate)


def _account(settings: ProviderSettings, kind: Kind, timeout: float, max_bytes: int) -> "Account":
    if settings.openai_api_key is None:
        raise NotConfigured(
            "openai", f"set OPENAI_API_KEY, or route {kind} to studio, which needs no key"
        )
    from providers.openai_account import Account

    return Account(settings, settings.openai_api_key, timeout=timeout, max_bytes=max_bytes)


def _azure_openai_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.azure_openai_images import NAME, AzureOpenAIImages

    key = _key(settings.azure_openai_api_key, NAME, "KAMPANJ_AZURE_OPENAI_API_KEY", "image")
    if lacks := lacking(NAME, settings):
        raise NotConfigured(NAME, lacks)
    return AzureOpenAIImages(settings, SecretStr(key), models(settings))


def _bedrock_images(settings: ProviderSettings) -> ImageProvider:
    from providers.aws_account import AwsAccount
    from providers.images.bedrock_images import MAX_ANSWER, NAME, SERVICE, BedrockImages

    there = settings.model_copy(update={"aws_region": settings.bedrock_image_region})
    account = AwsAccount(
        NAME,
        SERVICE,
        there,
        settings.bedrock_endpoint_url,
        timeout=settings.image_timeout,
        max_bytes=MAX_ANSWER,
    )
    return BedrockImages(account, models(settings))


def _gemini_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.gemini_images import MAX_ANSWER, NAME, GeminiImages

    key = _key(settings.gemini_api_key, NAME, "KAMPANJ_GEMINI_API_KEY", "image")
    headers = {"x-goog-api-key": key}
    rest = _picture_rest(settings, NAME, settings.gemini_base_url, headers, MAX_ANSWER)
    return GeminiImages(rest, models(settings))


def _stability_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.stability_images import MAX_ANSWER, NAME, StabilityImages

    key = _key(settings.stability_api_key, NAME, "KAMPANJ_STABILITY_API_KEY", "image")
    headers = {"Authorization": f"Bearer {key}"}
    rest = _picture_rest(settings, NAME, settings.stability_base_url, headers, MAX_ANSWER)
    return StabilityImages(rest, models(settings))


def _ideogram_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.ideogram_images import MAX_ANSWER, NAME, IdeogramImages

    key = _key(settings.ideogram_api_key, NAME, "KAMPANJ_IDEOGRAM_API_KEY", "image")
    headers, hosts = {"Api-Key": key}, settings.ideogram_result_hosts
    rest = _picture_rest(settings, NAME, settings.ideogram_base_url, headers, MAX_ANSWER, hosts)
    return IdeogramImages(rest, models(settings))


def _picture_rest(
    settings: ProviderSettings,
    name: str,
    address: str,
    headers: Mapping[str, str],
    max_bytes: int,
    hosts: tuple[str, ...] = (),
) -> "Rest":
    """Return the wire to a vendor of pictures, with its key in the headers."""
    from providers.rest import Rest

    return Rest(
        name,
        address,
        headers,
        timeout=settings.image_timeout,
        max_bytes=max_bytes,
        connect=settings.connect_timeout,
        proxy=settings.proxy,
        secrets=settings.secrets,
        hosts=hosts,
    )


_NEEDED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "openai": (("openai_api_key", "OPENAI_API_KEY"),),
    "gemini": (("gemini_api_key", "KAMPANJ_GEMINI_API_KEY"),),
    "deepl": (("deepl_api_key", "KAMPANJ_DEEPL_API_KEY"),),
    "stability": (("stability_api_key", "KAMPANJ_STABILITY_API_KEY"),),
    "ideogram": (("ideogram_api_key", "KAMPANJ_IDEOGRAM_API_KEY"),),
    "azure-openai": (
        ("azure_openai_api_key", "KAMPANJ_AZURE_OPENAI_API_KEY"),
        ("azure_openai_endpoint", "KAMPANJ_AZURE_OPENAI_ENDPOINT"),
        ("azure_openai_deployments", "KAMPANJ_AZURE_OPENAI_DEPLOYMENTS"),
    ),
    "bfl": (("bfl_api_key", "KAMPANJ_BFL_API_KEY"),),
    "fal": (("fal_api_key", "KAMPANJ_FAL_API_KEY"),),
    "replicate": (("replicate_api_key", "KAMPANJ_REPLICATE_API_KEY"),),
    "firefly": (
        ("firefly_client_id", "KAMPANJ_FIREFLY_CLIENT_ID"),
        ("firefly_client_secret", "KAMPANJ_FIREFLY_CLIENT_SECRET"),
    ),
    "comfyui": (
        ("comfyui_workflow", "KAMPANJ_COMFYUI_WORKFLOW"),
        ("comfyui_nodes", "KAMPANJ_COMFYUI_NODES"),
    ),
    "import": (("imports_folder", "KAMPANJ_IMPORTS_FOLDER"),),
}
"""By provider: the settings that it cannot do without, and the variables that hold them."""
_IMAGES: Mapping[str, Callable[[ProviderSettings], ImageProvider | ImageJobs]] = {
    "azure-openai": _azure_openai_images,
    "bedrock": _bedrock_images,
    "bfl": _bfl_images,
    "comfyui": _comfyui_images,
    "fal": _fal_images,
    "firefly": _firefly_images,
    "gemini": _gemini_images,
    "ideogram": _ideogram_images,
    "import": _imported_images,
    "openai": _openai_images,
    "replicate": _replicate_images,
    "stability": _stability_images,
    "studio": _studio_images,
}
_WRITERS: Mapping[str, Callable[[ProviderSettings], TextProvider]] = {
    "bedrock": _bedrock_writing,
    "gemini": _gemini_writing,
    "openai": _openai_writing,
    "studio": _studio_writing,
}
_TRANSLATORS: Mapping[str, Callable[[ProviderSettings], Translator]] = {
    "aws-translate": _aws_translation,
    "bedrock": _bedrock_translation,
    "deepl": _deepl_translation,
    "gemini": _gemini_translation,
    "openai": _openai_translation,
    "studio": _studio_translation,
}
_TABLES: Mapping[Kind, Mapping[str, Callable[[ProviderSettings], Any]]] = {
    "image": _IMAGES,
    "writing": _WRITERS,
    "translation": _TRANSLATORS,
}


def _missing(name: str, settings: ProviderSettings) -> list[tuple[str, str]]:
    return [one for one in _NEEDED.get(name, ()) if not getattr(settings, one[0])]


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
