"""One great flower of folded paper, seen from above."""

import math

from providers.images.studio_scenes.colour import Colour, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse, turned
from providers.images.studio_scenes.stage import Linear, Radial, Stage


def bloom(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the heart of the flower."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.46, 0.55), stage.height * 0.51)
    stage.wash(
        Radial(
            (focus[0] - 0.2 * unit, focus[1] - 0.25 * unit),
            (0.9 * stage.width, 0.9 * stage.height),
            (
                tone(brand.primary, 0.965, 0.14),
                tone(brand.primary, 0.90, 0.28),
                tone(brand.primary, 0.80, 0.45),
            ),
        )
    )
    turn = stage.chance.uniform(0, 1)
    _leaves(stage, focus, turn)
    deep = towards(brand.accent, tone(brand.accent, 0.42), 0.6)
    rings = (
        (11, 0.335, 0.092, deep),
        (11, 0.285, 0.086, brand.accent),
        (9, 0.232, 0.081, towards(brand.accent, brand.secondary, 0.42)),
        (8, 0.176, 0.073, brand.secondary),
        (7, 0.124, 0.058, tone(brand.secondary, 0.92, 0.75)),
    )
    for ring, (count, long, wide, colour) in enumerate(rings):
        for petal in range(count):
            aim = turn + ring * 0.33 + 2 * math.pi * petal / count
            _petal(stage, focus, aim, (long * unit, wide * unit), colour)
    _heart(stage, focus)
    return focus


def _petal(stage: Stage, foot: Point, aim: float, size: Point, colour: Colour) -> None:
    """Paint one petal with a fold along its middle; size is length and half width in pixels."""
    unit = stage.unit
    long = size[0] * stage.chance.uniform(0.95, 1.04)
    halves = [turned(half, aim, foot) for half in _outline(long, size[1])]
    shade = tone(stage.palette.primary, 0.16, 0.8)
    stage.shadow(halves, 0.011 * unit, shade, 0.34, (0.004 * unit, 0.008 * unit))
    tip = turned([(long, 0.0)], aim, foot)[0]
    for side, half in zip((-1, 1), halves, strict=True):
        # The lamp hangs in the upper left: a half that faces it is lighter.
        facing = math.cos(aim + side * math.pi / 2 + 3 * math.pi / 4)
        base = shift(colour, 0.030 * facing)
        stops = (shift(base, -0.20), shift(base, -0.07), base, shift(base, 0.045))
        stage.paint([half], Linear(foot, tip, stops))


def _outline(long: float, wide: float) -> tuple[Polygon, Polygon]:
    def half(side: int) -> Polygon:
        rim = []
        for step in range(41):
            t = step / 40
            round_end = math.sin(math.pi * t**1.25) ** 0.8 if 0 < t < 1 else 0.0
            rim.append((long * t, side * wide * round_end))
        return [*rim, (long, 0.0), (0.0, 0.0)]

    return half(-1), half(1)


def _leaves(stage: Stage, focus: Point, turn: float) -> None:
    brand, unit = stage.palette, stage.unit
    for leaf in range(9):
        aim = turn + 0.2 + 2 * math.pi * leaf / 9 + stage.chance.uniform(-0.12, 0.12)
        long = stage.chance.uniform(0.37, 0.44) * unit
        colour = brand.primary if leaf % 2 else tone(brand.primary, 0.58, 0.85)
        _petal(stage, focus, aim, (long, 0.066 * unit), colour)


def _heart(stage: Stage, focus: Point) -> None:
    """Fill the middle with seeds, laid out by the golden angle as a sunflower lays them."""
    brand, unit = stage.palette, stage.unit
    radius = 0.047 * unit
    shade = tone(brand.primary, 0.14, 0.8)
    disc = [ellipse(focus, radius)]
    stage.shadow(disc, 0.012 * unit, shade, 0.5, (0.003 * unit, 0.006 * unit))
    stage.paint(
        disc,
        Radial(
            (focus[0] - 0.3 * radius, focus[1] - 0.4 * radius),
            (1.5 * radius,) * 2,
            (tone(brand.primary, 0.52, 0.9), brand.primary, tone(brand.primary, 0.2)),
        ),
    )
    light: list[Polygon] = []
    dark: list[Polygon] = []
    for seed in range(1, 90):
        far, angle = radius * 0.95 * math.sqrt(seed / 90), seed * 2.399963
        spot = (focus[0] + far * math.cos(angle), focus[1] + far * math.sin(angle))
        size = radius * (0.035 + 0.035 * far / radius)
        dark.append(ellipse((spot[0] + 0.4 * size, spot[1] + 0.6 * size), size))
        light.append(ellipse(spot, size))
    stage.paint(dark, shade, 0.5)
    stage.paint(light, tone(brand.secondary, 0.88, 0.9), 0.95)
