"""The environment, read once into one frozen model; nothing else asks for it."""

import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, get_origin

from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from providers.settings import ProviderSettings

PREFIX = "KAMPANJ_"
_JSON = (Mapping, tuple)
"""The kinds of fields that are written as JSON."""


def project() -> Path:
    """Return the nearest folder with ``.git`` or ``kampanj.toml``, or the present one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists() or (folder / "kampanj.toml").is_file():
            return folder
    return here


class BadSettings(ValueError):
    """A variable of the environment holds what cannot be used; each is named with its mend."""


class Settings(ProviderSettings):
    """What this installation was told; every field is a variable ``KAMPANJ_<NAME>``.

    A list or a mapping is written as JSON. A field with a validation alias is the variable of that
    name instead. What providers must be told stands in ``ProviderSettings``, and is read in the
    same way.
    """

    # A fault names the field, from which we tell the variable that was set.
    model_config = ConfigDict(validate_by_name=True, loc_by_alias=False)

    home: Path = Field(default_factory=lambda: project() / ".kampanj")
    """The state folder: the database, what was paid for, what was drawn. By default it lies in
    the project, wherever in it a command is given."""
    briefs: Path = Field(default_factory=lambda: project() / "briefs")
    """The project's folder of briefs, where those are kept that come by a form or from a bucket."""
    database_url: SecretStr | None = None
    """None keeps the ledger in SQLite, in the state folder."""
    actor: str = ""
    """Who acts, in decisions and choices; the login name if empty."""
    workers: int | None = Field(default=None, ge=1, le=256)
    """How many processes compose; as many as there are cores if None."""
    prices: Path | None = None
    """A price file of this installation: more entries, and others in place of ours."""
    policy: Path | None = None
    """A policy file of this installation, which tells working from non-working in place of ours."""
    books_currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    """The currency that the books are kept in; entries in another one say what they are in it."""
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAMPANJ_OPENAI_API_KEY", "OPENAI_API_KEY"),
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        validation_alias=AliasChoices("KAMPANJ_OPENAI_BASE_URL", "OPENAI_BASE_URL"),
    )
    openai_admin_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAMPANJ_OPENAI_ADMIN_KEY", "OPENAI_ADMIN_KEY"),
    )
    people: Path | None = None
    """The signed file that says who may do what; None trusts whoever uses this machine."""
    password: SecretStr | None = None
    """Of ``actor``, where there is a people file; the command line asks for it otherwise."""
    new_password: SecretStr | None = None
    """For `kampanj people add`, which asks for it twice otherwise."""
    checkpoints: Path | None = None
    """Where the ends of the decision logs are published: best where whoever can write to the
    database cannot write. None takes a folder in the state folder."""
    page_url: str = Field(default="", pattern=r"^(https?://[^\s<>\"'()]{1,200})?$")
    """Where browsers find the review page, such as ``https://review.example.com``: a proxy there
    leads to `kampanj review serve`. Empty for loopback."""
    oidc_issuer: str = Field(default="", pattern=r"^(https?://[^\s?#]{1,300})?$")
    """The organization's identity provider, as it names itself. Empty where there is none."""
    oidc_client_id: str = ""
    """The name under which the review page is known there."""
    oidc_client_secret: SecretStr | None = None
    """None where it knows us by PKCE alone."""
    oidc_scope: str = "openid profile"
    oidc_groups_claim: str = "groups"
    """The claim of its ID token that lists a person's groups."""
    oidc_roles: Mapping[str, tuple[str, ...]] = {}
    """Roles by group, as JSON: ``{"se-marketing": ["approve:SE", "choose"]}``. Who is in the people
    file by their subject (``oidc``) has the roles that stand there."""
    oidc_label: str = Field(default="Sign in with your organization", min_length=1, max_length=80)
    prefect_auth: SecretStr | None = None
    """``user:password`` of the Prefect server that `kampanj serve` starts; made if None."""
    prefect_api_url: str = Field(default="", validation_alias="PREFECT_API_URL")
    """The Prefect server that goes on with runs; empty where none was named."""
    prefect_home: Path = Field(
        default_factory=lambda: Path.home() / ".prefect", validation_alias="PREFECT_HOME"
    )
    """Where Prefect's own profiles may name one."""
    reminder_webhook: SecretStr | None = None
    """Where reminders of what waits for people are posted, as JSON with a ``text``; None only logs
    them. https, or http on this machine."""
    kill_at: str = Field(default="", pattern=r"^([a-z]+:[1-9][0-9]*)?$")
    """For drills: end this process with SIGKILL when it reaches ``<point>:<count>``."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**_told(), **given})

    @field_validator("oidc_roles")
    @classmethod
    def _known_roles(cls, roles: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        from review.access.roles import Grant

        for one in (role for held in roles.values() for role in held):
            Grant.parse(one)
        return roles

    @model_validator(mode="after")
    def _known_there(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("KAMPANJ_OIDC_ISSUER is set, and KAMPANJ_OIDC_CLIENT_ID is not")
        return self

    @property
    def asks_who(self) -> bool:
        """Say whether people show who they are; if not, whoever uses the machine has every role."""
        return bool(self.people or self.oidc_issuer)

    @field_validator("reminder_webhook")
    @classmethod
    def _posted_to(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            # Imported only where there is one: a client takes long to import.
            from flows.webhook import check

            check(url.get_secret_value())
        return url

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
        told = {name: getattr(self, name) for name in ProviderSettings.model_fields}
        # Each was validated as a field of ours.
        return ProviderSettings.model_construct(**told)


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        BadSettings: Something in it cannot be used. No value is repeated: it may be a key.

    """
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(map(_said, error.errors()))) from None


def _told() -> dict[str, Any]:
    """Return what the environment says, by field.

    Raises:
        BadSettings: A list or a mapping is not JSON.

    """
    # As shells on Windows have it, the case of a variable's name means nothing.
    environment = {name.lower(): value for name, value in os.environ.items()}
    told: dict[str, Any] = {}
    faults: list[str] = []
    for name, field in Settings.model_fields.items():
        variable = next((one for one in _variables(name, field) if one.lower() in environment), "")
        if not variable:
            continue
        said = environment[variable.lower()]
        try:
            told[name] = json.loads(said) if get_origin(field.annotation) in _JSON else said
        except ValueError:
            # Its message may repeat the text, which may be a key.
            faults.append(
                f'{variable}: this is no JSON; write an object, such as {{"name": "value"}}'
            )
    if faults:
        raise BadSettings("\n".join(faults))
    return told


def _said(fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:
        # Of several variables together: it names them itself.
        return f"{message}; set it anew, or unset the other"
    name, *inside = map(str, fault["loc"])
    at = f" at {'.'.join(inside)}" if inside else ""
    return f"{_variable(name)}{at}: {message}; set it anew, or unset it"


def _variable(name: str) -> str:
    """Return the variable that a field was read from, whichever of its names is set."""
    field = Settings.model_fields.get(name)
    known = _variables(name, field) if field else (name,)
    return next((one for one in known if one in os.environ), known[-1])


def _variables(name: str, field: FieldInfo) -> tuple[str, ...]:
    """Return the variables that a field is read from, the first that is set."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(map(str, alias.choices))
    return (alias,) if isinstance(alias, str) else (f"{PREFIX}{name.upper()}",)
