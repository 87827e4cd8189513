"""The brand's colours in the parts they play on a rendition, each one readable."""

from dataclasses import dataclass

from composition.contrast import NORMAL_RATIO, Rgb, contrast, rgb
from creative.brand import Colours

_WHITE: Rgb = (255, 255, 255)
_BLACK: Rgb = (17, 17, 17)
_JET: Rgb = (0, 0, 0)
"""White or this can be read on any colour at 4.5:1, which softer inks cannot on a middle grey."""
_TOLD_APART = 1.6
"""The contrast from which a flat shape is told from its ground."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Who wears which colour."""

    ground: Rgb
    """Behind picture and text."""
    ink: Rgb
    """Words on the ground."""
    pill: Rgb
    """The shape of the call to action."""
    pill_ink: Rgb
    plate: Rgb
    """Behind a logo that its ground would swallow."""


def palette(colours: Colours) -> Palette:
    """Give every part a colour; what the brand leaves out is derived from what it names.

    The ground is the primary colour. The call wears the first of accent, secondary and
    background that is told from the ground. Ink is the brand's own wherever that can be read.
    """
    ground = rgb(colours.primary)
    background = rgb(colours.background)
    text = rgb(colours.text) if colours.text else _BLACK
    inks = (background, text, _WHITE, _BLACK, _JET)
    named = (colours.accent, colours.secondary, colours.background)
    wearable = [rgb(one) for one in named if one]
    pill = next(
        (one for one in wearable if contrast(one, ground) >= _TOLD_APART),
        readable(ground, inks),
    )
    return Palette(
        ground=ground,
        ink=readable(ground, inks),
        pill=pill,
        pill_ink=readable(pill, (background, text, ground, _WHITE, _BLACK, _JET)),
        plate=background,
    )


def readable(paper: Rgb, inks: tuple[Rgb, ...]) -> Rgb:
    """Return the first ink that WCAG finds readable on this paper, else the best of them.

    >>> readable((228, 87, 46), ((255, 255, 255), (17, 17, 17)))
    (17, 17, 17)
    """
    good = (ink for ink in inks if contrast(ink, paper) >= NORMAL_RATIO)
    return next(good, max(inks, key=lambda ink: contrast(ink, paper)))
