"""What it means that Gemini did not take a request in, whether it was to draw or to write."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from providers import errors
from providers.errors import ProviderError
from providers.reply import Reply, usual

NAME = "gemini"
# The same status stands for a wrong key and a wrong field, so the reason decides.
NO_RIGHT = {"API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "SERVICE_DISABLED", "BILLING_DISABLED"}
CODES: dict[str, type[ProviderError]] = {
    "FAILED_PRECONDITION": errors.NotConfigured,
    "CANCELLED": errors.OutcomeUnknown,
    "DEADLINE_EXCEEDED": errors.OutcomeUnknown,
}
_SECONDS = re.compile(r"(\d{1,6}(?:\.\d+)?)s")


def refused(reply: Reply, model: str) -> ProviderError:
    """Return what an answer that is not 2xx means, by its details, its code and its status."""
    inner = reply.data.get("error")
    details = tuple(dicts(inner.get("details"))) if isinstance(inner, dict) else ()
    codes = dict(CODES)
    named = reply.codes[0] if reply.codes else ""
    if any(one.get("reason") in NO_RIGHT for one in details):
        codes[named] = errors.NotConfigured
    elif any(_by_day(one) for one in details):
        # A day's quota does not come back within the patience of a run.
        codes[named] = errors.QuotaExceeded
    error = usual(reply, NAME, model, codes=codes)
    wait = next(filter(None, map(_wait, details)), None)
    if error.retry_after is None and wait is not None:
        error.trace = replace(error.trace, retry_after=wait)
    return error


def dicts(found: object) -> Iterator[dict[str, Any]]:
    """Return the objects of a list, and nothing of what is none."""
    yield from (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


def _by_day(detail: dict[str, Any]) -> bool:
    quotas = (one.get("quotaId") for one in dicts(detail.get("violations")))
    return any(isinstance(one, str) and "PerDay" in one for one in quotas)


def _wait(detail: dict[str, Any]) -> float | None:
    """Return the seconds of a ``RetryInfo``, which stands in the body and in no header."""
    found = _SECONDS.fullmatch(str(detail.get("retryDelay", "")))
    return float(found[1]) if found else None
