"""Leaves of many sizes around a clearing, with light falling through them."""

import math

from providers.images.studio_scenes.colour import Colour, mix, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse, smooth, stroke, turned
from providers.images.studio_scenes.stage import Linear, Radial, Stage


def leaves(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the disc in the clearing."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.46, 0.54), stage.height * 0.47)
    _clearing(stage, focus)
    _ring(stage, focus, 16, 0.47, (0.34, 0.44), tone(brand.primary, 0.80, 0.5), 0.012)
    _disc(stage, focus)
    _ring(stage, focus, 15, 0.50, (0.32, 0.40), tone(brand.primary, 0.62, 0.8), 0.0)
    _spray(stage, (focus[0] + 0.20 * unit, focus[1] + 0.30 * unit), -1.95, 0.42)
    _spray(stage, (focus[0] - 0.27 * unit, focus[1] + 0.27 * unit), -1.15, 0.36)
    _ring(stage, focus, 13, 0.60, (0.34, 0.44), brand.primary, 0.0)
    _shafts(stage, focus)
    _ring(stage, focus, 11, 0.76, (0.40, 0.52), tone(brand.primary, 0.25, 0.85), 0.0)
    return focus


def _clearing(stage: Stage, focus: Point) -> None:
    brand, unit = stage.palette, stage.unit
    stage.wash(
        Radial(
            (focus[0] - 0.1 * unit, focus[1] - 0.2 * unit),
            (0.85 * stage.width, 0.85 * stage.height),
            (
                tone(brand.secondary, 0.975, 0.22),
                tone(brand.primary, 0.93, 0.25),
                tone(brand.primary, 0.82, 0.42),
            ),
        )
    )


def _disc(stage: Stage, focus: Point) -> None:
    brand, unit = stage.palette, stage.unit
    stage.glow(focus, (0.46 * unit, 0.46 * unit), tone(brand.secondary, 0.96, 0.5), 0.8, 1.3)
    disc = [ellipse(focus, 0.185 * unit)]
    stage.shadow(disc, 0.02 * unit, tone(brand.primary, 0.3), 0.22, (0.008 * unit, 0.014 * unit))
    low = towards(brand.secondary, brand.accent, 0.5)
    stage.paint(
        disc,
        Linear(
            (focus[0], focus[1] - 0.185 * unit),
            (focus[0], focus[1] + 0.185 * unit),
            (brand.secondary, brand.secondary, low),
        ),
    )


def _ring(
    stage: Stage, focus: Point, count: int, reach: float, size: Point, colour: Colour, blur: float
) -> None:
    """Grow leaves from around the clearing towards it; ``reach`` and sizes are in units.

    Their feet stand on an ellipse as wide and high as the picture, and the top stays open.
    """
    chance, unit = stage.chance, stage.unit
    wide, high = max(1.0, stage.width / unit), max(1.0, stage.height / unit)
    # A long picture takes more leaves, on an ellipse that fills its corners.
    count, square = round(count * math.sqrt(wide * high)), (wide * high) ** -0.5
    order = [step + chance.uniform(-0.3, 0.3) for step in range(count)]
    chance.shuffle(order)
    for step in order:
        angle = math.pi * (-0.13 + 1.26 * step / (count - 1))
        far = reach * chance.uniform(0.94, 1.08)
        foot = (
            focus[0] + _squared(math.cos(angle), square) * far * unit * wide,
            focus[1] + _squared(math.sin(angle), square) * far * unit * high,
        )
        aim = math.atan2(focus[1] - foot[1], focus[0] - foot[0]) + chance.uniform(-0.55, 0.55)
        long = chance.uniform(*size) * unit * (0.72 if math.sin(angle) < 0 else 1.0)
        _leaf(stage, foot, aim, long, shift(colour, chance.uniform(-0.03, 0.03)), blur)


def _squared(share: float, power: float) -> float:
    return math.copysign(abs(share) ** power, share)


def _leaf(stage: Stage, foot: Point, aim: float, long: float, colour: Colour, blur: float) -> None:
    """Paint a pointed leaf in two halves; aim in radians, length and foot in pixels."""
    wide = long * stage.chance.uniform(0.17, 0.23)
    bend = long * stage.chance.uniform(-0.14, 0.14)

    def spine(t: float) -> Point:
        return long * t, bend * math.sin(math.pi * t)

    halves: list[Polygon] = []
    line = [spine(step / 30) for step in range(31)]
    for side in (-1, 1):
        rim = [
            (x, y + side * wide * math.sin(math.pi * t**0.78) * (1 - 0.25 * t))
            for (x, y), t in ((spine(step / 30), step / 30) for step in range(31))
        ]
        halves.append(turned([*line, *reversed(rim)], aim, foot))
    if blur:
        mask = stage.soft(halves, blur * stage.unit)
        if mask is not None:
            stage.cover(mask, colour, 0.75)
        return
    unit = stage.unit
    stage.shadow(
        halves,
        0.016 * unit,
        tone(stage.palette.primary, 0.16, 0.8),
        0.36,
        (0.008 * unit, 0.014 * unit),
    )
    tip = turned([(long, 0.0)], aim, foot)[0]
    lit, dim = (0, 1) if math.cos(aim) > 0 else (1, 0)
    for half, change in ((lit, 0.035), (dim, -0.03)):
        base = shift(colour, change)
        stage.paint(
            [halves[half]], Linear(foot, tip, (shift(base, -0.07), base, shift(base, 0.05)))
        )
    ribs: list[Polygon] = [stroke(line, lambda t: 0.008 * long * (1 - t))]
    for step in range(2, 10):
        t = step / 13
        (x, y), ahead = spine(t), t + 0.17
        end, middle = spine(ahead), spine(t + 0.07)
        span = 0.86 * wide * math.sin(math.pi * ahead**0.78) * (1 - 0.25 * ahead)
        for side in (-1, 1):
            rib = smooth(
                [
                    (x, y),
                    (middle[0], middle[1] + side * 0.55 * span),
                    (end[0], end[1] + side * span),
                ],
                5,
            )
            ribs.append(stroke(rib, lambda t: 0.0035 * long * (1 - t) + 0.1))
    stage.paint([turned(rib, aim, foot) for rib in ribs], shift(colour, 0.13, 0.9), 0.45)


def _spray(stage: Stage, foot: Point, aim: float, long: float) -> None:
    """Paint a twig with round berries, in the accent colour."""
    brand, chance = stage.palette, stage.chance
    long *= stage.unit
    stem = smooth(
        [(0, 0), (0.35 * long, 0.05 * long), (0.7 * long, 0.02 * long), (long, -0.07 * long)]
    )
    wood = tone(brand.primary, 0.34, 0.8)
    lines = [stroke(stem, lambda t: 0.008 * long * (1.1 - t))]
    spots: list[tuple[Point, float]] = []
    for at in range(10, len(stem) - 4, 4):
        side = 1 if (at // 4) % 2 else -1
        reach = 0.15 * long * (1.15 - at / len(stem)) + 0.02 * long
        end = (stem[at][0] + 0.6 * reach, stem[at][1] + side * reach)
        lines.append(stroke([stem[at], end], lambda t: 0.0035 * long + 0 * t))
        spots.append((end, chance.uniform(0.040, 0.056) * long))
    spots.append((stem[-1], 0.045 * long))
    stage.paint([turned(line, aim, foot) for line in lines], wood)
    for spot, radius in spots:
        centre = turned([spot], aim, foot)[0]
        berry = [ellipse(centre, radius)]
        stage.shadow(
            berry, 0.4 * radius, tone(brand.primary, 0.16), 0.4, (0.3 * radius, 0.5 * radius)
        )
        lamp = (centre[0] - 0.35 * radius, centre[1] - 0.45 * radius)
        stage.paint(
            berry,
            Radial(
                lamp,
                (1.6 * radius, 1.6 * radius),
                (
                    shift(brand.accent, 0.17, 0.7),
                    brand.accent,
                    brand.accent,
                    shift(brand.accent, -0.15),
                ),
            ),
        )


def _shafts(stage: Stage, focus: Point) -> None:
    """Let light fall from the upper left in wide, soft beams."""
    unit, chance = stage.unit, stage.chance
    light = mix(tone(stage.palette.secondary, 0.97, 0.4), (255, 255, 255), 0.4)
    lamp = (focus[0] - 0.75 * unit, focus[1] - 1.0 * unit)
    for start in (0.66, 0.83, 1.04):
        wide = chance.uniform(0.045, 0.085)
        beam = [
            lamp,
            *[
                (lamp[0] + 2.3 * unit * math.cos(a), lamp[1] + 2.3 * unit * math.sin(a))
                for a in (start, start + wide)
            ],
        ]
        mask = stage.soft([beam], 0.02 * unit)
        if mask is not None:
            stage.cover(mask, light, 0.15)
