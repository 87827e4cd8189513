"""One account at OpenAI, or at a server that speaks like it: its client, and what its errors mean.

Errors are told apart by class and code, never by words in a message.
"""

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
import openai
from pydantic import SecretStr

from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.reply import by_status, seconds_to_wait
from providers.settings import ProviderSettings
from providers.wire import guarded_client, lost

NAME = "openai"
REFUSALS = {
    "moderation_blocked",
    "content_policy_violation",
    "content_filter",
    "contentFilter",
    "ResponsibleAIPolicyViolation",
}
NO_MONEY = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credits_exhausted",
}
NO_MODEL = {"model_not_found", "model_deprecated", "deployment_not_found", "DeploymentNotFound"}
MENDS = {
    "not_configured": "check OPENAI_API_KEY and the address; ",
    "quota": "add money to the account; ",
    "model_gone": "choose another model, see kampanj providers; ",
}


class Account:
    """A ready client for one account.

    Args:
        settings: Address, proxy, headers.
        key: The account's.
        timeout: Seconds for one whole call.
        max_bytes: The longest answer that is read.

    """

    provider = NAME
    """Its name in the registry."""
    mends: Mapping[str, str] = MENDS
    """What to do about an error, by its kind."""

    def __init__(
        self, settings: ProviderSettings, key: SecretStr, *, timeout: float, max_bytes: int
    ) -> None:
        # At DEBUG it writes down each request with its words and its pictures.
        logging.getLogger("openai").setLevel(logging.INFO)
        self._secrets = (*settings.secrets, key.get_secret_value())
        self.client = self._connected(
            settings,
            key.get_secret_value(),
            timeout=httpx2.Timeout(timeout, connect=settings.connect_timeout),
            # The runner retries, and the ledger sees it. A client that also retried would spend
            # money nobody recorded: measured, one timeout bought three images.
            max_retries=0,
            http_client=guarded_client(
                max_bytes=max_bytes,
                connect=settings.connect_timeout,
                deadline=timeout,
                proxy=settings.proxy.get_secret_value() if settings.proxy else None,
            ),
        )

    def _connected(self, settings: ProviderSettings, key: str, **wire: Any) -> openai.OpenAI:
        headers = {
            name: value.get_secret_value() for name, value in settings.openai_headers.items()
        }
        client = openai.OpenAI(
            api_key=key, base_url=settings.openai_base_url, default_headers=headers, **wire
        )
        # The client looks into the environment for what it was not given; only flows may.
        client.organization = settings.openai_organization or None
        client.project = settings.openai_project or None
        client._custom_headers = headers  # noqa: SLF001 - nothing public forgets what it read
        return client

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def body(self, response: httpx2.Response, model: str) -> dict[str, Any]:
        """Return an answer's JSON object.

        Raises:
            BadOutput: It is a web page, cut off, or not an object. Whether the provider was
                reached at all, and billed, nobody can tell from that.

        """
        try:
            # The SDK's own reading returns a string for a page and None for null, as if fine.
            data = response.json()
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            kind = response.headers.get("content-type", "nothing")
            raise self.failed(
                errors.BadOutput,
                f"answered {len(response.content)} bytes of {kind}, which is no JSON object",
                Trace(
                    model=model,
                    status=response.status_code,
                    request_id=response.headers.get("x-request-id", ""),
                ),
                charged=Charged.MAYBE,
            )
        return data

    def failed(
        self,
        kind: type[ProviderError],
        message: str,
        trace: Trace,
        *,
        charged: Charged | None = None,
    ) -> ProviderError:
        """Return an error of ours, without our secrets in it."""
        return kind(self.provider, message, trace, charged=charged, secrets=self._secrets)

    def ours(self, error: openai.OpenAIError, model: str) -> ProviderError:
        """Return what an error of the SDK means, and whether it was charged."""
        if isinstance(error, openai.APIStatusError):
            return self._refused(error, model)
        if isinstance(error, openai.APIConnectionError):
            cause = error.__cause__
            if isinstance(cause, httpx2.TransportError):
                kind, charged, said = lost(cause)
                return self.failed(kind, said, Trace(model=model), charged=charged)
        # What is left was raised while an answer was read, or is new in a release we have not
        # seen: assume that it may have been billed.
        return self.failed(
            errors.OutcomeUnknown, f"{type(error).__name__}: {error}", Trace(model=model)
        )

    def _refused(self, error: openai.APIStatusError, model: str) -> ProviderError:
        status = error.status_code
        code = (error.code or "")[:80]
        if code in REFUSALS:
            kind: type[ProviderError] = errors.RefusedInput
        elif code in NO_MONEY:
            kind = errors.QuotaExceeded
        elif code in NO_MODEL:
            kind = errors.ModelGone
        else:
            kind = by_status(status)
        mend = self.mends.get(kind.kind, "")
        trace = Trace(
            model=model,
            status=status,
            code=code,
            request_id=error.request_id or "",
            retry_after=seconds_to_wait(error.response.headers),
        )
        return self.failed(kind, f"{status} {code}: {mend}{_words(error)}", trace)


def _words(error: openai.APIStatusError) -> str:
    # A page or a dump is not worth a line of the log; the provider's own message is.
    if isinstance(error.body, dict):
        said = error.body.get("message")
        return said if isinstance(said, str) else "it gave no reason"
    return "it answered with no JSON"
