"""What each provider must be told before it can be used."""

from collections.abc import Mapping
from typing import Literal

from providers.settings import ProviderSettings

Kind = Literal["image", "writing", "translation"]
NEEDED: Mapping[str, tuple[tuple[str, str], ...]] = {
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


def lacking(name: str, settings: ProviderSettings) -> str:
    """Say what a provider lacks before it can be used, or return an empty string."""
    missing = [variable for _, variable in missing_settings(name, settings)]
    return f"set {' and '.join(missing)}, or use studio, which needs no key" if missing else ""


def missing_settings(name: str, settings: ProviderSettings) -> list[tuple[str, str]]:
    """Return the settings that a provider lacks, each with the variable that holds it."""
    return [one for one in NEEDED.get(name, ()) if not getattr(settings, one[0])]
