"""Brand colours, and the tints and shades a scene takes from them.

Everything is mixed in OKLab, where equal steps look equal: a ramp from green to orange stays
clean, and "a bit lighter" means the same for yellow and for navy.

Source of the figures: https://bottosson.github.io/posts/oklab/
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, TypeAlias

Colour: TypeAlias = tuple[int, int, int]
"""8-bit sRGB: red, green, blue."""
Lab: TypeAlias = tuple[float, float, float]
"""OKLab: lightness from 0 to 1, then the green-red and the blue-yellow axis."""

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _encoded(share: float) -> float:
    return 12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055


@lru_cache(maxsize=4096)
def to_lab(colour: Colour) -> Lab:
    """Return an sRGB colour in OKLab.

    >>> [round(part, 3) for part in to_lab((255, 255, 255))]
    [1.0, 0.0, 0.0]
    """
    red, green, blue = (_linear(channel) for channel in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _channels(lab: Lab) -> tuple[float, float, float]:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def from_lab(lab: Lab) -> Colour:
    """Return the nearest sRGB colour of the same lightness and hue, with less chroma if need be."""
    lightness, a, b = lab
    keep, low, high = 1.0, 0.0, 1.0
    if not _inside(_channels(lab)):
        for _ in range(12):
            keep = (low + high) / 2
            if _inside(_channels((lightness, a * keep, b * keep))):
                low = keep
            else:
                high = keep
        keep = low
    red, green, blue = (
        round(255 * min(1.0, max(0.0, _encoded(max(0.0, share)))))
        for share in _channels((lightness, a * keep, b * keep))
    )
    return red, green, blue


def _inside(channels: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= share <= 1.0005 for share in channels)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour on the way from one to another, at a share from 0 (first) to 1."""
    start, end = to_lab(first), to_lab(second)
    lightness, a, b = (x + (y - x) * share for x, y in zip(start, end, strict=True))
    return from_lab((lightness, a, b))


def towards(first: Colour, second: Colour, share: float) -> Colour:
    """Return a mix that stays clean: colours of opposite hues share lightness only.

    Halfway from coral to teal lies grey; a lighter or darker coral looks meant.
    """
    (_, a, b), (lightness, c, d) = to_lab(first), to_lab(second)
    if a * c + b * d > -0.15 * math.hypot(a, b) * math.hypot(c, d):
        return mix(first, second, share)
    change = (lightness - to_lab(first)[0]) * share
    return shift(first, math.copysign(max(0.07, abs(change)), change))


def tone(colour: Colour, lightness: float, chroma: float = 1.0) -> Colour:
    """Return the colour's hue at another OKLab lightness (0 to 1), with a share of its chroma."""
    _, a, b = to_lab(colour)
    return from_lab((lightness, a * chroma, b * chroma))


def shift(colour: Colour, lightness: float, chroma: float = 1.0) -> Colour:
    """Return the colour made lighter (or, below 0, darker) by a difference of OKLab lightness."""
    return tone(colour, min(0.99, max(0.04, to_lab(colour)[0] + lightness)), chroma)


def distance(first: Colour, second: Colour) -> float:
    """Return how far apart two colours look, in OKLab: 0.02 is just seen, 1 is black on white."""
    return math.dist(to_lab(first), to_lab(second))


@lru_cache(maxsize=512)
def ramp(stops: tuple[Colour, ...]) -> bytes:
    """Return 256 colours through evenly spaced stops, as the RGB bytes of a Pillow palette."""
    spans = len(stops) - 1
    labs = [to_lab(stop) for stop in stops]
    table: list[Lab] = []
    for step in range(256):
        place = step / 255 * spans
        at = min(int(place), spans - 1)
        start, end, share = labs[at], labs[at + 1], place - at
        lightness, a, b = (x + (y - x) * share for x, y in zip(start, end, strict=True))
        table.append((lightness, a, b))
    if spans > 1:
        table = _rounded(_rounded(table))
    return bytes(channel for lab in table for channel in from_lab(lab))


def _rounded(table: list[Lab], reach: int = 14) -> list[Lab]:
    """Return a ramp without corners: the eye sees a corner of a gradient as a line."""
    last = len(table) - 1
    smooth: list[Lab] = []
    for step in range(last + 1):
        # Narrower towards both ends, so that they keep the colours that were asked for.
        near = min(reach, step, last - step)
        window = table[step - near : step + near + 1]
        lightness, a, b = (sum(parts) / len(window) for parts in zip(*window, strict=True))
        smooth.append((lightness, a, b))
    return smooth


@dataclass(frozen=True)
class Palette:
    """The four brand colours every scene is painted from."""

    primary: Colour
    secondary: Colour
    accent: Colour
    paper: Colour

    @classmethod
    def read(cls, colours: Sequence[str]) -> Self:
        """Take primary, secondary, accent and background from ``#RRGGBB`` strings.

        Missing ones are derived: hues turned from the primary, and a near-white paper.

        Raises:
            ValueError: A colour is not written as ``#RRGGBB``.
        """
        wrong = [colour for colour in colours if not _HEX.fullmatch(colour)]
        if wrong:
            raise ValueError(f"palette colour {wrong[0]!r} is not #RRGGBB; write it like #0B5D3B")
        known = [_parsed(colour) for colour in colours[:4]] or [(43, 74, 120)]
        primary = known[0]
        derived = (
            primary,
            _turned(primary, 0.80, 110),
            _turned(primary, 0.66, 200),
            tone(primary, 0.98, 0.15),
        )
        return cls(*known, *derived[len(known) :])


def _parsed(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _turned(colour: Colour, lightness: float, degrees: float) -> Colour:
    _, a, b = to_lab(colour)
    hue, chroma = math.atan2(b, a) + math.radians(degrees), max(0.12, math.hypot(a, b))
    return from_lab((lightness, chroma * math.cos(hue), chroma * math.sin(hue)))
