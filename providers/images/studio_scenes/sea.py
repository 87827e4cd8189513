"""A calm sea at night: a full moon, its path on the water and one small boat."""

import math

from providers.images.studio_scenes.colour import Colour, mix, shift, tone
from providers.images.studio_scenes.geometry import Point, Polygon, below, ellipse, slab, smooth
from providers.images.studio_scenes.stage import Linear, Radial, Stage


def sea(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: between the moon and the boat."""
    unit = stage.unit
    focus = (stage.width * stage.chance.uniform(0.44, 0.56), stage.height * 0.50)
    moon = (focus[0], focus[1] - 0.115 * unit)
    shore = focus[1] + 0.085 * unit
    _sky(stage, moon, shore)
    _stars(stage, moon, shore)
    _moon(stage, moon)
    _coast(stage, shore)
    _water(stage, moon, shore)
    _boat(stage, (focus[0] - 0.13 * unit, shore + 0.055 * unit))
    return focus


def _night(stage: Stage, lightness: float, chroma: float = 1.0) -> Colour:
    return tone(stage.palette.primary, lightness, chroma)


def _sky(stage: Stage, moon: Point, shore: float) -> None:
    brand, unit = stage.palette, stage.unit
    dusk = mix(_night(stage, 0.62, 0.7), tone(brand.accent, 0.72, 0.6), 0.55)
    stage.wash(
        Linear(
            (0, 0),
            (0, shore),
            (
                _night(stage, 0.17, 0.8),
                _night(stage, 0.24, 0.95),
                brand.primary,
                _night(stage, 0.52, 0.85),
                dusk,
            ),
        )
    )
    stage.glow(moon, (0.70 * unit, 0.60 * unit), tone(brand.secondary, 0.86, 0.6), 0.42, 1.5)


def _stars(stage: Stage, moon: Point, shore: float) -> None:
    unit, chance = stage.unit, stage.chance
    small: list[Polygon] = []
    large: list[Polygon] = []
    for _ in range(int(190 * stage.width * stage.height / unit**2)):
        x, y = chance.uniform(0, stage.width), chance.random() ** 1.5 * shore
        if math.dist((x, y), moon) < 0.24 * unit or y > shore - 0.12 * unit:
            continue
        size = chance.choice((0.0006, 0.0008, 0.0011)) * unit
        small.append([(x - size, y), (x, y - size), (x + size, y), (x, y + size)])
        if chance.random() < 0.05:
            for long, thin in ((5.5, 0.5), (0.5, 5.5)):
                large.append(ellipse((x, y), size * long, size * thin))
    light = tone(stage.palette.secondary, 0.97, 0.3)
    stage.paint(small, light, 0.75)
    if large:
        stage.paint(large, light, 0.85)


def _moon(stage: Stage, moon: Point) -> None:
    brand, unit, chance = stage.palette, stage.unit, stage.chance
    radius = 0.135 * unit
    stage.glow(moon, (0.32 * unit, 0.32 * unit), tone(brand.secondary, 0.93, 0.6), 0.6, 1.6)
    disc = [ellipse(moon, radius)]
    lit = tone(brand.secondary, 0.965, 0.4)
    stage.paint(
        disc,
        Radial(
            (moon[0] - 0.3 * radius, moon[1] - 0.4 * radius),
            (1.7 * radius,) * 2,
            (lit, tone(brand.secondary, 0.93, 0.6), brand.secondary),
        ),
    )
    mask = stage.mask(disc)
    for _ in range(9):
        angle, far = chance.uniform(0, 2 * math.pi), chance.uniform(0.15, 0.8) * radius
        spot = (moon[0] + far * math.cos(angle), moon[1] + far * math.sin(angle))
        size = chance.uniform(0.10, 0.26) * radius
        stage.shadow(
            [ellipse(spot, size, size * 0.85)],
            0.28 * size,
            shift(brand.secondary, -0.02),
            0.22,
            within=mask,
        )


def _coast(stage: Stage, shore: float) -> None:
    unit, chance = stage.unit, stage.chance
    for high, light in ((0.085, 0.44), (0.050, 0.33)):
        phase = [chance.uniform(0, 2 * math.pi) for _ in range(3)]

        def crest(x: float, high: float = high, phase: list[float] = phase) -> float:
            t = x / unit
            swell = 0.5 + 0.5 * math.sin(2.9 * t + phase[0])
            rough = 0.10 * math.sin(13 * t + phase[1]) + 0.05 * math.sin(31 * t + phase[2])
            return shore - high * unit * max(0.03, swell * (0.85 + rough))

        stage.paint(
            [below(crest, stage.width, shore + 1)],
            Linear(
                (0, shore - high * unit),
                (0, shore),
                (_night(stage, light, 0.9), _night(stage, light + 0.10, 0.7)),
            ),
        )


def _water(stage: Stage, moon: Point, shore: float) -> None:
    brand, unit, chance = stage.palette, stage.unit, stage.chance
    stage.paint(
        [slab(-2, shore, stage.width + 2, stage.height + 2)],
        Linear(
            (0, shore),
            (0, stage.height),
            (
                _night(stage, 0.50, 0.8),
                brand.primary,
                _night(stage, 0.22, 0.9),
                _night(stage, 0.15, 0.8),
            ),
        ),
    )
    deep = max(1.0, stage.height - shore)
    rows = 120
    bands: tuple[list[Polygon], ...] = ([], [], [], [])
    for row in range(rows):
        t = (row / rows) ** 1.8
        y = shore + deep * t + 0.003 * unit
        thick = (0.0009 + 0.0036 * t) * unit
        for _ in range(3):
            wide = chance.uniform(0.2, 1.0) ** 1.5 * (0.034 + 0.075 * t) * unit
            off = chance.gauss(0, 0.40) * (0.050 + 0.17 * t) * unit
            bands[chance.randrange(2)].append(ellipse((moon[0] + off, y), wide, thick))
        for _ in range(2 + int(stage.width / unit * 3)):
            x = chance.uniform(0, stage.width)
            wide = chance.uniform(0.3, 1.0) * (0.03 + 0.10 * t) * unit
            bands[chance.choice((2, 3))].append(ellipse((x, y), wide, 0.7 * thick))
    stage.paint(bands[2], _night(stage, 0.56, 0.8), 0.22)
    stage.paint(bands[3], _night(stage, 0.12, 0.8), 0.25)
    path = [
        (moon[0] - 0.10 * unit, shore),
        (moon[0] + 0.10 * unit, shore),
        (moon[0] + 0.30 * unit, stage.height),
        (moon[0] - 0.30 * unit, stage.height),
    ]
    stage.shadow([path], 0.07 * unit, tone(brand.secondary, 0.85, 0.8), 0.22)
    stage.paint(bands[0], brand.secondary, 0.80)
    stage.paint(bands[1], tone(brand.secondary, 0.95, 0.6), 0.75)


def _boat(stage: Stage, foot: Point) -> None:
    """Sail a boat past the moon's path; ``foot`` is the middle of its waterline."""
    brand, unit = stage.palette, stage.unit
    size = 0.105 * unit

    def at(x: float, y: float) -> Point:
        return foot[0] + x * size, foot[1] + y * size

    shade = _night(stage, 0.12, 0.8)
    stage.shadow([ellipse(at(0.02, 0.06), 0.62 * size, 0.07 * size)], 0.03 * size, shade, 0.7)
    ghost = [at(-0.05, 0.08), at(0.42, 0.10), at(0.10, 0.62), at(-0.03, 0.55)]
    stage.shadow([ghost], 0.05 * size, brand.accent, 0.35)
    hull = smooth(
        [at(-0.50, -0.16), at(-0.36, 0.0), at(-0.1, 0.055), at(0.30, 0.03), at(0.56, -0.20)]
    )
    stage.paint(
        [[*hull, at(-0.50, -0.16)]],
        Linear(
            at(0, -0.2),
            at(0, 0.06),
            (tone(brand.paper, 0.96, 0.6), tone(brand.secondary, 0.80, 0.5)),
        ),
    )
    stage.paint([slab(*at(-0.012, -1.18), *at(0.012, -0.14))], _night(stage, 0.25))
    main = [*smooth([at(0.03, -1.14), at(0.30, -0.72), at(0.47, -0.25)]), at(0.03, -0.22)]
    jib = [*smooth([at(-0.03, -1.02), at(-0.22, -0.62), at(-0.40, -0.23)]), at(-0.03, -0.25)]
    stage.paint(
        [main], Linear(at(0.03, -1.0), at(0.5, -0.2), (shift(brand.accent, 0.05), brand.accent))
    )
    stage.paint(
        [jib],
        Linear(
            at(-0.4, -0.6),
            at(0, -0.4),
            (tone(brand.paper, 0.97, 0.6), tone(brand.accent, 0.86, 0.4)),
        ),
    )
