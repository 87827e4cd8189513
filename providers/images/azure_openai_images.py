"""OpenAI's image models at Azure, behind ``ImageProvider``: as OpenAI's, from another account.

A deployment has a name that somebody chose, which no price book knows. So a brief names the
model, and the settings say which deployment runs it.
"""

from collections.abc import Mapping
from typing import Any

import openai
from pydantic import SecretStr

from providers.errors import NotConfigured, Trace
from providers.images.base import ImageCapabilities
from providers.images.openai_images import MAX_ANSWER, OpenAIImages
from providers.models import ModelTable
from providers.openai_account import MENDS as OPENAI_MENDS
from providers.openai_account import Account
from providers.settings import ProviderSettings

NAME = "azure-openai"
MENDS = {
    **OPENAI_MENDS,
    "not_configured": "check azure_openai_api_key, the endpoint and its network rules; ",
    "model_gone": "check azure_openai_deployments; ",
}


class AzureAccount(Account):
    """A ready client for one resource at Azure."""

    provider = NAME
    mends: Mapping[str, str] = MENDS

    def _connected(self, settings: ProviderSettings, key: str, **wire: Any) -> openai.OpenAI:
        client = openai.AzureOpenAI(
            azure_endpoint=settings.azure_openai_endpoint,
            api_version=settings.azure_openai_api_version,
            api_key=key,
            **wire,
        )
        # The client looks into the environment for what it was not given; only flows may.
        client.organization = None
        client.project = None
        client._custom_headers = {}  # noqa: SLF001 - nothing public forgets what it read
        return client


class AzureOpenAIImages(OpenAIImages):
    """Draws with OpenAI's models at Azure, in one paid call a picture.

    Args:
        settings: The resource, its deployments, the proxy.
        key: The resource's.
        models: What each model can do.

    """

    def __init__(self, settings: ProviderSettings, key: SecretStr, models: ModelTable) -> None:
        billed = settings.azure_openai_deployments
        # The first of several that run one model: they cost the same.
        deployments = {model: name for name, model in reversed(tuple(billed.items()))}
        account = AzureAccount(settings, key, timeout=settings.image_timeout, max_bytes=MAX_ANSWER)
        super().__init__(account, models, deployments)

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do.

        Raises:
            NotConfigured: No deployment runs it.

        """
        able = super().capabilities(model)
        if model not in self._deployments:
            known = ", ".join(self._deployments) or "none"
            raise NotConfigured(
                NAME,
                f"no deployment runs {model}; name one in azure_openai_deployments, which has "
                f"{known}",
                Trace(model=model),
            )
        return able
