"""What a FLUX picture consumes, wherever it is drawn: it is billed by the megapixel begun."""

from decimal import ROUND_CEILING, Decimal

from cost_tracking.money import Money
from cost_tracking.usage import Usage
from providers.images.base import ImageRequest

MEGAPIXEL = 1024 * 1024


def flux_usage(request: ImageRequest, receipt: str, reported: Money | None = None) -> Usage:
    """Return what a picture consumed.

    Args:
        request: What was drawn.
        receipt: The provider's own number for it.
        reported: What the provider itself said that it charged.

    """
    pixels = Decimal(request.width * request.height)
    quantities = {
        "image": Decimal(1),
        "output_megapixel": (pixels / MEGAPIXEL).to_integral_value(ROUND_CEILING),
    }
    # Pictures to follow are billed by pixels that we do not count; without the vendor's own figure
    # the most that was reserved is the honest one.
    unknown = reported is None and request.references
    return Usage(
        model=request.model,
        quantities={} if unknown else quantities,
        receipt=receipt,
        reported=reported,
    )
