"""Orbs of colour that float in haze, behind discs of frosted glass."""

import math

from providers.images.studio_scenes.colour import Colour, mix, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, ellipse, sector, slab, turned
from providers.images.studio_scenes.stage import Linear, Radial, Stage


def orbs(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: where glass and great orb meet."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.46, 0.56), stage.height * 0.50)
    x, y = focus
    _haze(stage, focus)
    _orb(stage, (x + 0.30 * unit, y - 0.235 * unit), 0.060, brand.accent)
    _orb(stage, (x + 0.075 * unit, y - 0.075 * unit), 0.205, brand.secondary)
    _orb(stage, (x - 0.20 * unit, y + 0.055 * unit), 0.105, brand.accent)
    _pane(stage, (x + 0.01 * unit, y + 0.05 * unit))
    _orb(stage, (x + 0.215 * unit, y + 0.165 * unit), 0.070, brand.primary)
    _orb(stage, (x - 0.30 * unit, y - 0.20 * unit), 0.026, brand.secondary)
    return focus


def _haze(stage: Stage, focus: Point) -> None:
    """Fill the picture with clouds of colour that melt into each other."""
    brand, unit, chance = stage.palette, stage.unit, stage.chance
    x, y = focus
    stage.wash(
        Linear(
            (0, 0),
            (stage.width, stage.height),
            (tone(brand.primary, 0.93, 0.25), tone(brand.secondary, 0.93, 0.4)),
        )
    )
    clouds: tuple[tuple[float, float, float, Colour], ...] = (
        (-0.55, -0.40, 0.85, tone(brand.primary, 0.78, 0.7)),
        (0.55, -0.46, 0.80, tone(brand.secondary, 0.88, 0.8)),
        (0.52, 0.50, 0.90, tone(brand.accent, 0.76, 0.8)),
        (-0.50, 0.52, 0.85, tone(brand.primary, 0.62, 0.85)),
        (-0.05, 0.02, 0.68, tone(brand.paper, 0.985, 0.8)),
    )
    wide, high = stage.width / unit, stage.height / unit
    for across, down, size, colour in clouds:
        middle = (
            x + (across * wide + chance.uniform(-0.06, 0.06)) * unit,
            y + (down * high + chance.uniform(-0.06, 0.06)) * unit,
        )
        stage.glow(middle, (size * unit * wide, size * unit * high), colour, 0.97, 0.8)


def _orb(stage: Stage, middle: Point, radius: float, colour: Colour) -> None:
    """Float an orb lit from the upper left; the radius is in units."""
    radius *= stage.unit
    x, y = middle
    shade = tone(mix(colour, stage.palette.primary, 0.5), 0.34)
    stage.shadow(
        [ellipse((x, y + 0.42 * radius), radius * 0.86)],
        0.30 * radius,
        shade,
        0.36,
        (0.10 * radius, 0.22 * radius),
    )
    ball = [ellipse(middle, radius)]
    other = towards(colour, stage.palette.accent, 0.4)
    stage.paint(
        ball,
        Radial(
            (x - 0.40 * radius, y - 0.46 * radius),
            (1.75 * radius,) * 2,
            (
                tone(colour, 0.96, 0.5),
                shift(colour, 0.06),
                colour,
                colour,
                shift(other, -0.06),
                shift(other, -0.16),
            ),
        ),
    )
    mask = stage.mask(ball)
    bounce = stage.soft(
        [sector(middle, radius * 0.98, 0.15 * math.pi, 0.72 * math.pi, hole=radius * 0.90)],
        max(1.0, 0.05 * radius),
    )
    if bounce is not None:
        stage.cover(bounce, tone(stage.palette.secondary, 0.93, 0.5), 0.34, within=mask)


def _pane(stage: Stage, middle: Point) -> None:
    """Hang a tilted pane of frosted glass in front of the orbs."""
    unit = stage.unit
    high, wide = 0.145 * unit, 0.235 * unit
    pane = [turned(slab(-wide, -high, wide, high, 0.045 * unit), -0.16, middle)]
    shade = tone(stage.palette.primary, 0.24, 0.8)
    mask = stage.frost(pane, 0.022 * unit, 0.20, shade)
    if mask is None:
        return
    light = (255, 255, 255)
    inner = [
        turned(
            slab(
                -wide + 0.0022 * unit,
                -high + 0.0022 * unit,
                wide - 0.0022 * unit,
                high - 0.0022 * unit,
                0.043 * unit,
            ),
            -0.16,
            middle,
        )
    ]
    edge = stage.mask(inner)
    if edge is not None:
        behind = stage.image.crop(edge.box)
        stage.cover(mask, light, 0.62)
        stage.image.paste(behind, edge.box, edge.cover)
    gleam = stage.soft(
        [
            turned(
                [(-wide, -high), (0.15 * wide, -high), (-0.35 * wide, high), (-wide, high)],
                -0.16,
                middle,
            )
        ],
        0.05 * unit,
    )
    if gleam is not None:
        stage.cover(gleam, light, 0.16, within=mask)
