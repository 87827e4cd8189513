"""A still life in a photographer's studio: two blank cards above a round podium."""

import math

from providers.images.studio_scenes.colour import Colour, mix, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, ellipse, slab
from providers.images.studio_scenes.stage import Linear, Mask, Radial, Stage


def card(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the middle of the front card."""
    unit = stage.unit
    focus = (stage.width * stage.chance.uniform(0.46, 0.54), stage.height * 0.47)
    floor = focus[1] + 0.24 * unit
    _backdrop(stage, focus, floor)
    _halo(stage, focus)
    _podium(stage, (focus[0], floor))
    _ball(stage, (focus[0] - 0.335 * unit, floor + 0.035 * unit), 0.052, stage.palette.accent)
    _ball(stage, (focus[0] + 0.37 * unit, floor + 0.075 * unit), 0.034, stage.palette.secondary)
    back = _Slab(stage, (focus[0] + 0.06 * unit, focus[1] - 0.055 * unit), 0.36, turn=0.20)
    back.paint(stage.palette.accent, plain=True)
    front = _Slab(stage, focus, 0.43, turn=-0.22)
    front.paint(stage.palette.primary, plain=False)
    return focus


def _backdrop(stage: Stage, focus: Point, floor: float) -> None:
    unit, brand = stage.unit, stage.palette
    wall = tuple(
        tone(brand.secondary, light, share)
        for light, share in ((0.965, 0.30), (0.92, 0.48), (0.85, 0.62))
    )
    lamp = (focus[0] - 0.22 * unit, focus[1] - 0.30 * unit)
    stage.wash(Radial(lamp, (1.05 * unit, 1.05 * unit), wall))
    near, far = tone(brand.secondary, 0.955, 0.26), tone(brand.secondary, 0.885, 0.5)
    ground = slab(
        -0.2 * unit, floor - 0.03 * unit, stage.width + 0.2 * unit, stage.height + 0.3 * unit
    )
    mask = stage.soft([ground], 0.05 * unit)
    if mask is not None:
        stage.cover(
            mask,
            Linear(
                (0, floor - 0.08 * unit),
                (0, floor + 0.34 * unit),
                (far, near, tone(brand.secondary, 0.90, 0.45)),
            ),
        )


def _halo(stage: Stage, focus: Point) -> None:
    """Hang a big disc on the wall, with the lamp's shadow falling to the right."""
    unit, brand = stage.unit, stage.palette
    centre = (focus[0] + 0.01 * unit, focus[1] - 0.045 * unit)
    disc = [ellipse(centre, 0.285 * unit)]
    shade = tone(brand.accent, 0.40, 0.7)
    stage.shadow(disc, 0.035 * unit, shade, 0.30, (0.03 * unit, 0.035 * unit))
    lit, dim = shift(brand.secondary, 0.035), towards(brand.secondary, brand.accent, 0.22)
    stage.paint(
        disc,
        Linear(
            (centre[0] - 0.2 * unit, centre[1] - 0.25 * unit),
            (centre[0] + 0.2 * unit, centre[1] + 0.28 * unit),
            (lit, brand.secondary, dim),
        ),
    )


def _podium(stage: Stage, foot: Point) -> None:
    unit, brand = stage.unit, stage.palette
    x, y = foot
    base = y + 0.125 * unit
    shade = tone(brand.primary, 0.22, 0.6)
    stage.shadow(
        [ellipse((x + 0.03 * unit, base), 0.35 * unit, 0.062 * unit)],
        0.03 * unit,
        shade,
        0.42,
        (0.01 * unit, 0.012 * unit),
    )
    paper = tone(brand.primary, 0.93, 0.20)
    for across, top, foot_at, colour in (
        (0.325, y + 0.062 * unit, base, paper),
        (0.225, y + 0.002 * unit, y + 0.052 * unit, tone(brand.primary, 0.60, 0.8)),
    ):
        _disc(stage, (x, top), (across * unit, across * 0.185 * unit), foot_at, colour)


def _disc(stage: Stage, top: Point, radii: Point, foot: float, colour: Colour) -> None:
    """Paint a low cylinder: its top's middle and radii, and where its side ends."""
    (x, y), (across, down) = top, radii
    side = [(x - across, y)]
    side += [
        (x + across * math.cos(a), foot + down * math.sin(a))
        for a in (math.pi - math.pi * step / 60 for step in range(61))
    ]
    side.append((x + across, y))
    dark, lit = shift(colour, -0.20), shift(colour, 0.015)
    stage.paint(
        [side],
        Linear(
            (x - across, y),
            (x + across, y),
            (shift(colour, -0.10), lit, shift(colour, -0.06), dark),
        ),
    )
    lid = [ellipse((x, y), across, down)]
    stage.paint(
        lid,
        Linear(
            (x - across, y - down),
            (x + across, y + down),
            (shift(colour, 0.06), shift(colour, 0.02), shift(colour, -0.05)),
        ),
    )
    mask = stage.mask(lid)
    shade = tone(stage.palette.primary, 0.18, 0.6)
    stage.shadow(
        [ellipse((x + 0.1 * across, y + 0.05 * down), across * 0.66, down * 0.5)],
        0.022 * stage.unit,
        shade,
        0.40,
        within=mask,
    )
    rim = [[*_edge(top, radii, 0.0), *reversed(_edge(top, (across * 0.992, down * 0.985), -0.6))]]
    stage.paint(rim, shift(colour, 0.10), 0.55)


def _edge(middle: Point, radii: Point, lift: float) -> list[Point]:
    angles = (math.pi * 0.04 + math.pi * 0.92 * step / 80 for step in range(81))
    return [
        (middle[0] + radii[0] * math.cos(a), middle[1] + lift + radii[1] * math.sin(a))
        for a in angles
    ]


def _ball(stage: Stage, foot: Point, radius: float, colour: Colour) -> None:
    """Lay a matt ball on the floor; ``foot`` is where it touches, the radius is in units."""
    radius *= stage.unit
    x, y = foot
    shade = tone(stage.palette.primary, 0.2, 0.6)
    stage.shadow(
        [ellipse((x + 0.5 * radius, y), radius * 1.15, radius * 0.24)], 0.3 * radius, shade, 0.42
    )
    stage.shadow(
        [ellipse((x + 0.1 * radius, y), radius * 0.6, radius * 0.10)], 0.1 * radius, shade, 0.5
    )
    centre = (x, y - radius)
    lamp = (x - 0.38 * radius, y - 1.42 * radius)
    stage.paint(
        [ellipse(centre, radius)],
        Radial(
            lamp,
            (1.62 * radius, 1.62 * radius),
            (
                shift(colour, 0.13, 0.8),
                shift(colour, 0.03),
                colour,
                shift(colour, -0.10),
                shift(colour, -0.22),
            ),
        ),
    )


class _Slab:
    """A blank card in space, drawn by projecting its flat outline."""

    def __init__(self, stage: Stage, middle: Point, wide: float, *, turn: float) -> None:
        self._stage, self._middle, self._turn = stage, middle, turn
        self._half = wide * stage.unit / 2
        self._yaw, self._pitch = (0.50 if turn < 0 else -0.42), 0.30

    def paint(self, colour: Colour, *, plain: bool) -> None:
        stage, unit = self._stage, self._stage.unit
        outline = slab(-1, -0.63, 1, 0.63, 0.12)
        body = [self._placed(outline, 0.030 * step / 5) for step in range(6)]
        shade = tone(stage.palette.primary, 0.15, 0.7)
        stage.shadow(body, 0.04 * unit, shade, 0.34, (0.035 * unit, 0.06 * unit))
        stage.shadow(body, 0.010 * unit, shade, 0.22, (0.006 * unit, 0.012 * unit))
        stage.paint(body, shift(colour, -0.10))
        stage.paint([self._placed(outline, 0.006)], shift(colour, 0.14, 0.8))
        face = stage.mask([self._placed(slab(-0.995, -0.626, 0.995, 0.626, 0.118), 0)])
        if face is None:
            return
        start, end = self._point(-1, -0.63), self._point(1, 0.63)
        stage.cover(
            face, Linear(start, end, (shift(colour, 0.07), colour, colour, shift(colour, -0.06)))
        )
        if plain:
            stage.paint(
                [self._placed(slab(-1, -0.36, 1, -0.10), 0)],
                shift(colour, -0.12),
                0.85,
                within=face,
            )
        else:
            self._ornament(colour, face)
        self._sheen(face)

    def _ornament(self, colour: Colour, face: Mask) -> None:
        stage, brand = self._stage, self._stage.palette
        for radius, ink, opacity in (
            (0.98, shift(colour, 0.06), 0.9),
            (0.74, mix(colour, brand.accent, 0.25), 0.8),
            (0.50, brand.accent, 0.95),
            (0.25, brand.secondary, 1.0),
        ):
            area = [self._placed(ellipse((0.92, 0.60), radius), 0)]
            stage.paint(area, ink, opacity, within=face)
        chip = mix(brand.secondary, (255, 255, 255), 0.25)
        left, top = -0.80, -0.30
        area = [self._placed(slab(left, top, left + 0.30, top + 0.24, 0.05), 0)]
        stage.paint(
            area,
            Linear(
                self._point(left, top),
                self._point(left + 0.3, top + 0.24),
                (shift(chip, 0.05, 0.6), shift(chip, -0.05)),
            ),
        )
        lines: list[Polygon] = [
            slab(left, top + 0.075, left + 0.30, top + 0.085),
            slab(left, top + 0.155, left + 0.30, top + 0.165),
            slab(left + 0.145, top, left + 0.155, top + 0.24),
        ]
        stage.paint([self._placed(line, 0) for line in lines], shift(chip, -0.22), 0.8)
        for row, end in ((0.22, -0.18), (0.34, -0.42)):
            bar = [self._placed(slab(-0.80, row, end, row + 0.045, 0.022), 0)]
            stage.paint(bar, tone(colour, 0.92, 0.3), 0.34)

    def _sheen(self, face: Mask) -> None:
        sweep = [self._placed([(-0.55, -0.9), (0.12, -0.9), (-0.62, 0.9), (-1.29, 0.9)], 0)]
        mask = self._stage.soft(sweep, 0.02 * self._stage.unit)
        if mask is not None:
            self._stage.cover(mask, (255, 255, 255), 0.13, within=face)

    def _placed(self, points: Polygon, depth: float) -> Polygon:
        return [self._point(x, y, depth) for x, y in points]

    def _point(self, x: float, y: float, depth: float = 0.0) -> Point:
        cos, sin = math.cos(self._turn), math.sin(self._turn)
        x, y = x * cos - y * sin, x * sin + y * cos
        z = depth
        x, z = (
            x * math.cos(self._yaw) - z * math.sin(self._yaw),
            x * math.sin(self._yaw) + z * math.cos(self._yaw),
        )
        y, z = (
            y * math.cos(self._pitch) - z * math.sin(self._pitch),
            y * math.sin(self._pitch) + z * math.cos(self._pitch),
        )
        near = 4.2 / (4.2 + z)
        return self._middle[0] + x * near * self._half, self._middle[1] + y * near * self._half
