"""One creative idea, and the picture of it that was bought."""

from enum import StrEnum
from typing import Literal

from creative.value import Value


class SourceType(StrEnum):
    """How a picture came to be: the IPTC digital source type's last part.

    Source: https://cv.iptc.org/newscodes/digitalsourcetype/
    """

    TRAINED = "trainedAlgorithmicMedia"
    """Made by a generative model."""
    COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
    """Put together by people or plain code, with a model's picture in it."""
    ALGORITHMIC = "algorithmicMedia"
    """Drawn by an algorithm that was not trained on sampled content."""
    DIGITAL_CREATION = "digitalCreation"
    """Put together by people or plain code, with no model's picture in it."""

    @property
    def uri(self) -> str:
        """Return the term as IPTC publishes it, for XMP."""
        return f"http://cv.iptc.org/newscodes/digitalsourcetype/{self.value}"


class Concept(Value):
    """One creative idea with its sketch image; a chosen one's image is the key visual."""

    id: str
    """``c1``, ``c2`` … in the order of the brief."""
    direction: str
    """The idea in a sentence, as the brief or the pipeline worded it."""
    prompt: str
    """What the provider was asked for, whole."""
    sha256: str
    """Of the picture's bytes, as they were bought; the blob store keeps them by this name."""
    width: int
    height: int
    focus: tuple[float, float]
    """The point a crop must keep, as shares of width and height from the top left."""
    provider: str
    model: str
    attempt: str
    """The id of the attempt that bought it."""
    source_type: SourceType
    placeholder: bool
    """True when nobody should ship it: drawn by the embedded studio."""
    stage: Literal["sketch", "key_visual"] = "key_visual"
    """Whether it was bought as a sketch, for a first look, or to be composed."""
    sketch: str = ""
    """Of a key visual, the sha256 of the sketch that was chosen; empty where there was none."""
    follows: str = ""
    """The sha256 of the picture that it was drawn after, its sketch or the one before it; empty
    where it was drawn from words."""
    replaces: str = ""
    """The sha256 of the key visual that somebody turned down, in whose place it was drawn."""

    @property
    def seen(self) -> str:
        """Return the sha256 of the picture that people choose by."""
        return self.sketch or self.sha256
