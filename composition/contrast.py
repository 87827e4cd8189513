"""How well ink is told from what lies behind it: WCAG's ratio, for flat colours and for pixels."""

from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    # Flat colours are told apart also where no picture is opened.
    from PIL import Image

Rgb = tuple[int, int, int]

LARGE_TEXT_PX = 18.66
"""Bold text of this size or more counts as large (14 pt); regular text from 24 px (18 pt)."""
NORMAL_RATIO = 4.5
LARGE_RATIO = 3.0
# BT.709 weights, as WCAG asks; Pillow's convert("L") uses BT.601.
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_BRIGHT = 0.5
"""The luminance of ink from which on its ground is feared to be too bright, not too dark."""
_STRETCH = 4.0
_WORST_SHARE = 0.02
"""The share of the pixels that may be worse than what is reported: single specks do not count."""


def rgb(colour: str) -> Rgb:
    """Return ``#RRGGBB`` as three channels from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


_LINEAR = tuple(_linear(channel) for channel in range(256))


def luminance(colour: Rgb) -> float:
    """Return the relative luminance of an sRGB colour, from 0 to 1."""
    return sum(weight * _LINEAR[part] for weight, part in zip(_WEIGHTS, colour, strict=True))


def contrast(ink: Rgb, paper: Rgb) -> float:
    """Return the contrast ratio of two flat colours, from 1 to 21.

    Source: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio

    >>> round(contrast((255, 255, 255), (0, 0, 0)), 1)
    21.0
    """
    return _ratio(luminance(ink), luminance(paper))


def contrast_on(pixels: "Image.Image", ink: Rgb) -> float:
    """Return the contrast of an ink with the pixels behind it, where it is nearly worst.

    Args:
        pixels: An RGB picture of what lies behind the ink, before the ink is painted.
        ink: Its flat colour.

    Returns:
        The ratio that all but 2 % of the pixels reach.

    """
    flat = pixels.getcolors(1)
    if flat:
        return contrast(ink, cast("Rgb", flat[0][1]))
    own = luminance(ink)
    if own <= _BRIGHT:
        return _ratio(own, _worst(pixels, 1.0, dark=True))
    # Eight bits hold linear light badly where it is dark, which is what lies behind light ink:
    # there the scale is stretched. What is beyond its end is measured again on the whole scale.
    worst = _worst(pixels, _STRETCH, dark=False)
    if worst * _STRETCH >= 1.0:
        worst = _worst(pixels, 1.0, dark=False)
    return _ratio(own, worst)


def _worst(pixels: "Image.Image", stretch: float, *, dark: bool) -> float:
    """Return the luminance of the darkest or brightest pixel, a few specks apart."""
    counts = pixels.point(_table(stretch)).convert("L", (*_WEIGHTS, 0.0)).histogram()
    allowed = sum(counts) * _WORST_SHARE
    seen = 0
    for level in range(256) if dark else range(255, -1, -1):
        seen += counts[level]
        if seen > allowed:
            return level / 255 / stretch
    return 1.0


def needed(size: float, *, bold: bool) -> float:
    """Return the ratio that WCAG's level AA asks of text of this size in pixels."""
    large = size >= (LARGE_TEXT_PX if bold else 24.0)
    return LARGE_RATIO if large else NORMAL_RATIO


def _ratio(one: float, other: float) -> float:
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=2)
def _table(stretch: float) -> list[int]:
    return [min(255, round(value * 255 * stretch)) for value in _LINEAR] * 3
