"""What is alike for all who draw slowly: how a job begins, what ends it, and how it is stopped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, ProviderError, TryAgain
from providers.images.arrived import arrived
from providers.images.base import ImageAnswer, ImageRequest
from providers.images.jobs import Pending
from providers.reply import Reply, usual
from providers.rest import Rest


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


def taken_in(reply: Reply, provider: str, model: str, *told: str) -> None:
    """Make sure that an answer says how to ask for the job that it took in.

    Raises:
        BadOutput: Something of it is not told; the job may be drawn, and billed, all the same.

    """
    if not all(told):
        said = "took it in and did not say where to ask for it"
        raise ended(errors.BadOutput, reply, provider, model, said, charged=Charged.MAYBE)


def named(reply: Reply, provider: str, model: str, name: str) -> str:
    """Return what a vendor calls a picture that it was handed before the job.

    Raises:
        Unavailable: It calls it nothing. No job was handed in, so nothing was charged.

    """
    if not name:
        said = "took a picture in and gave it no name; nothing was drawn"
        raise ended(errors.Unavailable, reply, provider, model, said)
    return name


def unknown(reply: Reply, provider: str, model: str, status: str) -> ProviderError:
    """Return what a status means that no page of the vendor names."""
    said = f"has a status that we do not know: {status[:40]}"
    maybe = Charged.MAYBE
    return ended(errors.BadOutput, reply, provider, model, said, code=status, charged=maybe)


def the_only(
    found: object, reply: Reply, provider: str, model: str, usage: Usage
) -> Mapping[str, Any]:
    """Return what is told of the one picture that a job was to make.

    Raises:
        BadOutput: There is none, or several; what was drawn is paid for.

    """
    several = found if isinstance(found, list) else []
    if len(several) != 1 or not isinstance(several[0], dict):
        said = f"{len(several)} pictures came where 1 was asked for"
        raise ended(errors.BadOutput, reply, provider, model, said, usage=usage)
    one: Mapping[str, Any] = several[0]
    return one


def fetched(
    rest: Rest, provider: str, request: ImageRequest, address: str, reply: Reply, usage: Usage
) -> ImageAnswer:
    """Fetch the picture of a job that is done, without our keys.

    Args:
        rest: Who fetches.
        provider: Whose it is.
        request: What was asked for.
        address: Where the vendor says that it lies; empty where it does not say.
        reply: The answer that named it.
        usage: What it consumed, with the job's own number as its receipt.

    Raises:
        BadOutput: There is no address, it is not the vendor's, or what lies there is no picture of
            the size that was asked for.
        JobLost: It lies there no more.
        Unavailable: It did not come; asking again is free.

    """
    if not address:
        said = "is done and names no picture"
        raise ended(errors.BadOutput, reply, provider, request.model, said, usage=usage)
    trace = errors.Trace(model=request.model, status=200, request_id=usage.receipt, usage=usage)
    return arrived(provider, request, rest.fetch(address, trace), usage, trace)


def stopped(rest: Rest, method: str, pending: Pending) -> bool:
    """Ask at the address that the job was given to stop it, and say whether it will be."""
    address = pending.facts.get("cancel_url")
    if not isinstance(address, str) or not address:
        return False
    try:
        return rest.json(method, address, sent_is_billed=False).ok
    except errors.Unavailable as error:
        # What was stopped may be answered with 200 and nothing, which is no JSON.
        return error.trace.status == 200
    except ProviderError:
        return False


def text_at(data: Mapping[str, Any], *path: str) -> str:
    """Return the text at a place of an answer, or an empty string.

    >>> text_at({"links": {"result": {"href": "https://a"}}}, "links", "result", "href")
    'https://a'
    """
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
