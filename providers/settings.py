"""What providers must be told: keys, addresses, patience. ``flows`` reads it once and passes it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator

from cost_tracking.hours import hourly_rate
from creative.value import Value
from providers.errors import NotConfigured
from providers.models import Model, Rate


def _place(place: object) -> object:
    return str(place) if isinstance(place, Path) else place


def _rate(text: str) -> str:
    return str(hourly_rate(text)) if text else text


class ProviderSettings(Value):
    """One installation's accounts and addresses. Without any of it the studio still works."""

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    """The address of the API, or of a proxy or a compatible server, which may then bill instead."""
    openai_organization: str = ""
    openai_project: str = ""
    openai_headers: Mapping[str, SecretStr] = {}
    """More headers for each request; secret, since proxies put keys there."""
    openai_text_api: Literal["responses", "chat"] = "responses"
    """``chat`` for compatible servers that know only chat completions."""
    aws_region: str | None = None
    """Where Bedrock and Amazon Translate are asked; None leaves it to the AWS SDK's own chain."""
    aws_access_key_id: SecretStr | None = None
    """None leaves it to the AWS SDK's own chain: profiles, roles of the machine."""
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    bedrock_image_region: str = "us-west-2"
    """Where Bedrock draws: no other region has Stability's models for words to pictures."""
    bedrock_endpoint_url: str | None = None
    """None is the region's own public address."""
    bedrock_text_api: Literal["schema", "tool"] = "schema"
    """``tool`` for models that know tools, and no schema of an answer."""
    sts_endpoint_url: str | None = None
    """Where ``doctor --online`` asks whose keys these are; None is the region's own address."""
    translate_endpoint_url: str | None = None
    """None is the region's own public address."""
    translate_terminologies: Mapping[str, str] = {}
    """Amazon Translate's custom terminology by locale or language, such as ``de``."""
    deepl_api_key: SecretStr | None = None
    """A key of the free plan ends with ``:fx``."""
    deepl_base_url: str = "https://api.deepl.com"
    deepl_free_base_url: str = "https://api-free.deepl.com"
    """Where keys of the free plan are known; elsewhere they are refused."""
    deepl_glossaries: Mapping[str, str] = {}
    """DeepL's glossary id by locale or language, such as ``pt-BR`` or ``de``."""
    translation_formality: Mapping[str, Literal["formal", "informal", "default"]] = {}
    """By locale or language, where it is not the one of the market table's form of address."""
    gemini_api_key: SecretStr | None = None
    gemini_base_url: str = "https://generativelanguage.googleapis.com"
    azure_openai_api_key: SecretStr | None = None
    azure_openai_endpoint: str = ""
    """Of the resource, such as ``https://acme.openai.azure.com``."""
    azure_openai_api_version: str = "2025-04-01-preview"
    azure_openai_deployments: Mapping[str, str] = {}
    """By a deployment's name, the model that it runs and is billed as. A brief names the model."""
    stability_api_key: SecretStr | None = None
    stability_base_url: str = "https://api.stability.ai"
    ideogram_api_key: SecretStr | None = None
    ideogram_base_url: str = "https://api.ideogram.ai"
    ideogram_result_hosts: tuple[str, ...] = ("ideogram.ai",)
    """Where pictures may be fetched, without the key. As in ``providers.rest``."""
    firefly_client_id: str = ""
    """Of a server-to-server credential of Firefly Services."""
    firefly_client_secret: SecretStr | None = None
    firefly_base_url: str = "https://firefly-api.adobe.io"
    firefly_ims_url: str = "https://ims-na1.adobelogin.com"
    """Where tokens are given."""
    firefly_hosts: tuple[str, ...] = ("adobe.io",)
    """Where a job may be asked for: only these see the token. As in ``providers.rest``."""
    firefly_result_hosts: tuple[str, ...] = ("amazonaws.com", "windows.net", "adobe.io")
    """Where pictures may be fetched, without the token."""
    bfl_api_key: SecretStr | None = None
    bfl_base_url: str = "https://api.bfl.ai"
    """The nearest region, or ``https://api.eu.bfl.ai`` to keep data in Europe."""
    bfl_hosts: tuple[str, ...] = ("bfl.ai",)
    """Where a job may be asked for: only these see the key. As in ``providers.rest``."""
    bfl_result_hosts: tuple[str, ...] = ("blob.core.windows.net",)
    """Where else pictures may be fetched, without the key."""
    fal_api_key: SecretStr | None = None
    fal_base_url: str = "https://queue.fal.run"
    fal_platform_url: str = "https://api.fal.ai"
    """Where ``doctor`` asks whether the key is known; nothing is drawn there."""
    fal_hosts: tuple[str, ...] = ("fal.run",)
    """Where a job may be asked for: only these see the key. As in ``providers.rest``."""
    fal_result_hosts: tuple[str, ...] = ("fal.media",)
    """Where pictures may be fetched, without the key."""
    replicate_api_key: SecretStr | None = None
    replicate_base_url: str = "https://api.replicate.com"
    replicate_hosts: tuple[str, ...] = ("replicate.com",)
    """Where a job may be asked for: only these see the key. As in ``providers.rest``."""
    replicate_result_hosts: tuple[str, ...] = ("replicate.delivery",)
    """Where pictures may be fetched, without the key."""
    comfyui_base_url: str = "http://127.0.0.1:8188"
    comfyui_workflow: Path | None = None
    """A workflow as ComfyUI exports it for its API."""
    comfyui_nodes: Mapping[str, str] = {}
    """What of a request goes into which input, such as ``{"prompt": "6.text"}``: ``prompt`` and
    ``width`` and ``height`` must be told, ``seed`` should be, and ``output`` may name the node
    whose picture is meant."""
    comfyui_paid: bool = False
    """Whether the workflow calls paid nodes or a machine that is billed: a lost job is then not
    done again unasked."""
    imports_folder: Annotated[str, BeforeValidator(_place)] = ""
    """Where pictures lie that were made or bought elsewhere, beside an ``import.yaml``: a folder,
    or ``s3://bucket/prefix``, which is read with the keys of S3 and never written."""
    labour_rate: Annotated[str, AfterValidator(_rate)] = ""
    """What an hour of our own people costs where the sheet does not say, such as ``72.00 EUR``."""
    openai_admin_key: SecretStr | None = None
    """An organization's key that may read its costs; ``spend reconcile`` alone uses it."""
    regions: Mapping[str, Mapping[str, SecretStr]] = {}
    """By a name that briefs use, as in ``openai@eu``: the settings that hold there and not here,
    such as ``{"eu": {"openai_base_url": "https://eu.api.openai.com/v1"}}``; secret, since keys may
    be among them."""
    plugin_settings: Mapping[str, Mapping[str, SecretStr]] = {}
    """What plugins must be told, by provider and then by name; secret, since keys are among it."""
    rates: tuple[Rate, ...] = ()
    """How fast accounts may be asked, in place of what the shipped table says of a provider."""
    models: tuple[Model, ...] = ()
    """Models that the shipped table does not know, or knows otherwise."""
    connect_timeout: float = Field(default=5.0, gt=0)
    """Seconds until a connection stands; nothing was sent before."""
    image_timeout: float = Field(default=300.0, gt=0)
    """Seconds for one picture, from the first byte sent to the last byte read."""
    text_timeout: float = Field(default=120.0, gt=0)
    """The same for one text."""
    proxy: SecretStr | None = None
    """Where everything is sent through; secret, since its address may hold a password."""
    fault: str = ""
    """How the embedded studio shall fail, for drills: see ``providers.faults``."""
    s3_endpoint_url: str | None = None
    s3_region: str | None = None
    s3_access_key_id: SecretStr | None = None
    """None leaves it to the AWS SDK's own chain: profiles, roles of the machine."""
    s3_secret_access_key: SecretStr | None = None
    s3_session_token: SecretStr | None = None
    s3_timeout: float = Field(default=30.0, gt=0)
    """Seconds that S3 may be silent."""

    @field_validator("regions")
    @classmethod
    def _known(
        cls, regions: Mapping[str, Mapping[str, SecretStr]]
    ) -> Mapping[str, Mapping[str, SecretStr]]:
        for region, told in regions.items():
            for name in told:
                if name == "regions" or name not in ProviderSettings.model_fields:
                    raise ValueError(f"{region}: there is no setting {name!r}")
        return regions

    def at(self, region: str) -> "ProviderSettings":
        """Return the settings that hold in a region.

        Raises:
            ValueError: There is none of this name, or a setting cannot be what it says.

        """
        if region not in self.regions:
            known = ", ".join(self.regions) or "none"
            raise ValueError(
                f"there is no region {region}; set it in KAMPANJ_REGIONS, which has {known}"
            )
        told = {name: getattr(self, name) for name in ProviderSettings.model_fields}
        there = {name: one.get_secret_value() for name, one in self.regions[region].items()}
        return ProviderSettings(**{**told, **there, "regions": {}})

    def plugin(self, name: str, setting: str, default: str | None = None) -> str:
        """Return what a plugin was told.

        Args:
            name: Of the provider.
            setting: What it asks for, such as ``key``.
            default: Where it was not told; None where it cannot do without.

        Raises:
            NotConfigured: It was not told, and cannot do without. A quote is made all the same.

        """
        told = self.plugin_settings.get(name, {}).get(setting)
        if told is not None:
            return told.get_secret_value()
        if default is None:
            wanted = f'{{"{name}": {{"{setting}": "..."}}}}'
            raise NotConfigured(name, f"set KAMPANJ_PLUGIN_SETTINGS to {wanted}")
        return default

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for removal from messages."""
        named = (
            self.openai_api_key,
            *self.openai_headers.values(),
            self.openai_admin_key,
            *(one for told in self.plugin_settings.values() for one in told.values()),
            *(one for told in self.regions.values() for name, one in told.items() if _secret(name)),
            self.aws_access_key_id,
            self.aws_secret_access_key,
            self.aws_session_token,
            self.deepl_api_key,
            self.gemini_api_key,
            self.azure_openai_api_key,
            self.stability_api_key,
            self.ideogram_api_key,
            self.firefly_client_secret,
            self.bfl_api_key,
            self.fal_api_key,
            self.replicate_api_key,
            self.proxy,
            self.s3_access_key_id,
            self.s3_secret_access_key,
            self.s3_session_token,
        )
        return tuple(one.get_secret_value() for one in named if one)


def _secret(name: str) -> bool:
    """Say whether a setting of this name is kept secret: an address may be shown."""
    return "SecretStr" in str(ProviderSettings.model_fields[name].annotation)
