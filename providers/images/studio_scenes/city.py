"""A small island of towers at golden hour, seen in isometric projection."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from providers.images.studio_scenes.colour import Colour, mix, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse
from providers.images.studio_scenes.stage import Linear, Radial, Stage

_BLOCKS = 6
"""Cells along each side of the island."""
_CELL = 0.058
"""Edge of a cell, in units."""
_EAST, _SOUTH = (math.cos(math.pi / 6), 0.5), (-math.cos(math.pi / 6), 0.5)


@dataclass(frozen=True)
class _Ground:
    """Turns cells and storeys into pixels."""

    top: Point
    cell: float

    def at(self, east: float, south: float, up: float = 0.0) -> Point:
        return (
            self.top[0] + (east * _EAST[0] + south * _SOUTH[0]) * self.cell,
            self.top[1] + (east * _EAST[1] + south * _SOUTH[1] - up) * self.cell,
        )


def city(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the tallest towers."""
    unit = stage.unit
    focus = (stage.width * stage.chance.uniform(0.46, 0.54), stage.height * 0.49)
    cell = _CELL * unit
    ground = _Ground((focus[0], focus[1] - 0.075 * unit), cell)
    _evening(stage, focus)
    _island(stage, ground)
    cells = sorted(
        ((east, south) for east in range(_BLOCKS) for south in range(_BLOCKS)),
        key=lambda cell: (cell[0] + cell[1], cell[0]),
    )
    walls = _walls(stage)
    for east, south in cells:
        _lot(stage, ground, east, south, walls)
    stage.glow(
        (focus[0] - 0.34 * unit, focus[1] - 0.24 * unit),
        (0.75 * unit, 0.65 * unit),
        tone(stage.palette.secondary, 0.95, 0.6),
        0.18,
        1.6,
    )
    return focus


def _evening(stage: Stage, focus: Point) -> None:
    brand, unit = stage.palette, stage.unit
    x, y = focus
    stage.wash(
        Linear(
            (0, 0),
            (0, stage.height),
            (
                tone(brand.secondary, 0.955, 0.30),
                tone(brand.secondary, 0.92, 0.48),
                tone(brand.accent, 0.85, 0.42),
            ),
        )
    )
    sun = (x - 0.10 * unit, y - 0.09 * unit)
    stage.glow(sun, (0.75 * unit, 0.75 * unit), (255, 255, 255), 0.55, 1.2)
    stage.paint(
        [ellipse(sun, 0.27 * unit)],
        Linear(
            (sun[0], sun[1] - 0.27 * unit),
            (sun[0], sun[1] + 0.27 * unit),
            (
                brand.secondary,
                towards(brand.secondary, brand.accent, 0.30),
                tone(brand.accent, 0.82, 0.6),
            ),
        ),
    )


def _island(stage: Stage, ground: _Ground) -> None:
    brand, unit = stage.palette, stage.unit
    low, high = -0.55, _BLOCKS + 0.55
    plan = [ground.at(low, low), ground.at(high, low), ground.at(high, high), ground.at(low, high)]
    shade = tone(brand.primary, 0.20, 0.7)
    stage.shadow(
        [[(x, y + 0.07 * unit) for x, y in plan]],
        0.035 * unit,
        shade,
        0.42,
        (0.035 * unit, 0.02 * unit),
    )
    for thick, colour in (
        (0.85, tone(brand.primary, 0.30, 0.8)),
        (0.36, tone(brand.primary, 0.60, 0.8)),
    ):
        _prism(stage, ground, (low, low, high, high), (-thick, 0.0), colour)
    stage.paint([plan], tone(brand.primary, 0.885, 0.28))
    lanes: list[Polygon] = []
    for at in range(1, _BLOCKS):
        lanes.append(
            [
                ground.at(low, at - 0.03),
                ground.at(high, at - 0.03),
                ground.at(high, at + 0.03),
                ground.at(low, at + 0.03),
            ]
        )
        lanes.append(
            [
                ground.at(at - 0.03, low),
                ground.at(at + 0.03, low),
                ground.at(at + 0.03, high),
                ground.at(at - 0.03, high),
            ]
        )
    stage.paint(lanes, tone(brand.paper, 0.985, 0.5), 0.75)


def _lot(stage: Stage, ground: _Ground, east: int, south: int, walls: Iterator[Colour]) -> None:
    """Build one cell: a tower, or a small park; tall in the middle of the island."""
    chance = stage.chance
    off = math.hypot(east - (_BLOCKS - 1) / 2, south - (_BLOCKS - 1) / 2) / (_BLOCKS / 2)
    if chance.random() < 0.10 + 0.26 * off:
        _park(stage, ground, east, south)
        return
    inset = chance.uniform(0.12, 0.18)
    high = max(0.45, (4.3 * math.exp(-1.6 * off * off) + 0.5) * chance.uniform(0.62, 1.12))
    colour = next(walls)
    plan = (east + inset, south + inset, east + 1 - inset, south + 1 - inset)
    _cast(stage, ground, plan, high)
    _prism(stage, ground, plan, (0.0, high), colour)
    _windows(stage, ground, plan, high, colour)
    if high > 2.2 and chance.random() < 0.6:
        inner = (plan[0] + 0.14, plan[1] + 0.14, plan[2] - 0.14, plan[3] - 0.14)
        _prism(stage, ground, inner, (high, high + chance.uniform(0.25, 0.6)), shift(colour, 0.04))


def _walls(stage: Stage) -> Iterator[Colour]:
    """Deal wall colours without end; each round has all of them, so that none is ever missing."""
    brand = stage.palette
    walls = [
        brand.primary,
        brand.primary,
        brand.accent,
        brand.secondary,
        tone(brand.primary, 0.62, 0.75),
        tone(brand.primary, 0.78, 0.5),
        tone(brand.accent, 0.80, 0.6),
        tone(brand.paper, 0.955, 0.6),
        tone(brand.paper, 0.955, 0.6),
    ]
    while True:
        stage.chance.shuffle(walls)
        yield from walls


def _cast(stage: Stage, ground: _Ground, plan: tuple[float, ...], high: float) -> None:
    """Throw a tower's shadow over the streets to the east."""
    left, top, right, bottom = plan
    reach = min(1.6, 0.55 * high)
    area = [
        [
            ground.at(left, top),
            ground.at(right, top),
            ground.at(right + reach, top + 0.1),
            ground.at(right + reach, bottom + 0.1),
            ground.at(right, bottom),
            ground.at(left, bottom),
        ]
    ]
    stage.shadow(area, 0.003 * stage.unit, tone(stage.palette.primary, 0.2, 0.8), 0.26)


def _prism(
    stage: Stage, ground: _Ground, plan: tuple[float, ...], span: Point, colour: Colour
) -> None:
    """Paint a box: its plan in cells, its foot and top in storeys; the sun stands in the west."""
    left, top, right, bottom = plan
    foot, head = span
    west = [
        ground.at(left, bottom, foot),
        ground.at(right, bottom, foot),
        ground.at(right, bottom, head),
        ground.at(left, bottom, head),
    ]
    east = [
        ground.at(right, top, foot),
        ground.at(right, bottom, foot),
        ground.at(right, bottom, head),
        ground.at(right, top, head),
    ]
    roof = [
        ground.at(left, top, head),
        ground.at(right, top, head),
        ground.at(right, bottom, head),
        ground.at(left, bottom, head),
    ]
    sunlit = mix(colour, stage.palette.secondary, 0.14)
    stage.paint([west], Linear(west[3], west[0], (colour, colour, shift(colour, -0.03))))
    stage.paint([east], Linear(east[3], east[0], (shift(colour, -0.14), shift(colour, -0.19))))
    stage.paint([roof], Linear(roof[3], roof[1], (shift(sunlit, 0.13), shift(sunlit, 0.06))))


def _windows(
    stage: Stage, ground: _Ground, plan: tuple[float, ...], high: float, colour: Colour
) -> None:
    left, top, right, bottom = plan
    dark: list[Polygon] = []
    lit: list[Polygon] = []
    wide = (right - left) / 3
    for floor in range(int((high - 0.16) / 0.30)):
        up = 0.14 + 0.30 * floor
        for column in range(3):
            panes = lit if stage.chance.random() < 0.30 else dark
            start = left + wide * (column + 0.26)
            end = start + wide * 0.48
            panes.append(
                [
                    ground.at(start, bottom, up),
                    ground.at(end, bottom, up),
                    ground.at(end, bottom, up + 0.17),
                    ground.at(start, bottom, up + 0.17),
                ]
            )
            panes = lit if stage.chance.random() < 0.38 else dark
            start = top + wide * (column + 0.26)
            end = start + wide * 0.48
            panes.append(
                [
                    ground.at(right, start, up),
                    ground.at(right, end, up),
                    ground.at(right, end, up + 0.17),
                    ground.at(right, start, up + 0.17),
                ]
            )
    stage.paint(dark, shift(colour, -0.24), 0.55)
    stage.paint(lit, tone(stage.palette.secondary, 0.91, 0.85), 0.95)


def _park(stage: Stage, ground: _Ground, east: int, south: int) -> None:
    brand, chance = stage.palette, stage.chance
    lawn = [
        [
            ground.at(east + 0.1, south + 0.1),
            ground.at(east + 0.9, south + 0.1),
            ground.at(east + 0.9, south + 0.9),
            ground.at(east + 0.1, south + 0.9),
        ]
    ]
    stage.paint(lawn, tone(brand.primary, 0.76, 0.55))
    spots = sorted((chance.uniform(0.25, 0.75), chance.uniform(0.25, 0.75)) for _ in range(3))
    for across, down in sorted(spots, key=sum):
        x, y = ground.at(east + across, south + down)
        radius = ground.cell * chance.uniform(0.14, 0.20)
        shade = tone(brand.primary, 0.2, 0.8)
        stage.shadow(
            [ellipse((x + 0.8 * radius, y + 0.2 * radius), radius * 1.1, radius * 0.5)],
            0.002 * stage.unit,
            shade,
            0.35,
        )
        crown = mix(tone(brand.primary, 0.50, 0.95), brand.accent, chance.choice((0.0, 0.0, 0.85)))
        stage.paint(
            [ellipse((x, y - radius), radius)],
            Radial(
                (x - 0.4 * radius, y - 1.5 * radius),
                (1.7 * radius,) * 2,
                (shift(crown, 0.16), crown, shift(crown, -0.16)),
            ),
        )
