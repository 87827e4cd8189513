"""The frame of a rendition: boxes and type sizes, before any word is set."""

from dataclasses import dataclass
from enum import StrEnum

from creative.placement import Box


class Family(StrEnum):
    """The kinds of frame, told apart by shape and size."""

    CARD = "card"
    """Square to portrait: picture above, text below."""
    STORY = "story"
    """Tall and large: the picture bleeds, and melts into the ground at the words."""
    LANDSCAPE = "landscape"
    """Wide: text at the start, picture at the end."""
    CINEMA = "cinema"
    """Wide, large and outdoors: likewise, with the words at the start."""
    SKYSCRAPER = "skyscraper"
    """Narrow: picture above, everything stacked."""
    LEADERBOARD = "leaderboard"
    """Very wide and low: one row."""
    TINY = "tiny"
    """A phone's banner: one row, no picture where it would be a stamp."""


class Anchor(StrEnum):
    """How a stack uses the height that is left over."""

    SPREAD = "spread"
    """Words at the top, call and logo at the bottom."""
    BOTTOM = "bottom"
    """Everything low, the picture above."""
    TOP = "top"
    """Everything high, the picture below."""
    ROW = "row"
    """Everything side by side."""


class LogoPlace(StrEnum):
    """Where the logo stands."""

    BESIDE_CTA = "beside"
    ABOVE = "above"
    BELOW = "below"
    START = "start"


@dataclass(frozen=True, slots=True)
class Sizes:
    """The type sizes and lines that a role may take, in pixels."""

    largest: float
    smallest: float
    lines: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the parts of a rendition go."""

    family: Family
    width: int
    height: int
    picture: Box | None
    """Where the picture is; of a story, the part of the frame that words may leave to it."""
    radius: int
    """Of the picture's corners, in pixels; 0 where it bleeds."""
    text: Box
    """Where words, call and logo stand: inside the safe box by a margin."""
    safe: Box
    anchor: Anchor
    logo: LogoPlace
    logo_height: int
    """Of the wordmark's capitals or the logo, at most."""
    logo_width: int
    headline: Sizes
    body: Sizes | None
    cta: Sizes
    notice: Sizes | None
    gap: int
    """The unit of space between the parts."""
    wide_cta: bool = False
    """Whether the call is as wide as the text."""

    @property
    def bleeds(self) -> bool:
        """Say whether the picture bleeds off the edges."""
        return self.radius == 0 and self.picture is not None

    @property
    def small(self) -> bool:
        """Say whether this is a small display size, where body and notice may have no room."""
        return self.width * self.height < 200_000
