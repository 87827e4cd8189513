"""Wide ribbons of light that flow across the picture and fold over each other."""

import math

from providers.images.studio_scenes.colour import Colour, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, band
from providers.images.studio_scenes.stage import Linear, Stage

_RIBBONS = 9


def ribbons(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: where the ribbons come closest."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.45, 0.58), stage.height * 0.54)
    stage.wash(
        Linear(
            (0, 0),
            (stage.width, stage.height),
            (tone(brand.primary, 0.975, 0.10), tone(brand.primary, 0.91, 0.24)),
        )
    )
    stage.glow(
        (focus[0] - 0.3 * unit, focus[1] - 0.35 * unit),
        (0.9 * unit, 0.7 * unit),
        (255, 255, 255),
        0.7,
    )
    phase = stage.chance.uniform(-0.25, 0.25)
    lines = [_line(stage, focus, step / _RIBBONS, phase) for step in range(_RIBBONS + 1)]
    # From the top down, so that each ribbon lies on the one above and shades it.
    for step in range(_RIBBONS):
        _ribbon(stage, lines[step], lines[step + 1], step)
    return focus


def _line(stage: Stage, focus: Point, share: float, phase: float) -> list[Point]:
    """Return one edge: a long wave, whose swing and height change slowly from edge to edge."""
    unit = stage.unit
    reach = max(stage.width, 1.6 * unit)
    line = []
    for step in range(-3, 124):
        x = step / 120 * stage.width
        t = (x - focus[0]) / unit
        spread = 0.22 + 0.34 * (1 - math.exp(-((t / 0.62) ** 2)))
        rise = (share - 0.5) * spread
        wave = 0.155 * math.sin(2.5 * t + 0.75 * share + phase)
        swirl = 0.055 * math.sin(4.1 * t - 1.3 * share + 2 * phase)
        line.append((x, focus[1] + (rise + wave + swirl - 0.10 * t) * unit * min(1.0, reach)))
    return line


def _ribbon(stage: Stage, upper: list[Point], lower: list[Point], step: int) -> None:
    unit = stage.unit
    colour = _silk(stage, step)
    area: list[Polygon] = [band(upper, lower)]
    shade = tone(stage.palette.primary, 0.20, 0.8)
    stage.shadow(area, 0.022 * unit, shade, 0.30, (0.004 * unit, -0.012 * unit))
    stage.shadow(area, 0.045 * unit, shade, 0.16, (0, 0.05 * unit))
    lean = stage.width * 0.5
    fold = (-0.10, 0.10, 0.0, -0.07, 0.07) if step % 2 else (0.07, -0.05, 0.09, 0.0, -0.08)
    stops = tuple(shift(colour, change) for change in fold)
    stage.paint(area, Linear((-0.1 * lean, 0), (2.1 * lean, 0.25 * stage.height), stops))
    gleam: list[Polygon] = [band(upper, [(x, y + 0.0028 * unit) for x, y in upper])]
    stage.paint(gleam, shift(colour, 0.16, 0.8), 0.75)


def _silk(stage: Stage, step: int) -> Colour:
    brand = stage.palette
    stops = (
        tone(brand.primary, 0.90, 0.30),
        tone(brand.primary, 0.72, 0.65),
        brand.primary,
        tone(brand.primary, 0.30, 0.9),
        brand.accent,
        towards(brand.accent, brand.secondary, 0.5),
        brand.secondary,
        tone(brand.secondary, 0.92, 0.55),
        tone(brand.paper, 0.985, 0.6),
    )
    return stops[step % len(stops)]
