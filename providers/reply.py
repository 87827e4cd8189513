"""What a vendor answered over HTTP, and what an answer that is no success means."""

import email.utils
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from providers import errors
from providers.errors import Charged, ProviderError, Trace

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
    "not_configured": "check the key and the address; ",
    "quota": "add money to the account; ",
    "model_gone": "choose another model, see kampanj providers; ",
}
REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-trace-id")


class Part(BaseModel):
    """A part of an answer, read strictly: other types are refused, unknown fields passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


def counted(shape: type[Part], data: object) -> Any:
    """Read a usage block, or return None where it is missing or cannot be true."""
    try:
        return shape.model_validate(data)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    data: dict[str, Any] = field(repr=False)
    """The JSON object; empty where a status that is not 2xx came with anything else."""
    billed: bool = True
    """Whether the request was one that is billed when it is done."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not appear in a message that is made of it."""

    @property
    def ok(self) -> bool:
        """Say whether it was done."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """Return the provider's own number for the request, or an empty string."""
        return next((self.headers[name] for name in REQUEST_IDS if name in self.headers), "")

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the provider's names for the fault, wherever it writes them."""
        inner = self.data.get("error")
        places = [inner] if isinstance(inner, dict) else []
        found = (
            place.get(name)
            for place in (*places, self.data)
            for name in ("code", "status", "type", "name", "error_code")
        )
        return tuple(one[:80] for one in found if isinstance(one, str) and one)

    @property
    def words(self) -> str:
        """Return the provider's own message; a page or a dump is not worth a line of the log."""
        inner = self.data.get("error")
        places = (inner if isinstance(inner, dict) else {}, self.data)
        said = [place.get(name) for place in places for name in ("message", "detail")]
        several = self.data.get("errors")
        said += [inner, *(several if isinstance(several, list) else ())]
        return next((one for one in said if isinstance(one, str) and one), "it gave no reason")

    def trace(self, model: str) -> Trace:
        """Return what it tells a support desk."""
        return Trace(
            model=model,
            status=self.status,
            code=next(iter(self.codes), ""),
            request_id=self.request_id,
            retry_after=seconds_to_wait(self.headers),
        )


def usual(
    reply: Reply,
    provider: str,
    model: str,
    refusals: frozenset[str] = frozenset(),
    quota: frozenset[str] = frozenset(),
    *,
    codes: Mapping[str, type[ProviderError]] | None = None,
    charged: Charged | None = None,
) -> ProviderError:
    """Return what an answer that is not 2xx means, by its code and then by its status.

    Args:
        reply: What was answered.
        provider: Who answered.
        model: Which was asked.
        refusals: Codes of a prompt that the vendor will not draw.
        quota: Codes of an account without money.
        codes: What other codes mean.
        charged: Whether it was billed; None takes what is usual for the kind.

    """
    known = {
        **(codes or {}),
        **dict.fromkeys(quota, errors.QuotaExceeded),
        **dict.fromkeys(refusals, errors.RefusedInput),
    }
    named = [known[code] for code in reply.codes if code in known]
    kind: type[ProviderError] = named[0] if named else by_status(reply.status, billed=reply.billed)
    mend = MENDS.get(kind.kind, "")
    trace = reply.trace(model)
    said = f"{reply.status} {trace.code}: {mend}{reply.words}"
    return kind(provider, said, trace, charged=charged, secrets=reply.secrets)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
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


def by_status(status: int, *, billed: bool = True) -> type[ProviderError]:
    """Return what a status that is not 2xx means, where no code says it better.

    Args:
        status: The status.
        billed: Whether the request is billed when it is done.

    """
    if 300 <= status < 400:
        return errors.NotConfigured
    unknown = errors.OutcomeUnknown if status >= 500 else errors.InvalidRequest
    kind = BY_STATUS.get(status, unknown)
    # A free request that was lost is asked again.
    return errors.Unavailable if kind is errors.OutcomeUnknown and not billed else kind


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
