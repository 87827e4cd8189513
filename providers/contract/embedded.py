"""The embedded studio as rigs: it needs no wire, and so can only be right or wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from providers.contract.rig import ImageRig, Rig, TextRig, TranslatorRig
from providers.images.base import ImageRequest
from providers.images.studio import StudioImages
from providers.translation.base import Reader, TranslateRequest
from providers.translation.studio import StudioTranslation
from providers.writing.base import TextRequest
from providers.writing.directions import TASK
from providers.writing.shape import closed
from providers.writing.studio import StudioWriting

PICTURE = ImageRequest(prompt="A slower morning.", width=512, height=512, model="studio-1")
TEXT = TextRequest(
    model="studio-1",
    task=TASK,
    instructions="Write two art directions.",
    facts={"count": 2, "brand": "Leaf"},
    schema=closed({"directions": {"type": "array", "items": {"type": "string"}}}),
)
MESSAGE = TranslateRequest(
    model="studio-1",
    source_locale="en-GB",
    target=Reader(tag="sv-SE", language="Swedish", script="Latn", address="du"),
    segments={"headline": "A slower morning", "cta": "Taste it"},
    suggestions={"headline": "En lugnare morgon", "cta": "Smaka"},
)


def _never() -> int:
    return 0


@contextmanager
def studio_images() -> Iterator[ImageRig]:
    """Draw with Pillow."""
    yield Rig(StudioImages(), PICTURE, _never)


@contextmanager
def studio_writing() -> Iterator[TextRig]:
    """Write from a table."""
    yield Rig(StudioWriting(), TEXT, _never)


@contextmanager
def studio_translation() -> Iterator[TranslatorRig]:
    """Remember what somebody wrote."""
    yield Rig(StudioTranslation(), MESSAGE, _never)
