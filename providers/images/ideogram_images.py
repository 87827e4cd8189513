"""Ideogram's image models, behind ``ImageJobs``.

Its answer comes at once, yet holds only an address, which is good for a day. So the purchase and
the fetching are two steps: a fetch that fails is done again for free, by another process too.

Each generation of models is asked otherwise: 4.5 at v2 and with pictures to follow, 4 at v1, and 3
at v1 with a picture of a character, which is a model of its own here since it has its own price.

Shapes: https://developer.ideogram.ai/api-reference/images/generate,
https://developer.ideogram.ai/ideogram-api/responses-and-metadata and
https://developer.ideogram.ai/api-reference/api-reference/generate-v3
"""

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Trace
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.jobs import Pending
from providers.images.media_type import ENDINGS
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest

NAME = "ideogram"
MAX_ANSWER = 80_000_000
"""Bytes: the largest picture, uncompressed, and as much again."""
SPEEDS = {"-turbo": "TURBO", "-quality": "QUALITY"}
"""How the end of a model's name is told to the service, which bills each speed otherwise."""
QUALITIES = {"-low": "low", "-high": "high"}
"""The same for 4.5, which has qualities in place of speeds."""
CHARACTER = "-character"
LAST_SEED = 2_147_483_647


class IdeogramImages:
    """Draws with Ideogram's models, in one paid call a picture.

    Args:
        rest: The account, with its key in a header, and the hosts of its results.
        models: What each model can do.

    """

    name = NAME
    repeatable = False

    def __init__(self, rest: Rest, models: ModelTable) -> None:
        self._rest = rest
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(NAME, "image", model).capabilities

    def submit(self, request: ImageRequest) -> Pending:
        """Buy one picture, drawn from words or after pictures, and return where it lies."""
        suited(NAME, self.capabilities(request.model), request)
        path, asked, field = _asked(request)
        reply = self._rest.json(
            "POST",
            path,
            asked,
            files=[
                (
                    field,
                    (f"picture-{number}.{ENDINGS[one.media_type]}", one.content, one.media_type),
                )
                for number, one in enumerate(request.references, start=1)
            ],
            model=request.model,
            sent_is_billed=True,
        )
        if reply.status == 422:
            # So it answers where the prompt does not pass its safety check, for free.
            asked_of = reply.trace(request.model)
            raise errors.RefusedInput(NAME, f"422: {reply.words}", asked_of, secrets=reply.secrets)
        if not reply.ok:
            raise usual(reply, NAME, request.model)
        receipt = _receipt(reply)
        trace = _trace(request.model, receipt)
        data = reply.data.get("data")
        if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
            count = len(data) if isinstance(data, list) else 0
            raise errors.BadOutput(NAME, f"{count} came where 1 was asked for", trace)
        if data[0].get("is_image_safe") is False:
            said = "the picture did not pass the safety check and is withheld"
            raise errors.RefusedOutput(NAME, said, trace)
        url = data[0].get("url")
        if not isinstance(url, str) or not url:
            raise errors.BadOutput(NAME, "the answer holds no address", trace)
        # Some answers have no number of their own; the picture's name in its address is one.
        return Pending(job=receipt or urlsplit(url).path.rsplit("/")[-1], poll_url=url, wait=0.0)

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer:
        """Fetch a picture that was bought."""
        trace = _trace(request.model, pending.job)
        content = self._rest.fetch(pending.poll_url, trace)
        return arrived(NAME, request, content, _usage(request.model, pending.job), trace)

    def cancel(self, pending: Pending) -> bool:  # noqa: ARG002 - asked of every provider of jobs
        """Say that it is too late: it is drawn before its address is known."""
        return False


def _asked(request: ImageRequest) -> tuple[str, dict[str, Any], str]:
    """Return where to send a request, its fields, and the field of its pictures."""
    model = request.model
    if model.startswith("ideogram-v4.5"):
        return "/v2/image/generate/ideogram-4-5", _asked_at_v2(request), "images"
    ending = next((one for one in SPEEDS if model.endswith(one)), "")
    family = model.removesuffix(ending)
    asked: dict[str, Any] = {
        "resolution": f"{request.width}x{request.height}",
        "rendering_speed": SPEEDS.get(ending, "DEFAULT"),
    }
    if family.startswith("ideogram-v3"):
        # Left to itself it would rewrite the prompt that people chose.
        more = {"prompt": request.prompt, "magic_prompt": "OFF", "num_images": 1}
        asked = {**asked, **more, "seed": request.seed % (LAST_SEED + 1)}
    else:
        asked = {**asked, "text_prompt": request.prompt}
    if family.endswith(CHARACTER):
        family = family.removesuffix(CHARACTER)
        return f"/v1/{family}/generate", asked, "character_reference_images"
    return f"/v1/{family}/{'remix' if request.references else 'generate'}", asked, "image"


def _asked_at_v2(request: ImageRequest) -> dict[str, Any]:
    ending = next((one for one in QUALITIES if request.model.endswith(one)), "")
    return {
        "prompt": request.prompt,
        # Left to itself it would rewrite the prompt that people chose.
        "magic_prompt": "off",
        "num_images": 1,
        "size": f"{request.width}x{request.height}",
        "quality": QUALITIES.get(ending, "medium"),
        "seed": request.seed % (LAST_SEED + 1),
    }


def _receipt(reply: Reply) -> str:
    number = reply.data.get("generation_id")
    return number if isinstance(number, str) and number else reply.request_id


def _usage(model: str, receipt: str) -> Usage:
    return Usage(model=model, quantities={"image": Decimal(1)}, receipt=receipt)


def _trace(model: str, receipt: str) -> Trace:
    return Trace(model=model, status=200, request_id=receipt, usage=_usage(model, receipt))
