"""Builders of those who draw. A vendor's SDK is imported here, by the one who needs it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import SecretStr

from cost_tracking.hours import hourly_rate
from providers.builders.accounts import (
    bucket_at,
    given_key,
    openai_account,
    table,
    wire_of_pictures,
)
from providers.errors import NotConfigured
from providers.faults import FailingImages, FaultPlan
from providers.images.base import ImageProvider
from providers.images.jobs import ImageJobs
from providers.needs import lacking
from providers.settings import ProviderSettings


def _studio_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.studio import StudioImages

    studio = StudioImages()
    return FailingImages(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _openai_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.openai_images import MAX_ANSWER, OpenAIImages

    account = openai_account(settings, "image", settings.image_timeout, MAX_ANSWER)
    return OpenAIImages(account, table(settings))


def _azure_openai_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.azure_openai_images import NAME, AzureOpenAIImages

    key = given_key(settings.azure_openai_api_key, NAME, "KAMPANJ_AZURE_OPENAI_API_KEY", "image")
    if lacks := lacking(NAME, settings):
        raise NotConfigured(NAME, lacks)
    return AzureOpenAIImages(settings, SecretStr(key), table(settings))


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
    return BedrockImages(account, table(settings))


def _gemini_images(settings: ProviderSettings) -> ImageProvider:
    from providers.google_account import NAME
    from providers.images.gemini_images import MAX_ANSWER, GeminiImages

    key = given_key(settings.gemini_api_key, NAME, "KAMPANJ_GEMINI_API_KEY", "image")
    headers = {"x-goog-api-key": key}
    rest = wire_of_pictures(settings, NAME, settings.gemini_base_url, headers, MAX_ANSWER)
    return GeminiImages(rest, table(settings))


def _stability_images(settings: ProviderSettings) -> ImageProvider:
    from providers.images.stability_images import MAX_ANSWER, NAME, StabilityImages

    key = given_key(settings.stability_api_key, NAME, "KAMPANJ_STABILITY_API_KEY", "image")
    headers = {"Authorization": f"Bearer {key}"}
    rest = wire_of_pictures(settings, NAME, settings.stability_base_url, headers, MAX_ANSWER)
    return StabilityImages(rest, table(settings))


def _ideogram_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.ideogram_images import MAX_ANSWER, NAME, IdeogramImages

    key = given_key(settings.ideogram_api_key, NAME, "KAMPANJ_IDEOGRAM_API_KEY", "image")
    headers, hosts = {"Api-Key": key}, settings.ideogram_result_hosts
    rest = wire_of_pictures(settings, NAME, settings.ideogram_base_url, headers, MAX_ANSWER, hosts)
    return IdeogramImages(rest, table(settings))


def _firefly_images(settings: ProviderSettings) -> ImageJobs:
    if not settings.firefly_client_id or settings.firefly_client_secret is None:
        raise NotConfigured("firefly", lacking("firefly", settings))
    from providers.adobe_account import AdobeAccount
    from providers.images.firefly_images import FireflyImages

    secret = settings.firefly_client_secret
    account = AdobeAccount(settings, settings.firefly_client_id, secret)
    return FireflyImages(account, table(settings))


def _bfl_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.bfl_images import MAX_ANSWER, NAME, BflImages

    key = given_key(settings.bfl_api_key, NAME, "KAMPANJ_BFL_API_KEY", "image")
    base, hosts = settings.bfl_base_url, settings.bfl_hosts
    api = wire_of_pictures(settings, NAME, base, {"x-key": key}, MAX_ANSWER, hosts)
    more = (*hosts, *settings.bfl_result_hosts)
    results = wire_of_pictures(settings, NAME, base, {}, MAX_ANSWER, more)
    return BflImages(api, results, table(settings))


def _fal_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.fal_images import MAX_ANSWER, NAME, FalImages

    key = given_key(settings.fal_api_key, NAME, "KAMPANJ_FAL_API_KEY", "image")
    base, headers = settings.fal_base_url, {"Authorization": f"Key {key}"}
    api = wire_of_pictures(settings, NAME, base, headers, MAX_ANSWER, settings.fal_hosts)
    more = settings.fal_result_hosts
    results = wire_of_pictures(settings, NAME, base, {}, MAX_ANSWER, more)
    return FalImages(api, results, table(settings))


def _replicate_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.replicate_images import MAX_ANSWER, NAME, ReplicateImages

    key = given_key(settings.replicate_api_key, NAME, "KAMPANJ_REPLICATE_API_KEY", "image")
    base, headers = settings.replicate_base_url, {"Authorization": f"Bearer {key}"}
    api = wire_of_pictures(settings, NAME, base, headers, MAX_ANSWER, settings.replicate_hosts)
    more = settings.replicate_result_hosts
    results = wire_of_pictures(settings, NAME, base, {}, MAX_ANSWER, more)
    return ReplicateImages(api, results, table(settings))


def _comfyui_images(settings: ProviderSettings) -> ImageJobs:
    from providers.images.comfyui_images import ComfyUIImages

    return ComfyUIImages(settings, table(settings))


def _imported_images(settings: ProviderSettings) -> ImageProvider:
    place = settings.imports_folder
    if not place:
        raise NotConfigured("import", lacking("import", settings))
    from providers.images.import_shelf import BucketShelf, FolderShelf, Shelf
    from providers.images.imported_images import ImportedImages

    shelf: Shelf = FolderShelf(Path(place))
    if "://" in place:
        shelf = BucketShelf(place, bucket_at(place, settings, "read from"))
    rate = hourly_rate(settings.labour_rate) if settings.labour_rate else None
    return ImportedImages(shelf, table(settings), rate)


DRAWERS: Mapping[str, Callable[[ProviderSettings], ImageProvider | ImageJobs]] = {
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
