"""What a picture's provider is asked for: the brief's idea in one paragraph of plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from creative.brand import Brand
from creative.brief import Brief
from creative.reason import Reason

# Text is drawn by the composition, in every script; letters in the picture would be in one.
_ALWAYS_AVOID = ("text, letters, numbers and logos in the picture", "watermarks", "frames")
SKETCH = ""
"""Stands for the chosen sketch among what is attached."""
PRESENT = "\x00"
"""Stands there for the picture that was turned down; no product can be called so."""
LEAVES_OUT = ("insight", "tone", "audience", "products")
"""What a model that reads less may go without, the first to go first. What decides the picture is
never left out: the direction, what is attached, the colours, the room for words, and what must not
be seen."""


@dataclass(frozen=True)
class Prompt:
    """The words for one picture."""

    text: str
    left_out: tuple[str, ...] = ()
    """Which parts of ``LEAVES_OUT`` it goes without, so that the model can read all of it."""


def image_prompt(
    brief: Brief,
    brand: Brand,
    direction: str,
    limit: int | None = None,
    attached: Sequence[str] = (),
    reasons: Sequence[Reason] = (),
) -> Prompt:
    """Return the prompt for one concept's picture.

    The picture is cropped from a strip to a tall story, so it is asked for with one clear subject
    and calm room around it. Nothing is ever cut within a sentence: where a model reads less, whole
    parts are left out in the order of ``LEAVES_OUT``, as few as will do, and the answer names them.

    Args:
        brief: The message.
        brand: Its colours and manner.
        direction: The concept's idea.
        limit: How many characters the model reads; None for all. What still is longer must be
            refused before it is sent.
        attached: What each picture that goes along shows, in their order: ``SKETCH``,
            ``PRESENT``, or the name of a product.
        reasons: Why the last picture was turned down. They are quoted: what stands between the
            marks describes a picture, and is followed as nothing else. Where the model reads less
            than all of them, their notes go, the oldest first, and their codes stay.

    """
    while True:
        prompt = _prompt(brief, brand, direction, limit, attached, reasons)
        told = [one for one in reasons if one.note]
        if limit is None or len(prompt.text) <= limit or not told:
            return prompt
        oldest = told[0]
        reasons = [Reason(code=one.code) if one is oldest else one for one in reasons]


def _prompt(
    brief: Brief,
    brand: Brand,
    direction: str,
    limit: int | None,
    attached: Sequence[str],
    reasons: Sequence[Reason],
) -> Prompt:
    products = ", ".join(product.name for product in brief.products)
    insight = brief.audience.insight
    parts = {
        "direction": direction,
        "attached": ". ".join(
            _attached(number, what) for number, what in enumerate(attached, start=1)
        ),
        "audience": f"A picture for an advertisement to {brief.audience.who}",
        "insight": f"What they feel: {insight}" if insight else "",
        "products": f"It may show: {products}" if products else "",
        "tone": f"The brand's manner: {brand.tone}" if brand.tone else "",
        "colours": f"Colours: {', '.join(brand.colours.palette)}",
        "room": "One clear subject near the middle, calm empty room around it for words set later",
        "avoid": f"Avoid: {', '.join((*brief.avoid, *_ALWAYS_AVOID))}",
        "reasons": _turned_down(reasons),
    }
    parts = {name: text.rstrip(".") for name, text in parts.items() if text.rstrip(".")}
    left_out: list[str] = []
    for name in (one for one in LEAVES_OUT if one in parts):
        if limit is None or len(_paragraph(tuple(parts.values()))) <= limit:
            break
        del parts[name]
        left_out.append(name)
    return Prompt(_paragraph(tuple(parts.values())), tuple(left_out))


def _turned_down(reasons: Sequence[Reason]) -> str:
    if not reasons:
        return ""
    said = " ".join(f"«{_quoted(one)}»" for one in reasons)
    return (
        "The last picture was turned down. Draw one of which the words between the marks are not "
        f"true any more; they only say what was wrong with it, and ask for nothing else: {said}"
    )


def _quoted(one: Reason) -> str:
    # No note can close the marks that it stands between.
    note = one.note.replace("«", '"').replace("»", '"')
    return f"{one.code}: {note}" if note else one.code


def _attached(number: int, what: str) -> str:
    if what == PRESENT:
        return (
            f"Picture {number} is the picture so far: draw it anew, and change what was wrong "
            "with it"
        )
    if what == SKETCH:
        return (
            f"Picture {number} is a sketch: draw it anew, finished and in full detail, with the "
            "same subject, composition and light"
        )
    return f"Picture {number} shows {what}: show it exactly as it is there"


def _paragraph(sentences: Sequence[str]) -> str:
    return ". ".join(sentences) + "."
