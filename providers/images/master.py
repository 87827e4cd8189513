"""How large a picture is asked for, so that every placement can be cut from it.

A model is asked for a size that it has, never for one that would be rounded on the way:

1. Of listed sizes whose edges both reach the edge that is wanted, the one that is nearest to a
   square; of several such, the one with the fewest pixels.
2. If none reaches it, likewise of those whose shorter edge is longest.
3. Where sizes are free, a square of the edge that is wanted, raised to the model's multiple and to
   its fewest pixels, or lowered to its longest edge and its most pixels.
4. Pictures that exist already have the size that they have: they are asked to have ``LEAST`` at
   least, since what is too small for one placement is large enough for the others.
"""

from math import isqrt

from providers.images.base import ImageCapabilities

LEAST = 1024
"""Pixels of each edge below which a picture that somebody brings is not taken."""


def master_size(able: ImageCapabilities, edge: int) -> tuple[int, int]:
    """Return the width and height to ask a model for, in pixels.

    Args:
        able: What the model can draw.
        edge: The pixels that each edge should have.

    >>> master_size(ImageCapabilities(model="m", sizes=((1024, 1024), (2048, 2048))), 1920)
    (2048, 2048)
    >>> master_size(ImageCapabilities(model="m", sizes=((1344, 768), (1024, 1024))), 1920)
    (1024, 1024)
    >>> master_size(ImageCapabilities(model="m", sizes=((640, 1536), (1024, 1024))), 512)
    (1024, 1024)
    >>> master_size(ImageCapabilities(model="m", multiple_of=16, max_pixels=2_000_000), 1920)
    (1408, 1408)
    """
    if able.sizes:
        return _listed(able.sizes, edge)
    if able.imports:
        edge = min(edge, LEAST)
    step = able.multiple_of
    least = _up(isqrt(max(able.min_pixels - 1, 0)) + 1, step)
    most = min(able.longest_edge, isqrt(able.max_pixels)) // step * step
    side = min(max(_up(edge, step), least), most)
    return side, side


def _listed(sizes: tuple[tuple[int, int], ...], edge: int) -> tuple[int, int]:
    covering = [size for size in sizes if min(size) >= edge]
    longest = max(min(size) for size in sizes)
    usable = covering or [size for size in sizes if min(size) == longest]
    return min(usable, key=lambda size: (max(size) / min(size), size[0] * size[1], size))


def _up(number: int, step: int) -> int:
    return -(-number // step) * step
