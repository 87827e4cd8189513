"""Models that Replicate runs, behind ``ImageJobs``: a prediction, asked for until it has ended.

A picture to follow is handed over first, for nothing, and named by its address: an input holds no
more than some hundred kilobytes by itself. A result lies at a public address for an hour. What was
cancelled after it had begun is billed, and what was aborted before is not; whether a failure is,
the answer does not say.

Shapes: https://replicate.com/docs/topics/predictions/lifecycle, https://replicate.com/docs/reference/
http#files.create and each model's own input schema, such as
https://replicate.com/black-forest-labs/flux-2-pro/api
"""

import re
from collections.abc import Mapping
from typing import Any

from providers import errors
from providers.errors import Charged, ProviderError
from providers.images.arrived import suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest, Reference
from providers.images.jobs import Pending
from providers.images.media_type import ENDINGS
from providers.images.megapixels import flux_usage
from providers.images.polled import (
    ended,
    fetched,
    named,
    stopped,
    taken_in,
    text_at,
    unanswered,
    unknown,
)
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest

NAME = "replicate"
MAX_ANSWER = 60_000_000
"""Bytes of the largest picture, uncompressed, and more."""
WAITING = frozenset({"starting", "processing"})
REFUSED = "E005"
"""Among the codes of a failure: the prompt or the picture was flagged as sensitive."""
_CODE = re.compile(r"\bE[0-9]{3,4}\b", re.ASCII)


class ReplicateImages:
    """Draws with a model that Replicate runs.

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
        asked: dict[str, Any] = {
            "prompt": request.prompt,
            "aspect_ratio": "custom",
            "width": request.width,
            "height": request.height,
            "seed": request.seed,
            "output_format": "png",
        }
        if request.references:
            asked["input_images"] = [self._handed_over(one, model) for one in request.references]
        path = f"/v1/models/{model}/predictions"
        reply = self._api.json("POST", path, {"input": asked}, model=model, sent_is_billed=True)
        if not reply.ok:
            raise usual(reply, NAME, model)
        job, poll_url = text_at(reply.data, "id"), text_at(reply.data, "urls", "get")
        taken_in(reply, NAME, model, job, poll_url)
        facts = {"cancel_url": text_at(reply.data, "urls", "cancel")}
        return Pending(job, poll_url, wait=1.0, facts=facts)

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Ask for a picture, and fetch it at once when it is there."""
        model = request.model
        reply = self._api.json("GET", pending.poll_url, model=model, sent_is_billed=False)
        if not reply.ok:
            raise unanswered(reply, NAME, model, pending.job)
        status = text_at(reply.data, "status")
        if status in WAITING:
            return pending
        if status != "succeeded":
            raise _stopped(request, pending.job, reply, status)
        usage = flux_usage(request, pending.job)
        output = reply.data.get("output")
        found = output if isinstance(output, list) else [output]
        if len(found) != 1 or not isinstance(found[0], str) or not found[0]:
            said = "succeeded and does not name one picture"
            raise ended(errors.BadOutput, reply, NAME, model, said, usage=usage)
        return fetched(self._results, NAME, request, found[0], reply, usage)

    def cancel(self, pending: Pending) -> bool:
        """Ask for it to be stopped, and say whether it will be; what had begun is billed."""
        return stopped(self._api, "POST", pending)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._results.close()

    def _handed_over(self, reference: Reference, model: str) -> str:
        """Hand a picture over that a model is to follow, for nothing, and return its address."""
        name = f"{reference.sha256[:16]}.{ENDINGS[reference.media_type]}"
        file = (name, reference.content, reference.media_type)
        reply = self._api.json(
            "POST", "/v1/files", files=[("content", file)], model=model, sent_is_billed=False
        )
        if not reply.ok:
            raise usual(reply, NAME, model)
        return named(reply, NAME, model, text_at(reply.data, "urls", "get"))


ENDS: Mapping[str, tuple[type[ProviderError], Charged, str]] = {
    "failed": (errors.JobFailed, Charged.MAYBE, "gave the job up"),
    "canceled": (errors.JobFailed, Charged.YES, "was told to stop after it had begun"),
    "aborted": (errors.JobFailed, Charged.NO, "did not begin in time"),
}
"""What a prediction's last status means, all told with HTTP 200."""


def _stopped(request: ImageRequest, job: str, reply: Reply, status: str) -> ProviderError:
    if status not in ENDS:
        return unknown(reply, NAME, request.model, status)
    code = next(iter(_CODE.findall(text_at(reply.data, "error"))), "")
    kind, charged, said = ENDS[status]
    if status == "failed" and code == REFUSED:
        kind, said = errors.RefusedInput, "flagged the prompt or its picture as sensitive"
    spent = None if charged is Charged.NO else flux_usage(request, job)
    said = f"{said} {code}".rstrip()
    return ended(
        kind, reply, NAME, request.model, said, code=code or status, usage=spent, charged=charged
    )
