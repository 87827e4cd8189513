"""The embedded studio: draws key visuals with Pillow, for nothing, with no key and no network.

Its pictures are placeholders and say so: they let a campaign be laid out, checked and costed
before a model is paid, and are marked so that nobody ships them by mistake.
"""

import hashlib
import random
from decimal import Decimal

from cost_tracking.usage import Usage
from creative.concept import SourceType
from creative.value import canonical
from providers.errors import InvalidRequest, Trace, Unsupported
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest

NAME = "studio"
MODEL = "studio-1"
VERSION = 1
"""Part of every seed: raise it when a scene changes, so that old and new pictures differ openly."""
SHORTEST, LONGEST = 256, 3840
"""The limits of an edge, in pixels."""


class StudioImages:
    """Draws one of its scenes in the brand's colours; the request's index picks which.

    The same request gives the same bytes, in every process, with one version of Pillow.
    """

    name = NAME
    repeatable = True
    default_model = MODEL

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do.

        Raises:
            Unsupported: The studio has no such model.

        """
        if model != MODEL:
            raise Unsupported(NAME, f"no image model {model!r}; it has {MODEL}")
        return ImageCapabilities(
            model=MODEL,
            longest_edge=LONGEST,
            min_pixels=SHORTEST**2,
            max_pixels=LONGEST**2,
            max_ratio=LONGEST / SHORTEST,
            placeholder=True,
        )

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one PNG.

        Raises:
            Unsupported: The model, the size or the prompt is outside its capabilities.
            InvalidRequest: A palette colour is not written as ``#RRGGBB``.

        """
        # A quote asks what the studio can do, and would start later by all of Pillow.
        from providers.images.studio_scenes import SCENES
        from providers.images.studio_scenes.colour import Palette
        from providers.images.studio_scenes.finish import as_png, finish
        from providers.images.studio_scenes.stage import Stage

        trace = Trace(model=request.model)
        lack = self.capabilities(request.model).lack(request) or _too_thin(request)
        if lack:
            raise Unsupported(NAME, lack, trace)
        try:
            palette = Palette.read(request.palette)
        except ValueError as error:
            raise InvalidRequest(NAME, str(error), trace) from error
        stage = Stage((request.width, request.height), palette, _chance(request))
        focus = SCENES[request.index % len(SCENES)](stage)
        if request.again % 2:
            # Seen at a glance to be another one than the one that was turned down.
            focus = stage.turned(focus)
        finish(stage, focus, again=request.again)
        content = as_png(stage.image, f"kampanj {MODEL}")
        receipt = f"studio-{hashlib.sha256(content).hexdigest()[:32]}"
        return ImageAnswer(
            content=content,
            width=request.width,
            height=request.height,
            format="png",
            usage=Usage(model=MODEL, quantities={"image": Decimal(1)}, receipt=receipt),
            source_type=SourceType.ALGORITHMIC,
            placeholder=True,
            focus=(focus[0] / request.width, focus[1] / request.height),
        )


def _too_thin(request: ImageRequest) -> str:
    if min(request.width, request.height) >= SHORTEST:
        return ""
    return f"it draws at least {SHORTEST} pixels on an edge, not {request.width}x{request.height}"


def _chance(request: ImageRequest) -> random.Random:
    # The palette is left out: a brand that changes a colour keeps its compositions.
    facts = [
        VERSION,
        request.prompt,
        request.seed,
        request.width,
        request.height,
        request.index,
    ]
    seed = int.from_bytes(hashlib.sha256(canonical(facts)).digest())
    return random.Random(seed)  # noqa: S311 - it places clouds, and guards nothing
