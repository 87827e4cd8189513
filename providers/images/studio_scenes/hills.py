"""Layers of cut paper: hills at dawn under a big soft sun."""

import math
from functools import partial

from providers.images.studio_scenes.colour import Colour, mix, tone, towards
from providers.images.studio_scenes.geometry import (
    Curve,
    Point,
    Polygon,
    below,
    ellipse,
    slab,
    smooth,
    stroke,
)
from providers.images.studio_scenes.stage import Linear, Stage

_LAYERS = 6


def hills(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the sun above the far ridge."""
    sun = (stage.width * stage.chance.uniform(0.43, 0.57), stage.height * 0.43)
    _sky(stage, sun)
    _sun(stage, sun)
    _cloud(stage, (sun[0] - 0.30 * stage.unit, sun[1] - 0.13 * stage.unit), 0.17)
    _cloud(stage, (sun[0] + 0.25 * stage.unit, sun[1] - 0.025 * stage.unit), 0.21)
    _birds(stage, (sun[0] + 0.17 * stage.unit, sun[1] - 0.26 * stage.unit))
    for layer in range(_LAYERS):
        _hill(stage, sun, layer / (_LAYERS - 1))
    return sun


def _sky(stage: Stage, sun: Point) -> None:
    brand = stage.palette
    stops = (
        tone(brand.primary, 0.86, 0.42),
        tone(brand.primary, 0.93, 0.22),
        tone(brand.secondary, 0.945, 0.34),
        tone(brand.accent, 0.86, 0.48),
    )
    stage.wash(Linear((0, 0), (0, sun[1] + 0.20 * stage.unit), stops))


def _sun(stage: Stage, sun: Point) -> None:
    brand, unit = stage.palette, stage.unit
    stage.glow(sun, (0.62 * unit, 0.62 * unit), tone(brand.secondary, 0.97, 0.3), 0.75, 1.4)
    for ring, light in ((0.245, 0.955), (0.205, 0.925)):
        disc = [ellipse(sun, ring * unit)]
        stage.shadow(disc, 0.012 * unit, tone(brand.accent, 0.62), 0.16, (0, 0.004 * unit))
        stage.paint(disc, tone(brand.secondary, light, 0.36), 0.75)
    disc = [ellipse(sun, 0.163 * unit)]
    stage.shadow(disc, 0.014 * unit, tone(brand.accent, 0.55), 0.30, (0, 0.006 * unit))
    stage.paint(
        disc,
        Linear(
            (sun[0], sun[1] - 0.16 * unit),
            (sun[0], sun[1] + 0.16 * unit),
            (brand.secondary, brand.secondary, towards(brand.secondary, brand.accent, 0.55)),
        ),
    )


def _cloud(stage: Stage, middle: Point, wide: float) -> None:
    """Paint a cloud of stacked, round-ended slips of paper; ``wide`` is in units."""
    unit, (x, y) = stage.unit, middle
    high = 0.026 * unit
    slips: list[Polygon] = []
    for row, (start, end) in enumerate(((-0.30, 0.22), (-0.5, 0.42), (-0.34, 0.5))):
        top = y + (row - 1) * high
        slips.append(slab(x + start * wide * unit, top, x + end * wide * unit, top + high, high))
    shade = tone(stage.palette.primary, 0.55, 0.5)
    stage.shadow(slips, 0.012 * unit, shade, 0.26, (0, 0.010 * unit))
    lit, dim = tone(stage.palette.paper, 0.99, 0.5), tone(stage.palette.secondary, 0.955, 0.18)
    stage.paint(slips, Linear((x, y - high), (x, y + 2 * high), (lit, dim)))


def _birds(stage: Stage, middle: Point) -> None:
    unit, ink = stage.unit, tone(stage.palette.primary, 0.36, 0.8)
    for step in range(4):
        x = middle[0] + (step * 0.042 - 0.03) * unit
        y = middle[1] + stage.chance.uniform(-0.022, 0.022) * unit
        span = stage.chance.uniform(0.010, 0.016) * unit
        wings = smooth(
            [
                (x - span, y - 0.28 * span),
                (x - 0.45 * span, y - 0.5 * span),
                (x, y),
                (x + 0.45 * span, y - 0.55 * span),
                (x + span, y - 0.36 * span),
            ],
            8,
        )
        thick = 0.085 * span
        bird = stroke(wings, partial(_tapered, thick))
        stage.paint([bird], ink)


def _tapered(thick: float, share: float) -> float:
    return thick * math.sin(math.pi * share)


def _ridge(stage: Stage, base: float, depth: float) -> Curve:
    """Return the height of a ridge for each x: far ones are calm, near ones roll."""
    unit, chance = stage.unit, stage.chance
    waves = [
        (chance.uniform(1.0, 1.5) * unit, (0.030 + 0.035 * depth) * unit),
        (chance.uniform(0.50, 0.72) * unit, (0.022 + 0.010 * depth) * unit),
        (chance.uniform(0.22, 0.30) * unit, 0.006 * unit),
    ]
    phases = [chance.uniform(0, 2 * math.pi) for _ in waves]
    return lambda x: (
        base
        + sum(
            high * math.sin(2 * math.pi * x / long + phase)
            for (long, high), phase in zip(waves, phases, strict=True)
        )
    )


def _hill(stage: Stage, sun: Point, depth: float) -> None:
    """Paint one layer; depth is 0 for the farthest and 1 for the nearest."""
    unit, brand = stage.unit, stage.palette
    base = sun[1] + 0.09 * unit + (stage.height - sun[1] - 0.16 * unit) * depth**1.08 * 0.93
    curve = _ridge(stage, base, depth)
    area = [below(curve, stage.width, stage.height + 2)]
    colour = _paper(stage, depth)
    shade = tone(brand.primary, 0.20, 0.8)
    stage.shadow(area, 0.016 * unit, shade, 0.20 + 0.14 * depth, (0, -0.007 * unit))
    if depth > 0.35:
        _trees(stage, curve, depth, colour)
    mist = mix(colour, tone(brand.secondary, 0.93, 0.4), 0.34 * (1 - depth) + 0.05)
    lit = mix(colour, brand.secondary, 0.12 * (1 - depth))
    stage.paint(area, Linear((0, base - 0.07 * unit), (0, base + 0.24 * unit), (lit, colour, mist)))


def _paper(stage: Stage, depth: float) -> Colour:
    brand = stage.palette
    far = mix(tone(brand.accent, 0.80, 0.62), tone(brand.primary, 0.80, 0.5), 0.25)
    stops = (
        far,
        mix(brand.accent, tone(brand.primary, 0.66, 0.8), 0.12),
        tone(brand.primary, 0.63, 0.78),
        tone(brand.primary, 0.52, 0.95),
        brand.primary,
        tone(brand.primary, 0.235, 0.8),
    )
    return stops[round(depth * (len(stops) - 1))]


def _trees(stage: Stage, curve: Curve, depth: float, colour: Colour) -> None:
    """Stand groves of slender trees behind a ridge's edge, in the colour of its paper."""
    unit, chance = stage.unit, stage.chance
    trees: list[Polygon] = []
    for _ in range(3 if depth < 0.9 else 2):
        grove = chance.uniform(0, stage.width)
        for _ in range(chance.randint(3, 6)):
            x = grove + chance.gauss(0, 0.042 * unit)
            high = chance.uniform(0.026, 0.050) * unit * (0.5 + 0.9 * depth)
            foot = curve(x) + 0.004 * unit
            trees.append(ellipse((x, foot - 0.62 * high), 0.135 * high, 0.44 * high))
            trees.append(slab(x - 0.02 * high, foot - 0.3 * high, x + 0.02 * high, foot + 3))
    stage.shadow(trees, 0.006 * unit, tone(stage.palette.primary, 0.2), 0.25, (0, -0.003 * unit))
    stage.paint(trees, colour)
