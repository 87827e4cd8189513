"""Arch within arch within arch, and through the last one, the sea."""

from providers.images.studio_scenes.colour import Colour, mix, shift, tone, towards
from providers.images.studio_scenes.geometry import Point, Polygon, arch, ellipse, slab
from providers.images.studio_scenes.stage import Linear, Mask, Radial, Stage

_GATES = 5


def arches(stage: Stage) -> Point:
    """Paint the scene and return the point a crop must keep: the sun in the last arch."""
    brand, unit = stage.palette, stage.unit
    focus = (stage.width * stage.chance.uniform(0.44, 0.56), stage.height * 0.50)
    foot = focus[1] + 0.21 * unit
    _wall(stage, focus)
    inside: Mask | None = None
    for gate in range(_GATES):
        inside = _gate(stage, focus, foot, gate)
    if inside is not None:
        _view(stage, focus, foot, inside)
    _floor(stage, focus, foot)
    _steps(stage, focus, foot)
    side = stage.chance.choice((-1, 1))
    near = (focus[0] + side * stage.chance.uniform(0.25, 0.29) * unit, foot + 0.115 * unit)
    far = (focus[0] - side * stage.chance.uniform(0.29, 0.34) * unit, foot + 0.055 * unit)
    _ball(stage, far, 0.030 * unit, brand.secondary)
    _ball(stage, near, stage.chance.uniform(0.048, 0.062) * unit, brand.accent)
    return focus


def _plaster(stage: Stage, gate: int) -> Colour:
    brand = stage.palette
    return (
        tone(brand.accent, 0.84, 0.50),
        tone(brand.accent, 0.75, 0.72),
        brand.accent,
        tone(brand.primary, 0.60, 0.75),
        brand.primary,
        tone(brand.primary, 0.30, 0.85),
    )[gate]


def _wall(stage: Stage, focus: Point) -> None:
    unit = stage.unit
    colour = _plaster(stage, 0)
    lamp = (focus[0] - 0.4 * unit, focus[1] - 0.45 * unit)
    stage.wash(
        Radial(
            lamp,
            (1.25 * stage.width, 1.25 * stage.height),
            (shift(colour, 0.06, 0.8), colour, shift(colour, -0.07)),
        )
    )


def _gate(stage: Stage, focus: Point, foot: float, gate: int) -> Mask | None:
    """Cut one arch into the wall before it, with that wall's shadow on what lies behind."""
    unit = stage.unit
    half = (0.335 - 0.051 * gate) * unit
    top = focus[1] - (0.375 - 0.061 * gate) * unit
    outline = [arch(focus[0], top, foot + 0.02 * unit, half)]
    colour = _plaster(stage, gate + 1)
    thick = 0.010 * unit
    rim = [arch(focus[0], top - 0.3 * thick, foot + 0.02 * unit, half + 0.3 * thick)]
    stage.paint(rim, shift(_plaster(stage, gate), 0.07, 0.8), 0.8)
    mask = stage.mask(outline)
    if mask is None:
        return None
    stage.cover(
        mask,
        Linear(
            (focus[0] - half, top),
            (focus[0] + half, foot),
            (shift(colour, -0.03), shift(colour, 0.04), shift(colour, 0.015)),
        ),
    )
    # What the light does not reach: the opening, less itself moved away from the lamp.
    lit = [arch(focus[0] + 0.030 * unit, top + 0.040 * unit, foot + 0.2 * unit, half)]
    bright = stage.soft(lit, 0.011 * unit)
    if bright is not None:
        stage.cover(mask.without(bright), shift(colour, -0.24), 0.55)
    return mask


def _view(stage: Stage, focus: Point, foot: float, within: Mask) -> None:
    """Show a bright sky, the sun and the sea through the last arch."""
    brand, unit = stage.palette, stage.unit
    sea = focus[1] + 0.095 * unit
    half, top = 0.131 * unit, focus[1] - 0.131 * unit
    inner = stage.mask(
        [arch(focus[0], top + 0.018 * unit, foot + 0.02 * unit, half - 0.018 * unit)]
    )
    if inner is None:
        return
    sky = (
        tone(brand.secondary, 0.965, 0.30),
        tone(brand.secondary, 0.93, 0.55),
        tone(brand.accent, 0.84, 0.5),
    )
    stage.cover(inner, Linear((0, top), (0, sea), sky), within=within)
    sun = (focus[0], focus[1] + 0.020 * unit)
    stage.paint(
        [ellipse(sun, 0.060 * unit)],
        Linear(
            (0, sun[1] - 0.06 * unit),
            (0, sun[1] + 0.06 * unit),
            (brand.secondary, brand.secondary, towards(brand.secondary, brand.accent, 0.4)),
        ),
        within=inner,
    )
    stage.paint(
        [slab(focus[0] - half, sea, focus[0] + half, foot + 0.05 * unit)],
        Linear((0, sea), (0, foot), (tone(brand.primary, 0.70, 0.6), brand.primary)),
        within=inner,
    )
    glints: list[Polygon] = []
    for row in range(9):
        y = sea + (0.004 + 0.012 * row) * unit
        wide = stage.chance.uniform(0.012, 0.050) * unit
        off = stage.chance.uniform(-0.018, 0.018) * unit
        glints.append(ellipse((focus[0] + off, y), wide, 0.0016 * unit))
    stage.paint(glints, tone(brand.secondary, 0.92, 0.8), 0.85, within=inner)


def _floor(stage: Stage, focus: Point, foot: float) -> None:
    unit = stage.unit
    colour = _plaster(stage, 0)
    stage.paint(
        [slab(-2, foot, stage.width + 2, stage.height + 2)],
        Linear(
            (0, foot),
            (0, foot + 0.42 * unit),
            (shift(colour, 0.005), shift(colour, 0.055, 0.75), shift(colour, -0.01)),
        ),
    )
    # Daylight falls out of the arch over the floor.
    pool: list[Polygon] = [
        [
            (focus[0] - 0.09 * unit, foot),
            (focus[0] + 0.09 * unit, foot),
            (focus[0] + 0.33 * unit, stage.height + 9),
            (focus[0] - 0.15 * unit, stage.height + 9),
        ]
    ]
    stage.shadow(pool, 0.02 * unit, tone(stage.palette.secondary, 0.96, 0.5), 0.42)


def _steps(stage: Stage, focus: Point, foot: float) -> None:
    """Lay three broad steps before the arches, each with a lit tread and a darker riser."""
    unit = stage.unit
    shade = tone(stage.palette.primary, 0.2, 0.7)
    base = foot - 0.022 * unit
    widths = (0.265, 0.335, 0.405)
    for step, half in enumerate(widths):
        tread, riser = 0.020 * unit, 0.024 * unit
        inset = 0.016 * unit
        top = base + step * (tread + riser)
        left, right = focus[0] - half * unit, focus[0] + half * unit
        colour = mix(_plaster(stage, 0), (255, 255, 255), 0.30)
        stage.shadow(
            [slab(left, top + tread, right + 0.02 * unit, top + tread + riser)],
            0.012 * unit,
            shade,
            0.30,
            (0.006 * unit, 0.012 * unit),
        )
        stage.paint(
            [
                [
                    (left + inset, top),
                    (right - inset, top),
                    (right, top + tread),
                    (left, top + tread),
                ]
            ],
            Linear((left, top), (right, top), (shift(colour, 0.05), shift(colour, -0.02))),
        )
        stage.paint(
            [slab(left, top + tread, right, top + tread + riser)],
            Linear((left, 0), (right, 0), (shift(colour, -0.06), shift(colour, -0.13))),
        )


def _ball(stage: Stage, foot: Point, radius: float, colour: Colour) -> None:
    x, y = foot
    shade = tone(stage.palette.primary, 0.2, 0.6)
    stage.shadow(
        [ellipse((x + 0.7 * radius, y), radius * 1.2, radius * 0.22)], 0.25 * radius, shade, 0.42
    )
    stage.shadow(
        [ellipse((x + 0.1 * radius, y), radius * 0.6, radius * 0.10)], 0.1 * radius, shade, 0.5
    )
    lamp = (x - 0.40 * radius, y - 1.45 * radius)
    stage.paint(
        [ellipse((x, y - radius), radius)],
        Radial(
            lamp,
            (1.65 * radius,) * 2,
            (
                shift(colour, 0.13, 0.8),
                shift(colour, 0.03),
                colour,
                shift(colour, -0.10),
                shift(colour, -0.22),
            ),
        ),
    )
