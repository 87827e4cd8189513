"""What builders share: keys, wires, buckets, and the table of models."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from providers.errors import NotConfigured
from providers.models import ModelTable, model_table
from providers.needs import Kind
from providers.settings import ProviderSettings

if TYPE_CHECKING:
    from providers.openai_account import Account
    from providers.rest import Rest
    from providers.storage.s3_bucket import S3Bucket


def table(settings: ProviderSettings) -> ModelTable:
    """Return the shipped table of models with what the installation adds to it."""
    return model_table().extended(settings.models)


def wire_of_words(
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


def wire_of_pictures(
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


def given_key(key: SecretStr | None, name: str, variable: str, kind: Kind) -> str:
    """Return a key as text.

    Raises:
        NotConfigured: It was not given; the message names its variable.

    """
    if key is None:
        raise NotConfigured(name, f"set {variable}, or route {kind} to studio, which needs no key")
    return key.get_secret_value()


def openai_account(
    settings: ProviderSettings, kind: Kind, timeout: float, max_bytes: int
) -> "Account":
    """Return an account at OpenAI, or at whoever speaks like it.

    Raises:
        NotConfigured: It has no key.

    """
    if settings.openai_api_key is None:
        raise NotConfigured(
            "openai", f"set OPENAI_API_KEY, or route {kind} to studio, which needs no key"
        )
    from providers.openai_account import Account

    return Account(settings, settings.openai_api_key, timeout=timeout, max_bytes=max_bytes)


def bucket_at(place: str, settings: ProviderSettings, act: str) -> "S3Bucket":
    """Return the bucket of an address, to read from or to write to.

    Raises:
        NotConfigured: It is the address of no bucket.

    """
    address = urlsplit(place)
    if address.scheme != "s3" or not address.netloc:
        raise NotConfigured(
            "storage", f"cannot {act} {address.scheme}://; use a folder or s3://bucket/prefix"
        )
    from providers.storage.s3_bucket import S3Bucket

    return S3Bucket(address.netloc, address.path, settings)
