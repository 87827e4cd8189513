"""Inkwell's pictures, behind ``ImageProvider``. The vendor is invented; the rest is how it is done.

An adapter translates and classifies. It sends one request a call, and never retries, sleeps,
prices, writes files or reads the environment: the runner does, for all providers.
"""

from decimal import Decimal

from cost_tracking.usage import Usage
from providers.errors import Trace, Unsupported
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.reply import usual
from providers.rest import Rest
from providers.settings import ProviderSettings

NAME = "inkwell"
ADDRESS = "https://api.inkwell.example"
MAX_ANSWER = 40_000_000
"""Bytes of the longest answer that is read."""
REFUSALS = frozenset({"will_not_draw"})
QUOTA = frozenset({"out_of_ink"})
CAPABILITIES = ImageCapabilities(
    model="inkwell-1",
    multiple_of=8,
    longest_edge=2048,
    min_pixels=65_536,
    max_pixels=4_194_304,
    max_ratio=4,
    max_prompt=2000,
)
"""What its one model can do. All else is refused before it is sent."""


class InkwellImages:
    """Draws with Inkwell, in one paid call a picture.

    Args:
        rest: The account, with its key in a header.

    """

    name = NAME
    repeatable = False
    default_model = CAPABILITIES.model

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        if model != CAPABILITIES.model:
            known = CAPABILITIES.model
            raise Unsupported(NAME, f"no model {model!r}; known: {known}", Trace(model=model))
        return CAPABILITIES

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture from words."""
        suited(NAME, self.capabilities(request.model), request)
        reply = self._rest.json(
            "POST",
            "v1/drawings",
            {"text": request.prompt, "width": request.width, "height": request.height},
            model=request.model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise usual(reply, NAME, request.model, REFUSALS, QUOTA)
        usage = Usage(
            model=request.model, quantities={"image": Decimal(1)}, receipt=reply.request_id
        )
        trace = Trace(model=request.model, status=reply.status, usage=usage)
        drawing = reply.data.get("drawing")
        # It is held against the request: real format, real pixels; anything else is BadOutput.
        return arrived(NAME, request, drawing if isinstance(drawing, str) else "", usage, trace)


def inkwell(settings: ProviderSettings) -> InkwellImages:
    """Build the provider from ``KAMPANJ_PLUGIN_SETTINGS``, as the entry point says.

    Raises:
        NotConfigured: The key is missing.

    """
    key = settings.plugin(NAME, "key")
    return InkwellImages(
        Rest(
            NAME,
            settings.plugin(NAME, "address", ADDRESS),
            {"Authorization": f"Bearer {key}"},
            timeout=settings.image_timeout,
            max_bytes=MAX_ANSWER,
            connect=settings.connect_timeout,
            proxy=settings.proxy,
            secrets=settings.secrets,
        )
    )
