"""Black Forest Labs' FLUX models, behind ``ImageJobs``.

A job is asked for where its answer said, since each region keeps its own; the key goes to no
other host. Its result lies at a signed address for ten minutes.

Shapes: https://docs.bfl.ai/api-reference/utility/get-result and
https://docs.bfl.ai/api_integration/errors.md
"""

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from cost_tracking.money import Money
from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged
from providers.images.arrived import suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.jobs import Pending
from providers.images.megapixels import flux_usage
from providers.images.polled import ended, fetched, taken_in, text_at, unanswered, unknown
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest

NAME = "bfl"
CREDIT = Decimal("0.01")
"""US dollars. Source: https://docs.bfl.ai/quick_start/pricing.md"""
MAX_ANSWER = 60_000_000
"""Bytes of the largest picture, uncompressed, and more."""
MOST_CREDITS = Decimal(10_000)
"""A hundred dollars for a picture is no price, and is not believed."""


class BflImages:
    """Draws with one of the FLUX models.

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
        """Hand in one picture; its answer says what it costs."""
        suited(NAME, self.capabilities(request.model), request)
        asked: dict[str, Any] = {
            "prompt": request.prompt,
            "width": request.width,
            "height": request.height,
            "seed": request.seed,
            "output_format": "png",
        }
        for number, one in enumerate(request.references, start=1):
            field = "input_image" if number == 1 else f"input_image_{number}"
            asked[field] = base64.b64encode(one.content).decode()
        model = request.model
        reply = self._api.json("POST", f"/v1/{model}", asked, model=model, sent_is_billed=True)
        if not reply.ok:
            raise usual(reply, NAME, model)
        job, poll_url = text_at(reply.data, "id"), text_at(reply.data, "polling_url")
        taken_in(reply, NAME, model, job, poll_url)
        facts: dict[str, JsonValue] = {}
        cost = _credits(reply.data.get("cost"))
        if cost is not None:
            facts["credits"] = str(cost)
        return Pending(job, poll_url, wait=1.0, facts=facts)

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Ask for a picture, and fetch it at once when it is there."""
        model = request.model
        reply = self._api.json("GET", pending.poll_url, model=model, sent_is_billed=False)
        if not reply.ok:
            raise unanswered(reply, NAME, model, pending.job)
        usage = _usage(request, pending, reply)
        status = text_at(reply.data, "status")
        if status == "Pending":
            return pending
        if status != "Ready":
            raise _ended(reply, model, status, usage)
        sample = text_at(reply.data, "result", "sample")
        return fetched(self._results, NAME, request, sample, reply, usage)

    def cancel(self, pending: Pending) -> bool:  # noqa: ARG002 - there is no way to stop a job
        """Return False: what was handed in is drawn."""
        return False

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._results.close()


ENDS: Mapping[str, tuple[type[errors.ProviderError], Charged, str]] = {
    "Request Moderated": (errors.RefusedInput, Charged.NO, "will not draw this prompt"),
    "Content Moderated": (errors.RefusedOutput, Charged.YES, "drew it and withholds it"),
    "Error": (errors.JobFailed, Charged.MAYBE, "gave the job up"),
    "Task not found": (errors.JobLost, Charged.MAYBE, "knows the job no more"),
}
"""What a job's last status means, all told with HTTP 200."""


def _ended(reply: Reply, model: str, status: str, usage: Usage) -> errors.ProviderError:
    if status not in ENDS:
        return unknown(reply, NAME, model, status)
    kind, charged, said = ENDS[status]
    return ended(kind, reply, NAME, model, said, code=status, usage=usage, charged=charged)


def _usage(request: ImageRequest, pending: Pending, reply: Reply) -> Usage:
    """Return what a picture consumed, with the price that the provider itself named."""
    result = reply.data.get("result")
    places = (result if isinstance(result, dict) else {}, reply.data, pending.facts)
    said = (_credits(place.get(name)) for place in places for name in ("cost", "credits"))
    cost = next((one for one in said if one is not None), None)
    reported = None if cost is None else Money.of(cost * CREDIT, "USD")
    return flux_usage(request, pending.job, reported)


def _credits(said: object) -> Decimal | None:
    """Read a number of credits, or return None for what cannot be one."""
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        much = Decimal(str(said))
    except ArithmeticError:
        return None
    return much if much.is_finite() and 0 < much <= MOST_CREDITS else None
