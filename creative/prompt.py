"""What a picture's provider is asked for: the brief's idea in one paragraph of plain words."""

from creative.brand import Brand
from creative.brief import Brief

# Text is drawn by the composition, in every script; letters in the picture would be in one.
_ALWAYS_AVOID = ("text, letters, numbers and logos in the picture", "watermarks", "frames")


def image_prompt(brief: Brief, brand: Brand, direction: str) -> str:
    """Return the prompt for one concept's picture.

    The picture is cropped from a strip to a tall story, so it is asked for with one clear subject
    and calm room around it.
    """
    products = ", ".join(product.name for product in brief.products)
    parts = [
        direction.rstrip("."),
        f"A picture for an advertisement to {brief.audience.who}",
        f"What they feel: {brief.audience.insight}" if brief.audience.insight else "",
        f"It may show: {products}" if products else "",
        f"The brand's manner: {brand.tone}" if brand.tone else "",
        f"Colours: {', '.join(brand.colours.palette)}",
        "One clear subject near the middle, calm empty room around it for words set later",
        f"Avoid: {', '.join((*brief.avoid, *_ALWAYS_AVOID))}",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
