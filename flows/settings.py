"""The environment, read once into one frozen model; nothing else asks for it."""

import getpass
import os
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.settings import ProviderSettings


def project() -> Path:
    """Return the nearest folder with ``.git`` or ``kampanj.toml``, or the present one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists() or (folder / "kampanj.toml").is_file():
            return folder
    return here


class Settings(BaseSettings):
    """What this installation was told; every field is a variable ``KAMPANJ_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix="KAMPANJ_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path = Field(default_factory=lambda: project() / ".kampanj")
    """The state folder: the database, what was paid for, what was drawn. By default it lies in
    the project, wherever in it a command is given."""
    database_url: SecretStr | None = None
    """None keeps the ledger in SQLite, in the state folder."""
    actor: str = ""
    """Who acts, in decisions and choices; the login name if empty."""
    workers: int | None = Field(default=None, ge=1, le=256)
    """How many processes compose; as many as there are cores if None."""
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAMPANJ_OPENAI_API_KEY", "OPENAI_API_KEY"),
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        validation_alias=AliasChoices("KAMPANJ_OPENAI_BASE_URL", "OPENAI_BASE_URL"),
    )
    openai_organization: str = ""
    openai_project: str = ""
    openai_headers: dict[str, SecretStr] = {}
    openai_text_api: Literal["responses", "chat"] = "responses"
    image_timeout: float = Field(default=300.0, gt=0)
    text_timeout: float = Field(default=120.0, gt=0)
    proxy: SecretStr | None = None
    fault: str = ""
    s3_endpoint_url: str | None = None
    s3_region: str | None = None
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_session_token: SecretStr | None = None
    prefect_auth: SecretStr | None = None
    """``user:password`` of the Prefect server that `kampanj serve` starts; made if None."""
    kill_at: str = Field(default="", pattern=r"^([a-z]+:[1-9][0-9]*)?$")
    """For drills: end this process with SIGKILL when it reaches ``<point>:<count>``."""

    @property
    def database(self) -> str:
        """Return the address of the database."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.resolve() / 'kampanj.db'}"

    @property
    def who(self) -> str:
        """Return who acts."""
        return self.actor or getpass.getuser()

    @property
    def processes(self) -> int:
        """Return how many processes compose."""
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def providers(self) -> ProviderSettings:
        """Return what the providers must be told."""
        shared = set(ProviderSettings.model_fields) & set(type(self).model_fields)
        return ProviderSettings(**{name: getattr(self, name) for name in shared})
