"""What is alike for all who draw slowly: whether they can, and what ends a job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, ProviderError, TryAgain, Unsupported
from providers.images.base import ImageCapabilities, ImageRequest
from providers.reply import Reply, usual


def able(provider: str, capabilities: ImageCapabilities, request: ImageRequest) -> None:
    """Make sure that a model can draw what is asked, before it is sent.

    Raises:
        Unsupported: It cannot; the message says what is lacking.

    """
    lack = capabilities.lack(request)
    if lack:
        trace = errors.Trace(model=request.model)
        raise Unsupported(provider, f"{request.model}: {lack}", trace)


def unanswered(reply: Reply, provider: str, model: str, job: str) -> ProviderError:
    """Return what it means that the question for a job was not answered with 2xx.

    The question is free; the job that it was for may have been billed all the same. So nothing
    that ends the asking is called free.
    """
    if reply.status in {404, 410}:
        return errors.JobLost(
            provider,
            f"{reply.status}: it knows no job {job[:80]} any more",
            reply.trace(model),
            secrets=reply.secrets,
        )
    error = usual(reply, provider, model)
    if isinstance(error, TryAgain):
        return error
    return usual(reply, provider, model, charged=Charged.MAYBE)


def ended(  # noqa: PLR0913 - a fault of a job, with all that is known of it
    kind: type[ProviderError],
    reply: Reply,
    provider: str,
    model: str,
    message: str,
    *,
    code: str = "",
    usage: Usage | None = None,
    charged: Charged | None = None,
) -> ProviderError:
    """Return the error that ended a job, told in an answer that was itself 2xx."""
    trace = replace(reply.trace(model), code=code[:80], usage=usage)
    return kind(provider, message, trace, charged=charged, secrets=reply.secrets)


def text_at(data: Mapping[str, Any], *path: str) -> str:
    """Return the text at a place of an answer, or an empty string.

    >>> text_at({"links": {"result": {"href": "https://a"}}}, "links", "result", "href")
    'https://a'
    """
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
