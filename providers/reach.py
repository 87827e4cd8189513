"""Asks each vendor something that is free and needs the key, so that a key can be proved early."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from providers.errors import NotConfigured, ProviderError
from providers.reply import usual
from providers.rest import Rest
from providers.settings import ProviderSettings

PATIENCE = 10.0
"""Seconds for one answer; who is slower is called unreachable."""
MAX_ANSWER = 5_000_000


@dataclass(frozen=True)
class _Question:
    """A request that costs nothing."""

    address: Callable[[ProviderSettings], str]
    path: str
    key: Callable[[ProviderSettings], SecretStr | None]
    header: str = "Authorization"
    scheme: str = ""
    needs_key: bool = True
    known: int = 0
    """The status that says that the key is known, and may not see this; 0 where there is none."""


def _deepl(told: ProviderSettings) -> str:
    key = told.deepl_api_key.get_secret_value() if told.deepl_api_key else ""
    return told.deepl_free_base_url if key.endswith(":fx") else told.deepl_base_url


QUESTIONS: Mapping[str, _Question] = {
    "openai": _Question(
        lambda told: told.openai_base_url,
        "models",
        lambda told: told.openai_api_key,
        scheme="Bearer ",
    ),
    "azure-openai": _Question(
        lambda told: told.azure_openai_endpoint,
        "openai/models?api-version=2024-10-21",
        lambda told: told.azure_openai_api_key,
        header="api-key",
    ),
    "gemini": _Question(
        lambda told: told.gemini_base_url,
        "v1beta/models?pageSize=1",
        lambda told: told.gemini_api_key,
        header="x-goog-api-key",
    ),
    "stability": _Question(
        lambda told: told.stability_base_url,
        "v1/user/balance",
        lambda told: told.stability_api_key,
        scheme="Bearer ",
    ),
    "bfl": _Question(
        lambda told: told.bfl_base_url,
        "v1/credits",
        lambda told: told.bfl_api_key,
        header="x-key",
    ),
    "fal": _Question(
        lambda told: told.fal_platform_url,
        "v1/models/pricing?endpoint_id=fal-ai/flux-2-pro",
        lambda told: told.fal_api_key,
        scheme="Key ",
    ),
    "replicate": _Question(
        lambda told: told.replicate_base_url,
        "v1/account",
        lambda told: told.replicate_api_key,
        scheme="Bearer ",
    ),
    "deepl": _Question(
        _deepl, "v2/usage", lambda told: told.deepl_api_key, scheme="DeepL-Auth-Key "
    ),
    # A key whose owner is no administrator is answered with 404, and a wrong one with 401.
    "ideogram": _Question(
        lambda told: told.ideogram_base_url,
        "v2/account/usage",
        lambda told: told.ideogram_api_key,
        header="Api-Key",
        known=404,
    ),
    "comfyui": _Question(
        lambda told: told.comfyui_base_url, "system_stats", lambda _told: None, needs_key=False
    ),
}
"""By provider: those who are asked by one request with the key in a header.

Ideogram's: https://developer.ideogram.ai/api-reference/account/usage.md
"""


def _adobe(told: ProviderSettings) -> str:
    """Ask for a token, which is given for nothing."""
    from providers.adobe_account import AdobeAccount

    if told.firefly_client_secret is None:
        raise NotConfigured("firefly", "set KAMPANJ_FIREFLY_CLIENT_SECRET")
    quick = told.model_copy(update={"image_timeout": PATIENCE})
    account = AdobeAccount(quick, told.firefly_client_id, told.firefly_client_secret)
    try:
        account.api("")
    finally:
        account.close()
    return "gave a token, and so knows the credential"


def _aws(told: ProviderSettings) -> str:
    """Ask whose keys these are, which everybody may who has any; what they may do is not asked."""
    from providers.aws_account import AwsAccount

    there = told.model_copy(update={"aws_region": told.aws_region or told.bedrock_image_region})
    account = AwsAccount(
        "aws", "sts", there, told.sts_endpoint_url, timeout=PATIENCE, max_bytes=MAX_ANSWER
    )
    try:
        answer = account.call("get_caller_identity", "", {})
    finally:
        account.close()
    return f"answers, and knows the keys of account {str(answer.get('Account', ''))[:12]}"


_OTHERS: Mapping[str, Callable[[ProviderSettings], str]] = {
    "aws-translate": _aws,
    "bedrock": _aws,
    "firefly": _adobe,
}
ASKED = tuple(sorted({*QUESTIONS, *_OTHERS}))
"""Everyone who can be asked."""


_AMAZON = ("aws_", "bedrock_", "translate_", "sts_")


def of(name: str, setting: str) -> bool:
    """Say whether a setting is of a provider's account.

    >>> of("azure-openai", "azure_openai_endpoint"), of("openai", "azure_openai_endpoint")
    (True, False)
    """
    starts = _AMAZON if _OTHERS.get(name) is _aws else (f"{name.replace('-', '_')}_",)
    return setting.startswith(starts)


def reach(name: str, settings: ProviderSettings) -> str:
    """Ask one provider whether it knows our key, and say what it answered.

    Args:
        name: A provider of ``ASKED`` that lacks nothing.
        settings: With its key and address.

    Raises:
        ProviderError: It does not, or was not reached. Nothing was charged.

    """
    if name in _OTHERS:
        return _OTHERS[name](settings)
    question = QUESTIONS[name]
    key = question.key(settings)
    secret = key.get_secret_value() if key else ""
    headers = {question.header: f"{question.scheme}{secret}"} if question.needs_key else {}
    rest = Rest(
        name,
        question.address(settings),
        headers,
        timeout=PATIENCE,
        max_bytes=MAX_ANSWER,
        connect=settings.connect_timeout,
        proxy=settings.proxy,
        secrets=(secret, *settings.secrets),
    )
    try:
        reply = rest.json("GET", question.path, sent_is_billed=False)
    finally:
        rest.close()
    if question.known and reply.status == question.known:
        return "answers, and knows the key, which is no administrator's"
    if not reply.ok:
        error: ProviderError = usual(reply, name, "")
        raise error
    return "answers, and knows the key" if question.needs_key else "answers"
