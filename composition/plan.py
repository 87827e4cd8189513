"""Everything that will be painted, and where."""

from dataclasses import dataclass, field

from composition.fonts import Role
from composition.frame import Frame
from composition.shape import Shaped
from composition.typeset import Block
from creative.placement import Box


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One line where it will be drawn, in pixels."""

    shaped: Shaped
    x: float
    """Where its origin stands."""
    baseline: float
    ink: Box
    """Around all its ink."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One text where it will be drawn."""

    role: Role
    size: float
    """In pixels per em."""
    lines: tuple[PlacedLine, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The brand's sign: a logo of this shape, or its name in type."""

    aspect: float
    """Width by height; of the name, by the height of its capitals."""
    wordmark: Block | None
    clear_space: float
    min_width: int


@dataclass(slots=True)
class Plan:
    """Everything that will be painted, and where."""

    frame: Frame
    picture: Box | None
    safe: Box
    """Where text and logo may stand, turned as the frame is."""
    texts: list[Placed] = field(default_factory=list)
    pill: Box | None = None
    logo: Box | None = None
    edge: int = 0
    """Where words begin, or end, beside a picture that melts into the ground."""
    dropped: list[Role] = field(default_factory=list)
    overflow: dict[Role, int] = field(default_factory=dict)
    """How many characters too long a text is, about."""
    score: float = 0.0
    """How near the words come to their largest sizes, from 0 to 1."""
