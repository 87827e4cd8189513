"""Stability AI's image models, behind ``ImageProvider``: the v2beta REST API.

Shapes: https://platform.stability.ai/docs/api-reference, ``stable-image/generate`` and
``stable-image/control/structure``.
"""

from decimal import Decimal
from typing import Any

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Trace
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.media_type import ENDINGS
from providers.images.ratios import ratio
from providers.models import ModelTable
from providers.reply import usual
from providers.rest import Rest

NAME = "stability"
MAX_ANSWER = 40_000_000
"""Bytes: base64 of the largest picture, uncompressed, several times over."""
RATIOS = ("1:1", "2:3", "3:2", "4:5", "5:4", "9:16", "16:9", "9:21", "21:9")
LAST_SEED = 4_294_967_294
STRENGTH = "0.6"
"""How far a sketch may be left behind when it is drawn anew: 0 repeats it, 1 forgets it."""
CONTROL = "0.7"
"""How closely the structure service keeps to the sketch: 0 not at all, 1 in every line."""
SD3 = "generate/sd3"
STRUCTURE = "control/structure"
SERVICES = {
    "stable-image-ultra": "generate/ultra",
    "stable-image-core": "generate/core",
    "stable-image-structure": STRUCTURE,
}
"""By model; all others are variants of the service ``SD3``."""
REFUSALS = frozenset({"content_moderation"})
QUOTA = frozenset({"payment_required"})


class StabilityImages:
    """Draws with Stability's models, in one paid call a picture.

    Args:
        rest: The account, with its key in a header.
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

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture from words, or a sketch anew."""
        suited(NAME, self.capabilities(request.model), request)
        service = SERVICES.get(request.model, SD3)
        sketch = [
            ("image", (f"sketch.{ENDINGS[one.media_type]}", one.content, one.media_type))
            for one in request.references
        ]
        reply = self._rest.json(
            "POST",
            f"/v2beta/stable-image/{service}",
            _asked(request, service),
            files=sketch,
            model=request.model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise usual(reply, NAME, request.model, REFUSALS, QUOTA)
        # The answer counts nothing: one picture is one price.
        usage = Usage(
            model=request.model, quantities={"image": Decimal(1)}, receipt=reply.request_id
        )
        trace = Trace(
            model=request.model, status=reply.status, request_id=usage.receipt, usage=usage
        )
        ended = reply.data.get("finish_reason")
        if ended == "CONTENT_FILTERED":
            raise errors.RefusedOutput(NAME, f"{ended}: the picture is withheld", trace)
        if ended not in {None, "SUCCESS"}:
            raise errors.BadOutput(NAME, f"it ended with {str(ended)[:80]}", trace)
        content = reply.data.get("image")
        return arrived(NAME, request, content if isinstance(content, str) else "", usage, trace)


def _asked(request: ImageRequest, service: str) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "prompt": request.prompt,
        "output_format": "png",
        # 0 would leave it to chance, and is what everybody has who sets none.
        "seed": request.seed % (LAST_SEED + 1),
    }
    if service == STRUCTURE:
        # The picture that comes has the pixels of the one that went.
        return {**asked, "control_strength": CONTROL}
    shape = {"aspect_ratio": ratio(request.width, request.height, RATIOS)}
    anew = {"strength": STRENGTH} if request.references else {}
    if service != SD3:
        return {**asked, **shape, **anew}
    asked["model"] = request.model
    if request.references:
        # As above, and it takes no other ratio.
        return {**asked, "mode": "image-to-image", **anew}
    return {**asked, "mode": "text-to-image", **shape}
