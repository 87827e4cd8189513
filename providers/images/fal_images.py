"""Models that fal runs, behind ``ImageJobs``: its queue, asked where its answers say.

A result is told with the status and the body that the model gave, so an error of the model is told
apart from one of the question by fal's own marks. fal tries again by itself, up to ten times, what
its runners lose; it bills none of that, nor any answer from 500 on.

Shapes: https://fal.ai/docs/api-reference/inference-api/openapi/queue.json,
https://fal.ai/docs/documentation/model-apis/request-errors.md and
https://fal.ai/docs/model-api-reference/image-generation-api/flux-2-pro.md
"""

import base64
from typing import Any

from providers import errors
from providers.errors import Charged, ProviderError
from providers.images.arrived import suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.jobs import Pending
from providers.images.megapixels import flux_usage
from providers.images.polled import (
    ended,
    fetched,
    stopped,
    taken_in,
    text_at,
    the_only,
    unanswered,
    unknown,
)
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest

NAME = "fal"
MAX_ANSWER = 60_000_000
"""Bytes of the largest picture, uncompressed, and more."""
WAITING = frozenset({"IN_QUEUE", "IN_PROGRESS"})
REFUSED = "content_policy_violation"


class FalImages:
    """Draws with a model that fal runs.

    Args:
        api: The account, with its key in a header.
        results: Fetches without it, since results lie on hosts that may not see the key.
        models: What each model can do.

    """

    name = NAME
    repeatable = False

    def __init__(self, api: Rest, results: Rest, models: ModelTable) -> None:
        self._api = api
        self._results = results
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(NAME, "image", model).capabilities

    def submit(self, request: ImageRequest) -> Pending:
        """Hand in one picture."""
        model = request.model
        suited(NAME, self.capabilities(model), request)
        path = f"/{model}/edit" if request.references else f"/{model}"
        reply = self._api.json("POST", path, _asked(request), model=model, sent_is_billed=True)
        if not reply.ok:
            raise usual(reply, NAME, model)
        job = text_at(reply.data, "request_id")
        status_url, response_url = (
            text_at(reply.data, name) for name in ("status_url", "response_url")
        )
        taken_in(reply, NAME, model, job, status_url, response_url)
        facts = {"response_url": response_url, "cancel_url": text_at(reply.data, "cancel_url")}
        return Pending(job, status_url, wait=1.0, facts=facts)

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Ask for a picture, and fetch it at once when it is there."""
        model = request.model
        reply = self._api.json("GET", pending.poll_url, model=model, sent_is_billed=False)
        if not reply.ok:
            raise unanswered(reply, NAME, model, pending.job)
        status = text_at(reply.data, "status")
        if status in WAITING:
            return pending
        if status != "COMPLETED":
            raise unknown(reply, NAME, model, status)
        address = str(pending.facts.get("response_url", ""))
        result = self._api.json("GET", address, model=model, sent_is_billed=False)
        if not result.ok:
            raise _failed(result, model, pending.job)
        usage = flux_usage(request, pending.job)
        one = the_only(result.data.get("images"), result, NAME, model, usage)
        return fetched(self._results, NAME, request, text_at(one, "url"), result, usage)

    def cancel(self, pending: Pending) -> bool:
        """Take it out of the queue; what runs already is drawn, and billed."""
        return stopped(self._api, "PUT", pending)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._results.close()


def _asked(request: ImageRequest) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "prompt": request.prompt,
        "image_size": {"width": request.width, "height": request.height},
        "seed": request.seed,
        "output_format": "png",
    }
    if request.references:
        asked["image_urls"] = [
            f"data:{one.media_type};base64,{base64.b64encode(one.content).decode()}"
            for one in request.references
        ]
    return asked


def _failed(reply: Reply, model: str, job: str) -> ProviderError:
    """Return what it means that a job's result is an error.

    An answer from 500 on is the job's where fal marks it so, and is then never billed; unmarked, it
    says that the question was not answered. One of 422 may be billed.
    """
    types = _types(reply.data.get("detail"))
    marked = reply.headers.get("x-fal-error-type", "") or text_at(reply.data, "error_type")
    code = next(iter(filter(None, (*types, marked))), "")
    if REFUSED in types:
        said = "will not draw this prompt, or withholds what it drew"
        maybe = Charged.MAYBE
        return ended(errors.RefusedInput, reply, NAME, model, said, code=code, charged=maybe)
    if reply.status >= 500 and code:
        said = f"gave the job up: {code[:80]}"
        free = Charged.NO
        return ended(errors.JobFailed, reply, NAME, model, said, code=code, charged=free)
    if reply.status == 422:
        said = f"could not draw it: {code[:80] or reply.words}"
        maybe = Charged.MAYBE
        return ended(errors.InvalidRequest, reply, NAME, model, said, code=code, charged=maybe)
    return unanswered(reply, NAME, model, job)


def _types(detail: object) -> list[str]:
    """Return fal's names for what is wrong with an input; a text in their place is for people."""
    found = detail if isinstance(detail, list) else []
    return [text_at(one, "type") for one in found if isinstance(one, dict)]
