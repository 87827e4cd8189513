"""Art directions: what a writer is asked for so that several distinct concepts can be drawn."""

from creative.brand import Brand
from creative.brief import Brief
from providers.writing.base import TextAnswer, TextRequest
from providers.writing.shape import closed

TASK = "directions"
_WORDING = frozenset({"headline", "body", "palette", "prohibited"})
"""What of the facts an idea outlives: the words beside it, what those may not say, and the colours,
which are asked of the picture itself."""
LONGEST = 600
"""Characters of one direction, which becomes a part of a picture's prompt."""
INSTRUCTIONS = (
    "You are an art director. Write as many art directions for one advertising picture as the "
    "facts ask for in count. Each is one English sentence of 20 to 60 words that names the scene, "
    "the composition, the light and the mood, and leaves a calm area for text that is added "
    "later. Each must differ from the others, and from those in taken, in all four. Show no "
    "words, letters, logos or interface in the picture, nothing that the facts list under avoid, "
    "and promise nothing that the facts list under prohibited."
)


def directions_request(
    brief: Brief, brand: Brand, count: int, model: str, *, max_output_tokens: int = 4096
) -> TextRequest:
    """Return the request for art directions beside those that the brief already gives.

    Args:
        brief: What is asked for; what people wrote in it goes along as data.
        brand: Whom it is for.
        count: How many to write, from 1.
        model: The writer's model.
        max_output_tokens: The longest answer, with the model's reasoning in it.

    """
    return TextRequest(
        model=model,
        task=TASK,
        instructions=INSTRUCTIONS,
        facts={
            "count": count,
            "brand": brand.display_name,
            "tone": brand.tone,
            "palette": list(brand.colours.palette),
            "objective": brief.objective,
            "audience": brief.audience.who,
            "insight": brief.audience.insight,
            "headline": brief.messaging.headline,
            "body": brief.messaging.body,
            "products": [product.name for product in brief.products],
            "avoid": list(brief.avoid),
            "prohibited": list(brief.compliance.prohibited_claims),
            "taken": list(brief.concepts.directions),
        },
        schema=closed(
            {
                "directions": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": count,
                    "maxItems": count,
                }
            }
        ),
        max_output_tokens=max_output_tokens,
    )


def ideas(request: TextRequest) -> dict[str, object]:
    """Return what of a request for directions decides about the ideas, for a fingerprint.

    A line that is worded otherwise leaves the ideas as they are, and so every picture.
    """
    facts = {name: value for name, value in request.facts.items() if name not in _WORDING}
    return {**request.asked(), "facts": facts}


def directions_in(answer: TextAnswer, count: int) -> tuple[str, ...]:
    """Return the directions of an answer, each on one line and of bounded length.

    Raises:
        ValueError: There are not this many, or two are the same.

    """
    lines = tuple(_line(one) for one in answer.data["directions"])
    if len(lines) != count or len(set(map(str.casefold, lines))) != count or not all(lines):
        raise ValueError(f"{len(set(lines))} distinct directions came where {count} were asked for")
    return lines


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
