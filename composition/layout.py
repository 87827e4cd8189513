"""A placement becomes boxes. Arithmetic only: the same placement always gives the same frames."""

from functools import cache

from composition.families import BUILDERS, MOST_ROOM
from composition.frame import Family, Frame
from creative.placement import Box, Placement

_ROOMS = (0.9, 1.0, 1.14, MOST_ROOM, 2.0)
"""How much of a frame words may take from the picture, beside what they take as a rule. At the
last a small card shows no picture at all."""

SOFT = 1.35
"""From this enlargement on a picture looks soft."""


def enlargement(placement: Placement, size: tuple[int, int]) -> float:
    """Return how much a picture of this size is enlarged to fill its part of a placement, at most.

    It is below 1 where the picture is larger than its part, and 0 where none is shown.
    """
    shown = [one.picture for one in frames(placement, "ltr") if one.picture]
    return max((max(one.width / size[0], one.height / size[1]) for one in shown), default=0.0)


def frames(placement: Placement, direction: str) -> tuple[Frame, ...]:
    """Lay out a placement, for a reader who starts at the left.

    Args:
        placement: The place, with its unsafe edges.
        direction: ``rtl`` swaps the left and right unsafe edges, as the frame will be turned.

    Returns:
        One frame or several, each with more room for words than the one before.

    """
    safe = placement.safe_box
    if direction == "rtl":
        safe = mirrored(safe, placement.width)
    return _frames(family(placement), placement.width, placement.height, safe)


@cache
def _frames(kind: Family, width: int, height: int, safe: Box) -> tuple[Frame, ...]:
    return tuple(dict.fromkeys(BUILDERS[kind](width, height, safe, room) for room in _ROOMS))


def family(placement: Placement) -> Family:
    """Return the family of a placement, by its shape and size."""
    width, height = placement.width, placement.height
    shape = width / height
    large = width * height >= 500_000
    if (height <= 60 and width <= 400) or (height <= 100 and width <= 330):
        return Family.TINY
    if shape >= 2.6 and height <= 140:
        return Family.LEADERBOARD
    if shape <= 0.4:
        return Family.SKYSCRAPER
    if shape <= 0.62 and large:
        return Family.STORY
    if shape > 1.25:
        return Family.CINEMA if large and height >= 1000 and shape > 1.6 else Family.LANDSCAPE
    return Family.CARD


def mirrored(box: Box, width: int) -> Box:
    """Return the box as seen in a mirror that stands in a frame of this width."""
    return box.model_copy(update={"left": width - box.right, "right": width - box.left})
