"""What providers must be told: keys, addresses, patience. ``flows`` reads it once and passes it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr

from creative.value import Value
from providers.models import Model


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

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for removal from messages."""
        named = (
            self.openai_api_key,
            *self.openai_headers.values(),
            self.proxy,
            self.s3_access_key_id,
            self.s3_secret_access_key,
            self.s3_session_token,
        )
        return tuple(one.get_secret_value() for one in named if one)
