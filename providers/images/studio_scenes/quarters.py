"""A Bauhaus frieze: quarter circles, arcs and dots of cut paper on a square grid."""

import math
from itertools import product

from providers.images.studio_scenes.colour import Colour, distance, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse, sector, slab
from providers.images.studio_scenes.stage import Linear, Mask, Stage

_CELL = 0.166
"""Edge of a cell in units: a strip of three to one around the focus shows two rows."""


def quarters(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the middle of the target."""
    brand = stage.palette
    # Whole pixels, so that no seam shows between two cells.
    cell = float(round(_CELL * stage.unit))
    focus = (
        float(round(stage.width * stage.chance.uniform(0.44, 0.56))),
        float(round(stage.height * 0.55)),
    )
    ground = tone(brand.secondary, 0.955, 0.22)
    stage.wash(
        Linear(
            (0, 0),
            (stage.width, stage.height),
            (tone(brand.secondary, 0.97, 0.16), tone(brand.secondary, 0.935, 0.30)),
        )
    )
    _sunrise(stage, (focus[0] - 0.5 * cell, focus[1] - cell), 1.5 * cell)
    columns = range(-math.ceil(focus[0] / cell), math.ceil((stage.width - focus[0]) / cell))
    before: dict[tuple[int, int], Colour] = {}
    for row, column in product((-2, -1, 0, 1, 2), columns):
        if row in (-1, 0) and column in (-1, 0):
            continue
        near = [before.get((row - 1, column)), before.get((row, column - 1))]
        if _empty(stage, row, column):
            before[row, column] = ground
            continue
        before[row, column] = _tile(stage, (focus[0] + column * cell, focus[1] + row * cell), near)
    _target(stage, focus, cell)
    return focus


def _empty(stage: Stage, row: int, column: int) -> bool:
    """Leave air above the frieze, and let its lower edge crumble."""
    chance = stage.chance.random()
    if row == -2:
        return column < 2 or chance < 0.55
    return row == 2 and chance < 0.45


def _inks(stage: Stage) -> tuple[Colour, ...]:
    brand = stage.palette
    return (
        brand.primary,
        brand.accent,
        brand.secondary,
        tone(brand.primary, 0.28, 0.8),
        tone(brand.primary, 0.80, 0.42),
        tone(brand.accent, 0.84, 0.48),
        tone(brand.paper, 0.985, 0.7),
    )


def _tile(stage: Stage, corner: Point, near: list[Colour | None]) -> Colour:
    """Paint one cell and return the colour of its ground."""
    inks = _inks(stage)
    free = [ink for ink in inks if ink not in near]
    ground = stage.chance.choice(free)
    ink = stage.chance.choice([other for other in inks if distance(other, ground) > 0.24])
    cell = float(round(_CELL * stage.unit))
    x, y = corner
    box = [slab(x, y, x + cell, y + cell)]
    stage.paint(box, Linear((x, y), (x + cell, y + cell), (shift(ground, 0.012), ground)))
    mask = stage.mask(box)
    if mask is not None:
        motif = stage.chance.choice((_quarter, _quarter, _leaf, _arcs, _half, _dot, _bars))
        _cut(stage, motif(stage, corner, cell), ink, mask)
    return ground


def _cut(stage: Stage, area: list[Polygon], ink: Colour, within: Mask) -> None:
    shade = tone(stage.palette.primary, 0.14, 0.7)
    reach = 0.009 * stage.unit
    stage.shadow(area, reach, shade, 0.34, (0.5 * reach, 0.6 * reach), within=within)
    stage.paint(area, ink, within=within)


def _corner(stage: Stage, corner: Point, cell: float) -> tuple[Point, float]:
    """Return one corner of a cell, and the angle at which the cell lies from it."""
    turn = stage.chance.randrange(4)
    across, down = ((0, 0), (1, 0), (1, 1), (0, 1))[turn]
    return (corner[0] + across * cell, corner[1] + down * cell), turn * math.pi / 2


def _quarter(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    centre, turn = _corner(stage, corner, cell)
    return [sector(centre, cell, turn, turn + math.pi / 2)]


def _arcs(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    centre, turn = _corner(stage, corner, cell)
    return [
        sector(centre, cell * (far + 0.2), turn, turn + math.pi / 2, hole=cell * far or 0.0)
        for far in (0.0, 0.4, 0.8)
    ]


def _leaf(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    x, y = corner
    rim = [
        (x + cell * math.sin(a), y + cell * math.cos(a))
        for a in (math.pi / 2 * step / 40 for step in range(41))
    ]
    back = [(x + cell - (b - y), y + cell - (a - x)) for a, b in reversed(rim)]
    leaf = [*rim, *back]
    if stage.chance.random() < 0.5:
        leaf = [(2 * x + cell - a, b) for a, b in leaf]
    return [leaf]


def _half(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    x, y = corner
    turn = stage.chance.randrange(2)
    foot = (x + cell / 2, y + cell) if turn else (x + cell / 2, y + cell / 2)
    start = math.pi if turn else 0.0
    return [sector(foot, cell / 2, start, start + math.pi)]


def _dot(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    radius = cell * stage.chance.choice((0.22, 0.34))
    return [ellipse((corner[0] + cell / 2, corner[1] + cell / 2), radius)]


def _bars(stage: Stage, corner: Point, cell: float) -> list[Polygon]:
    x, y = corner
    step = cell / 7
    if stage.chance.random() < 0.5:
        return [slab(x, y + at * step, x + cell, y + (at + 1) * step) for at in (1, 3, 5)]
    return [slab(x + at * step, y, x + (at + 1) * step, y + cell) for at in (1, 3, 5)]


def _sunrise(stage: Stage, middle: Point, radius: float) -> None:
    """Set a calm half disc on the frieze, with one thin arc around it."""
    brand = stage.palette
    half = [sector(middle, radius, math.pi, 2 * math.pi)]
    stage.shadow(
        half, 0.02 * stage.unit, tone(brand.accent, 0.4, 0.7), 0.22, (0.006 * stage.unit,) * 2
    )
    stage.paint(
        half,
        Linear(
            (middle[0], middle[1] - radius),
            middle,
            (brand.accent, towards(brand.accent, brand.secondary, 0.35)),
        ),
    )
    arc = [sector(middle, radius * 1.16, math.pi, 2 * math.pi, hole=radius * 1.145)]
    stage.paint(arc, tone(brand.primary, 0.45, 0.7), 0.8)


def _target(stage: Stage, focus: Point, cell: float) -> None:
    """Paint the two by two cells around the focus: rings, each cut into the next."""
    brand = stage.palette
    x, y = focus
    box = [slab(x - cell, y - cell, x + cell, y + cell)]
    mask = stage.mask(box)
    if mask is None:
        return
    stage.cover(mask, tone(brand.primary, 0.26, 0.8))
    for share, ink in (
        (0.94, brand.secondary),
        (0.70, tone(brand.paper, 0.985, 0.7)),
        (0.47, brand.accent),
        (0.22, brand.primary),
    ):
        _cut(stage, [ellipse(focus, share * cell)], ink, mask)
    quarter = [sector(focus, 0.94 * cell, -math.pi / 2, 0.0)]
    _cut(stage, quarter, brand.primary, mask)
    _cut(
        stage,
        [sector(focus, 0.70 * cell, -math.pi / 2, 0.0, hole=0.47 * cell)],
        tone(brand.primary, 0.80, 0.42),
        mask,
    )
