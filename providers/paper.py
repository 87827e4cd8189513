"""Whoever lacks a key, built on paper: what it would cost is known before anybody has an account.

Each setting that a provider cannot do without, and that is not set, is given a stand-in. A quote
sends nothing, so a stand-in is never shown to anybody; ``.invalid`` is a name that no resolver may
ever answer (RFC 6761), should one be asked all the same.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import get_args

from pydantic import SecretStr

from providers.models import ModelTable
from providers.settings import ProviderSettings

STAND_IN = "https://quote.invalid"
"""It does for a key as well as for an address."""
REGION = "us-east-1"
_NODES = {"prompt": "2.text", "width": "1.width", "height": "1.height"}


class PaperSettings(ProviderSettings):
    """The settings of an installation with stand-ins for what it was not told."""

    def plugin(self, name: str, setting: str, default: str | None = None) -> str:
        """Return what a plugin was told, or a stand-in for what it must be told."""
        return super().plugin(name, setting, STAND_IN if default is None else default)


def stand_ins(
    settings: ProviderSettings, lacking: Iterable[str], models: ModelTable
) -> PaperSettings:
    """Return settings that nothing is sent with.

    Args:
        settings: What this installation was told; all of it is kept.
        lacking: The fields that a provider cannot do without, and that are not set.
        models: What is known of models.

    """
    told = {name: getattr(settings, name) for name in ProviderSettings.model_fields}
    # The SDK's chain may know a region that we do not; a price has none.
    told["aws_region"] = settings.aws_region or REGION
    for field in lacking:
        if field in _WITHOUT:
            continue
        if field in _OTHERS:
            told[field] = _OTHERS[field](models)
        elif SecretStr in get_args(ProviderSettings.model_fields[field].annotation):
            told[field] = SecretStr(STAND_IN)
        elif ProviderSettings.model_fields[field].annotation is str:
            told[field] = STAND_IN
    return PaperSettings(**told)


def _workflow(_models: ModelTable) -> Path:
    return Path(str(files("providers") / "data" / "paper_workflow.json"))


def _deployments(models: ModelTable) -> Mapping[str, str]:
    azure = (one.model for one in models.model if one.provider == "azure-openai")
    return {model: model for model in azure}


_OTHERS: Mapping[str, Callable[[ModelTable], object]] = {
    "azure_openai_deployments": _deployments,
    "comfyui_workflow": _workflow,
    "comfyui_nodes": lambda _models: _NODES,
}
"""What stands in for a setting that is neither a key nor an address."""
_WITHOUT = frozenset({"imports_folder"})
"""What nothing stands in for: what the pictures of a folder cost is declared in it alone."""
