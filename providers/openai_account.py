"""One account at OpenAI, or at a server that speaks like it: its client, and what its errors mean.

Errors are told apart by class and code, never by words in a message.
"""

import email.utils
import math
from typing import Any

import httpx2
import openai
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.settings import ProviderSettings
from providers.wire import guarded_client

NAME = "openai"
REFUSALS = {"moderation_blocked", "content_policy_violation", "content_filter"}
NO_MONEY = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credits_exhausted",
}
NO_MODEL = {"model_not_found", "model_deprecated", "deployment_not_found"}
# No byte of the request left us in these; in all others some may have.
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
BY_STATUS: dict[int, type[ProviderError]] = {
    400: errors.InvalidRequest,
    401: errors.NotConfigured,
    402: errors.QuotaExceeded,
    403: errors.NotConfigured,
    404: errors.ModelGone,
    408: errors.OutcomeUnknown,
    409: errors.OutcomeUnknown,
    410: errors.ModelGone,
    413: errors.InvalidRequest,
    415: errors.InvalidRequest,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
    503: errors.Unavailable,
    529: errors.Unavailable,
}
"""All other 5xx came after the request was taken in: whether it was done, nobody said."""

MENDS = {
    "not_configured": "check OPENAI_API_KEY and the address; ",
    "quota": "add money to the account; ",
    "model_gone": "choose another model, see kampanj providers; ",
}


class Wire(BaseModel):
    """A part of an answer, read strictly: other types are refused, unknown fields passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class Account:
    """A ready client for one account.

    Args:
        settings: Address, proxy, headers.
        key: The account's.
        timeout: Seconds for one whole call.
        max_bytes: The longest answer that is read.

    """

    def __init__(
        self, settings: ProviderSettings, key: SecretStr, *, timeout: float, max_bytes: int
    ) -> None:
        self._secrets = (*settings.secrets, key.get_secret_value())
        headers = {
            name: value.get_secret_value() for name, value in settings.openai_headers.items()
        }
        self.client = openai.OpenAI(
            api_key=key.get_secret_value(),
            base_url=settings.openai_base_url,
            default_headers=headers,
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
        # The client looks into the environment for what it was not given; only flows may.
        self.client.organization = settings.openai_organization or None
        self.client.project = settings.openai_project or None
        self.client._custom_headers = headers  # noqa: SLF001 - nothing public forgets what it read

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
        return kind(NAME, message, trace, charged=charged, secrets=self._secrets)

    def ours(self, error: openai.OpenAIError, model: str) -> ProviderError:
        """Return what an error of the SDK means, and whether it was charged."""
        if isinstance(error, openai.APIStatusError):
            return self._refused(error, model)
        if isinstance(error, openai.APIConnectionError):
            cause = error.__cause__
            if isinstance(cause, NOT_SENT):
                return self.failed(errors.Unavailable, f"not reached: {cause}", Trace(model=model))
            return self.failed(
                errors.OutcomeUnknown,
                f"sent, and no whole answer came back: {cause or error}",
                Trace(model=model),
            )
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
        elif 300 <= status < 400:
            kind = errors.NotConfigured
        else:
            kind = BY_STATUS.get(
                status, errors.OutcomeUnknown if status >= 500 else errors.InvalidRequest
            )
        mend = MENDS.get(kind.kind, "")
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


def seconds_to_wait(headers: httpx2.Headers) -> float | None:
    """Return what Retry-After asks for in seconds, from 0, or None for anything unreadable.

    A date is taken against the answer's own Date, so that no clock of ours is asked.
    """
    text = headers.get("retry-after", "").strip()
    try:
        wait = float(text)
    except ValueError:
        then = _date(text)
        sent = _date(headers.get("date", ""))
        if then is None or sent is None:
            return None
        wait = then - sent
    return max(wait, 0.0) if math.isfinite(wait) else None


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def counted(shape: type[Wire], data: object) -> Any:
    """Read a usage block, or return None where it is missing or cannot be true."""
    try:
        return shape.model_validate(data)
    except ValidationError:
        return None
