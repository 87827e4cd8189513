"""Adobe Firefly's image models, behind ``ImageJobs``.

Image 4 is asked by size (v3), Image 5 by ratio and resolution (v4). An object composite is no
model of Adobe's, but a service: it keeps a product's picture as it is, and draws a scene around it.
Operations are billed by contract: the price book has no price of ours, and a price file of the
installation must give one.

Shapes: Adobe's OpenAPI document of the Firefly API, ``generate-async``,
``generate-object-composite-async`` and ``status``; pictures to follow:
https://developer.adobe.com/firefly-services/docs/firefly-api/guides/concepts/image-upload
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from cost_tracking.usage import Usage
from providers import errors
from providers.adobe_account import NAME, AdobeAccount, told_code
from providers.errors import Charged, ProviderError
from providers.images.arrived import suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest, Reference
from providers.images.jobs import Pending
from providers.images.polled import (
    ended,
    fetched,
    named,
    stopped,
    taken_in,
    text_at,
    the_only,
    unanswered,
    unknown,
)
from providers.models import ModelTable
from providers.reply import Reply, usual

STRENGTH = 80
"""Of 100: how closely a key visual keeps to the structure of the sketch that was chosen."""
WAIT = 3.0
"""Seconds between two questions; an organization has four requests a minute for new jobs."""
INPUT_REFUSED = frozenset(
    {
        "prompt_unsafe",
        "prompt_entity_denied",
        "reference_image_unsafe_error",
        "input_media_unsafe",
        "legal_error",
        "cai_assertion_violation_error",
    }
)
OUTPUT_REFUSED = frozenset({"image_unsafe"})
CODES: Mapping[str, type[ProviderError]] = {
    "rate_limited": errors.RateLimited,
    "access_error": errors.NotConfigured,
}
GOING_ON = frozenset({"pending", "running", "cancel_pending"})
STOPPED = frozenset({"failed", "cancelled", "canceled", "timeout"})
COMPOSITE = "object_composite"
LEVELS: Mapping[str, int] = {"1MP": 1_048_576, "2.4MP": 2_400_000, "4MP": 4_194_304}
"""Image 5's resolutions in pixels. Adobe names no sizes; what comes back is measured."""
RATIOS: Mapping[str, float] = {
    "1:1": 1.0,
    "4:3": 4 / 3,
    "3:4": 3 / 4,
    "16:9": 16 / 9,
    "9:16": 9 / 16,
}


class FireflyImages:
    """Draws with one of the Firefly models.

    Args:
        account: Who asks, with tokens that end.
        models: What each model can do.

    """

    name = NAME
    repeatable = False

    def __init__(self, account: AdobeAccount, models: ModelTable) -> None:
        self._account = account
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(NAME, "image", model).capabilities

    def submit(self, request: ImageRequest) -> Pending:
        """Hand in one picture, in one request after the one for a token."""
        model = request.model
        suited(NAME, self.capabilities(model), request)
        # A token that this very call has asked for is fresh for all of its requests.
        fresh = not self._account.has_token
        uploaded = [self._uploaded(one, model, fresh=fresh) for one in request.references]
        path, asked = _asked(request, uploaded)
        reply = self._account.api(model).json(
            "POST",
            path,
            asked,
            headers={} if model == COMPOSITE else {"x-model-version": model},
            model=model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise self._refused(reply, model, fresh=fresh)
        poll_url = text_at(reply.data, "statusUrl") or text_at(
            reply.data, "links", "result", "href"
        )
        cancel_url = text_at(reply.data, "cancelUrl") or text_at(
            reply.data, "links", "cancel", "href"
        )
        # Image 5 names the job in its address only.
        job = text_at(reply.data, "jobId") or poll_url.rpartition("/")[2]
        taken_in(reply, NAME, model, job, poll_url)
        return Pending(job, poll_url, wait=WAIT, facts={"cancel_url": cancel_url})

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Ask for a picture, and fetch it at once when it is there."""
        model = request.model
        fresh = not self._account.has_token
        reply = self._account.api(model).json(
            "GET", pending.poll_url, model=model, sent_is_billed=False
        )
        if reply.status == 401:
            raise self._refused(reply, model, fresh=fresh, charged=Charged.MAYBE)
        if not reply.ok:
            raise unanswered(reply, NAME, model, pending.job)
        status = text_at(reply.data, "status")
        if status in GOING_ON:
            return pending
        usage = Usage(model=model, quantities={"operation": Decimal(1)}, receipt=pending.job)
        if status != "succeeded":
            raise _stopped(reply, model, status, usage)
        address = _picture_at(reply, model, usage)
        return fetched(self._account.results, NAME, request, address, reply, usage)

    def cancel(self, pending: Pending) -> bool:
        """Ask for it to be stopped, and say whether it will be."""
        try:
            return stopped(self._account.api(""), "PUT", pending)
        except ProviderError:
            # No token was given to ask with.
            return False

    def close(self) -> None:
        """Close the connections."""
        self._account.close()

    def _uploaded(self, reference: Reference, model: str, *, fresh: bool) -> str:
        """Hand a picture over that a job is to follow, for nothing, and return its name there."""
        reply = self._account.api(model).json(
            "POST",
            "/v2/storage/image",
            raw=(reference.content, reference.media_type),
            model=model,
            sent_is_billed=False,
        )
        if not reply.ok:
            raise self._refused(reply, model, fresh=fresh)
        images = reply.data.get("images")
        first = images[0] if isinstance(images, list) and images else None
        name = text_at(first, "id") if isinstance(first, dict) else ""
        return named(reply, NAME, model, name)

    def _refused(
        self, reply: Reply, model: str, *, fresh: bool, charged: Charged | None = None
    ) -> ProviderError:
        """Return what it means that the API did not take a request in."""
        if reply.status == 401:
            self._account.forget()
            if not fresh:
                said = "the token is not taken any more; a new one is asked for next time"
                return ended(errors.Unavailable, reply, NAME, model, said)
        if reply.status == 403 and reply.headers.get("x-access-error") == "quota_exhausted":
            said = "the contract's operations are used up"
            return ended(errors.QuotaExceeded, reply, NAME, model, said, code="quota_exhausted")
        if reply.status == 451:
            withheld = not OUTPUT_REFUSED.isdisjoint(reply.codes)
            kind = errors.RefusedOutput if withheld else errors.RefusedInput
            code = told_code(reply)
            said = f"451 {code}: {reply.words}"
            maybe = Charged.MAYBE if withheld else None
            return ended(kind, reply, NAME, model, said, code=code, charged=maybe)
        return usual(reply, NAME, model, INPUT_REFUSED, codes=CODES, charged=charged)


def _asked(request: ImageRequest, uploaded: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return where to send a request, and its body, which names the pictures handed over before."""
    common: dict[str, Any] = {
        "prompt": request.prompt,
        "numVariations": 1,
        "seeds": [request.seed],
    }
    sources = [{"source": {"uploadId": name}} for name in uploaded]
    if request.model.startswith("image5"):
        pixels, ratio = request.width * request.height, request.width / request.height
        shape: dict[str, Any] = {
            "resolutionLevel": min(LEVELS, key=lambda name: abs(LEVELS[name] - pixels)),
            "modelId": "firefly_image",
        }
        if sources:
            # It draws in the ratio of what it follows, and takes no other.
            shape["referenceBlobs"] = [{**one, "usage": "general"} for one in sources]
        else:
            shape["aspectRatio"] = min(RATIOS, key=lambda name: abs(RATIOS[name] - ratio))
        return "/v4/images/generate-async", {**common, **shape}
    size = {"size": {"width": request.width, "height": request.height}}
    if request.model == COMPOSITE:
        path = "/v3/images/generate-object-composite-async"
        return path, {**common, **size, "image": sources[0]}
    asked = {**common, **size}
    if sources:
        asked["structure"] = {"strength": STRENGTH, "imageReference": sources[0]}
    return "/v3/images/generate-async", asked


def _picture_at(reply: Reply, model: str, usage: Usage) -> str:
    """Return the address of the one picture of a job that was done, empty where it has none.

    Raises:
        RefusedInput: Words of the prompt were left out, so it is not the picture that was asked
            for; it was drawn, and counts as an operation.
        BadOutput: There is not exactly one.

    """
    result = reply.data.get("result")
    result = result if isinstance(result, dict) else {}
    for flag, said in (
        ("promptHasDeniedWords", "left out words of the prompt that it denies"),
        ("promptHasBlockedArtists", "left out artists of the prompt that it blocks"),
    ):
        if result.get(flag) is True:
            raise ended(
                errors.RefusedInput,
                reply,
                NAME,
                model,
                f"drew, and {said}; word the prompt without them",
                code=flag,
                usage=usage,
                charged=Charged.YES,
            )
    return text_at(the_only(result.get("outputs"), reply, NAME, model, usage), "image", "url")


def _stopped(reply: Reply, model: str, status: str, usage: Usage) -> ProviderError:
    """Return what a job's last status means, told with HTTP 200."""
    code = told_code(reply)
    if code in INPUT_REFUSED:
        said = f"will not draw this prompt: {code}"
        return ended(errors.RefusedInput, reply, NAME, model, said, code=code)
    if code in OUTPUT_REFUSED:
        # Whether a withheld picture counts as an operation is in the contract.
        said = f"drew it and withholds it: {code}"
        maybe = Charged.MAYBE
        return ended(
            errors.RefusedOutput, reply, NAME, model, said, code=code, usage=usage, charged=maybe
        )
    if status in STOPPED:
        said = f"gave the job up: {status} {code}: {reply.words}"
        return ended(errors.JobFailed, reply, NAME, model, said, code=code or status)
    return unknown(reply, NAME, model, status)
