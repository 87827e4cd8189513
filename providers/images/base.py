"""Whoever draws: what they are asked, what they answer, and what they can do."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from cost_tracking.hours import Labour
from cost_tracking.money import Money
from cost_tracking.usage import Usage
from creative.concept import SourceType
from creative.value import Value
from providers.images.media_type import MediaType

Quality = Literal["low", "medium", "high"]


class Reference(Value):
    """A picture that the drawing is to follow, such as a packshot."""

    content: bytes = Field(repr=False)
    media_type: MediaType
    sketch: tuple[int, int] | None = None
    """Its width and height, where it is a sketch that is to be drawn anew; None for a picture of
    something that the drawing is to show."""

    @property
    def name(self) -> str:
        """Return what stands for it in a fingerprint."""
        return f"sketch {self.sha256}" if self.sketch else self.sha256

    @property
    def sha256(self) -> str:
        """Return the hash of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


class ImageRequest(Value):
    """One picture to be drawn."""

    prompt: str = Field(min_length=1)
    width: int = Field(gt=0)
    """In pixels; the answer has exactly this width."""
    height: int = Field(gt=0)
    quality: Quality = "medium"
    model: str
    seed: int = 0
    """Fixes the picture where a provider can; others ignore it."""
    palette: tuple[str, ...] = ()
    """The brand's colours as ``#RRGGBB``, the primary first."""
    index: int = 0
    """Counted from 0 among the pictures of one campaign, so that equal prompts differ."""
    references: tuple[Reference, ...] = ()
    again: int = Field(default=0, ge=0)
    """How often the picture was drawn and turned down before; the prompt says why."""

    def facts(self) -> dict[str, object]:
        """Return the request as JSON types, each reference by its name."""
        unsaid = {"references"} if self.again else {"references", "again"}
        facts = self.model_dump(mode="json", exclude=unsaid)
        return {**facts, "references": [one.name for one in self.references]}


@dataclass(frozen=True)
class ImageAnswer:
    """One picture, with what it consumed."""

    content: bytes
    width: int
    height: int
    format: Literal["png", "jpeg", "webp"]
    """Read from the bytes, never from what was said about them."""
    usage: Usage
    source_type: SourceType
    placeholder: bool
    """True when nobody should ship it."""
    focus: tuple[float, float] = (0.5, 0.5)
    """The point a crop must keep, as shares of width and height from the top left."""


class ImageCapabilities(Value):
    """What one model can draw, as data: no caller asks for a vendor's name."""

    model: str
    retires_on: date | None = None
    qualities: tuple[Quality, ...] = ("low", "medium", "high")
    sizes: tuple[tuple[int, int], ...] = ()
    """The only sizes, as (width, height); empty where the limits below are the rule."""
    multiple_of: int = Field(default=1, ge=1)
    """Both edges are a multiple of this many pixels."""
    longest_edge: int = Field(default=4096, ge=1)
    min_pixels: int = Field(default=1, ge=1)
    max_pixels: int = Field(default=16_777_216, ge=1)
    """Width times height."""
    max_ratio: float = Field(default=16.0, ge=1)
    """Long edge over short edge."""
    max_prompt: int = Field(default=32_000, ge=1)
    """In characters."""
    max_references: int = Field(default=0, ge=0)
    """How many pictures it can follow, a sketch among them."""
    needs_references: int = Field(default=0, ge=0)
    """Without how many it draws nothing."""
    about_references: str = ""
    """Why it follows no more, or what to look at in what it draws after one: told beside a refusal
    and in a quote."""
    redraws: Literal["", "same size", "any size", "never"] = ""
    """Whether it can draw one sketch anew besides, and only of the size that is asked for; empty
    where a sketch is a reference like any other, or none can be followed. Never: it would take a
    sketch for the product that it is to show."""
    needs_sketch: bool = False
    """Whether it draws nothing without one."""
    imports: bool = False
    """Whether its pictures exist already: what it answers is no smaller than asked for, and is
    not made to measure."""
    placeholder: bool = False
    """Whether its pictures stand in for real ones, and nobody ships them."""

    def lack(self, request: ImageRequest) -> str:
        """Say what of a request this model cannot do, or return an empty string.

        Nothing is rounded to the nearest size: a picture of another size than was planned
        would be paid for and not fit.
        """
        return next((lack for lack in self._lacks(request) if lack), "")

    def _lacks(self, request: ImageRequest) -> Iterator[str]:
        wanted = f"{request.width}x{request.height}"
        if self.sizes and (request.width, request.height) not in self.sizes:
            known = ", ".join(f"{width}x{height}" for width, height in self.sizes)
            yield f"it draws {known}, not {wanted}"
        long, short = sorted((request.width, request.height), reverse=True)
        if long % self.multiple_of or short % self.multiple_of:
            yield f"it draws multiples of {self.multiple_of} pixels, not {wanted}"
        if long > self.longest_edge:
            yield f"it draws at most {self.longest_edge} pixels on an edge, not {wanted}"
        if long > self.max_ratio * short:
            yield f"it draws ratios up to {self.max_ratio:g}:1, not {wanted}"
        if not self.min_pixels <= long * short <= self.max_pixels:
            yield f"it draws {self.min_pixels} to {self.max_pixels} pixels, not {wanted}"
        if request.quality not in self.qualities:
            yield f"it has the qualities {', '.join(self.qualities)}, not {request.quality}"
        if len(request.prompt) > self.max_prompt:
            yield f"it reads {self.max_prompt} characters, not {len(request.prompt)}"
        yield from self._lacks_references(request)

    def _lacks_references(self, request: ImageRequest) -> Iterator[str]:
        sketches = [one for one in request.references if one.sketch] if self.redraws else []
        followed = len(request.references) - len(sketches)
        if followed > self.max_references:
            why = f" ({self.about_references})" if self.about_references else ""
            yield f"it follows {self.max_references} references, not {followed}{why}"
        if followed < self.needs_references:
            yield f"it draws nothing without {self.needs_references} references, not {followed}"
        if sketches and self.redraws == "never":
            yield "it cannot follow a sketch"
        if len(sketches) > 1:
            yield f"it draws one sketch anew, not {len(sketches)}"
        if self.needs_sketch and not sketches:
            yield "it draws nothing without a sketch that was chosen"
        for one in sketches if self.redraws == "same size" else []:
            if one.sketch != (request.width, request.height):
                yield f"it draws a sketch of {request.width}x{request.height} anew, and no other"


class Declaration(Value):
    """What people declared of a picture that they bring."""

    cost: Money
    sha256: str
    """Of the picture and of all that was declared: another one is another purchase."""
    labour: Labour | None = None
    """The hours of our own people that went into it, beside what it cost."""


@runtime_checkable
class Declares(Protocol):
    """Someone whose pictures were paid for elsewhere, so that their cost is declared."""

    def declared(self, request: ImageRequest) -> Declaration:
        """Return what was declared of the picture for a request.

        Raises:
            Unsupported: Nothing was declared for it.

        """


class ImageProvider(Protocol):
    """Someone who draws. One call of ``draw`` is at most one request that is billed."""

    @property
    def name(self) -> str:
        """Return its name in the registry, the price book and the ledger."""

    @property
    def repeatable(self) -> bool:
        """Say whether a lost call may be made again unasked: free, local, and always the same."""

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do.

        Raises:
            Unsupported: The provider has no such model.

        """

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture.

        Raises:
            ProviderError: It did not; the error says whether it was charged.

        """
