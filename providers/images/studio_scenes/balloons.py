"""Hot-air balloons over a sea of clouds in the first light."""

import math
from bisect import bisect_left

from providers.images.studio_scenes.colour import Colour, shift, tone
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse, slab, smooth, stroke
from providers.images.studio_scenes.stage import Linear, Stage


def balloons(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the middle of the great balloon."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.44, 0.56), stage.height * 0.46)
    _morning(stage, focus)
    _clouds(stage, focus[1] + 0.20 * unit, 0.45, tone(brand.secondary, 0.95, 0.28))
    _balloon(stage, (focus[0] + 0.36 * unit, focus[1] + 0.055 * unit), 0.052 * unit, 0.5, (1, 3))
    _balloon(stage, (focus[0] - 0.33 * unit, focus[1] - 0.17 * unit), 0.078 * unit, 0.25, (2, 3))
    _clouds(stage, focus[1] + 0.30 * unit, 0.65, tone(brand.accent, 0.92, 0.28))
    _balloon(stage, (focus[0], focus[1] - 0.02 * unit), 0.195 * unit, 0.0, (0, 1))
    _clouds(stage, focus[1] + 0.385 * unit, 0.8, tone(brand.primary, 0.925, 0.2))
    _clouds(stage, focus[1] + 0.48 * unit, 1.0, tone(brand.paper, 0.985, 0.5))
    return focus


def _morning(stage: Stage, focus: Point) -> None:
    brand, unit = stage.palette, stage.unit
    stage.wash(
        Linear(
            (0, 0),
            (0, focus[1] + 0.45 * unit),
            (
                tone(brand.primary, 0.72, 0.55),
                tone(brand.primary, 0.84, 0.38),
                tone(brand.secondary, 0.93, 0.35),
                tone(brand.accent, 0.85, 0.48),
            ),
        )
    )
    sun = (focus[0] - 0.20 * unit, focus[1] + 0.20 * unit)
    stage.glow(sun, (0.8 * unit, 0.7 * unit), tone(brand.secondary, 0.97, 0.45), 0.85, 1.5)


def _inks(stage: Stage) -> tuple[Colour, ...]:
    brand = stage.palette
    return brand.primary, brand.secondary, brand.accent, tone(brand.paper, 0.98, 0.6)


def _balloon(
    stage: Stage, middle: Point, radius: float, haze: float, inks: tuple[int, int]
) -> None:
    """Hang a balloon in the air; ``haze`` from 0 to 1 is how far the morning hides it."""
    air = tone(stage.palette.secondary, 0.92, 0.35)
    first, second = (_veiled(_inks(stage)[ink], air, haze) for ink in inks)
    trim = _veiled(stage.palette.accent, air, haze)
    gores = 7
    for gore in range(gores):
        start, end = (math.sin(math.pi * (step / gores - 0.5)) for step in (gore, gore + 1))
        cloth = first if gore % 2 == 0 else second
        area = [_gore(middle, radius, start, end)]
        stage.paint(
            area,
            Linear(
                (middle[0], middle[1] - radius),
                (middle[0], middle[1] + 1.3 * radius),
                (shift(cloth, 0.04), cloth, shift(cloth, -0.06)),
            ),
        )
    whole = [_gore(middle, radius, -1.0, 1.0)]
    mask = stage.mask(whole)
    if mask is None:
        return
    belt = [_hoop(middle, radius, 0.30, 0.47)]
    stage.paint(belt, trim, within=mask)
    stage.paint(
        [_hoop(middle, radius, 0.27, 0.30), _hoop(middle, radius, 0.47, 0.50)],
        _veiled(_inks(stage)[3], air, haze),
        within=mask,
    )
    shade = tone(stage.palette.primary, 0.20, 0.8)
    dim = [
        [
            (middle[0] + x * radius, middle[1] + y * radius)
            for x, y in ((0.35, -1.3), (1.4, -1.3), (1.4, 1.6), (0.05, 1.6), (0.62, 0.2))
        ]
    ]
    stage.shadow(dim, 0.30 * radius, shade, 0.34 * (1 - 0.7 * haze), within=mask)
    gleam = [
        ellipse(
            (middle[0] - 0.42 * radius, middle[1] - 0.36 * radius),
            0.20 * radius,
            0.36 * radius,
            0.35,
        )
    ]
    stage.shadow(gleam, 0.20 * radius, (255, 255, 255), 0.42, within=mask)
    _basket(stage, middle, radius, _veiled(tone(stage.palette.primary, 0.28, 0.8), air, haze), trim)


def _veiled(colour: Colour, air: Colour, haze: float) -> Colour:
    red, green, blue = (round(a + (b - a) * haze) for a, b in zip(colour, air, strict=True))
    return red, green, blue


_PROFILE = smooth(
    [
        (0.0, 0.0),
        (0.02, 0.23),
        (0.08, 0.48),
        (0.19, 0.76),
        (0.32, 0.945),
        (0.45, 1.0),
        (0.58, 0.955),
        (0.72, 0.79),
        (0.86, 0.53),
        (1.0, 0.25),
    ]
)
"""An envelope from its crown (0) to its mouth (1), and half its width there, in radii."""


def _half(t: float) -> float:
    """Return half the width of an envelope, in radii, from its crown (0) to its mouth (1)."""
    at = min(max(1, bisect_left(_PROFILE, (t, 0.0))), len(_PROFILE) - 1)
    (before, narrow), (after, wide) = _PROFILE[at - 1], _PROFILE[at]
    return narrow + (wide - narrow) * (t - before) / (after - before)


def _gore(middle: Point, radius: float, start: float, end: float) -> Polygon:
    """Return a strip of the envelope between two shares of its half width, from -1 to 1."""
    left, right = [], []
    for step in range(61):
        t = step / 60
        y = middle[1] + radius * (-1 + 2.28 * t)
        half = _half(t) * radius
        left.append((middle[0] + half * start, y))
        right.append((middle[0] + half * end, y))
    return [*left, *reversed(right)]


def _hoop(middle: Point, radius: float, upper: float, lower: float) -> Polygon:
    """Return a band around the envelope that sags, as a ring seen from below does."""

    def rim(t: float) -> list[Point]:
        return [
            (
                middle[0] + radius * x / 20,
                middle[1]
                + radius * (-1 + 2.28 * t)
                + 0.13 * radius * math.sqrt(max(0.0, 1 - (x / 20) ** 2)),
            )
            for x in range(-21, 22)
        ]

    return [*rim(upper), *reversed(rim(lower))]


def _basket(stage: Stage, middle: Point, radius: float, wood: Colour, trim: Colour) -> None:
    x, mouth = middle[0], middle[1] + 1.28 * radius
    half = _half(1.0) * radius
    top, wide, high = mouth + 0.26 * radius, 0.135 * radius, 0.20 * radius
    ropes = [
        stroke([(x + a * half, mouth), (x + b * wide, top)], lambda _t: 0.007 * radius + 0.2)
        for a, b in ((-0.95, -0.95), (-0.3, -0.35), (0.3, 0.35), (0.95, 0.95))
    ]
    stage.paint(ropes, wood, 0.9)
    stage.paint(
        [slab(x - wide, top, x + wide, top + high, 0.05 * radius)],
        Linear((x - wide, 0), (x + wide, 0), (shift(wood, 0.16), wood)),
    )
    stage.paint(
        [
            slab(
                x - 1.1 * wide,
                top - 0.02 * radius,
                x + 1.1 * wide,
                top + 0.035 * radius,
                0.02 * radius,
            )
        ],
        trim,
    )


def _clouds(stage: Stage, level: float, size: float, colour: Colour) -> None:
    """Roll a bank of clouds across the picture at a level, down to its lower edge."""
    unit, chance = stage.unit, stage.chance
    puffs: list[tuple[Point, float]] = []
    x = -0.1 * unit
    while x < stage.width + 0.1 * unit:
        radius = chance.uniform(0.055, 0.125) * size * unit
        swell = 0.035 * size * unit * math.sin(x / unit * 5.0 + size * 7)
        puffs.append(((x, level + swell + chance.uniform(-0.015, 0.015) * size * unit), radius))
        x += radius * chance.uniform(0.75, 1.15)
    bank: list[Polygon] = [ellipse(centre, radius) for centre, radius in puffs]
    bank.append(slab(-0.2 * unit, level, stage.width + 0.2 * unit, stage.height + 0.2 * unit))
    shade = tone(stage.palette.primary, 0.45, 0.7)
    stage.shadow(bank, 0.03 * unit, shade, 0.22, (0, -0.006 * unit))
    low = tone(stage.palette.primary, 0.86, 0.35)
    stage.paint(
        bank,
        Linear((0, level - 0.10 * size * unit), (0, level + 0.36 * unit), (colour, colour, low)),
    )
    for (cx, cy), radius in puffs:
        lamp = (cx - 0.3 * radius, cy - 0.5 * radius)
        stage.glow(lamp, (0.75 * radius, 0.65 * radius), (255, 255, 255), 0.40, 1.3)
