"""The picture that a scene paints on: antialiased areas, gradients, soft shadows and light.

Shapes are drawn as masks at several times their size and reduced; soft things are drawn small,
blurred and enlarged, because nobody can see the detail of a blur. Both keep a 1536 x 1536
picture near a second of one core, with Pillow alone.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from providers.images.studio_scenes.colour import Colour, Palette, ramp
from providers.images.studio_scenes.geometry import Point, Polygon, moved


@dataclass(frozen=True)
class Linear:
    """Colours that change along the line from one point to another, and stay flat beyond."""

    start: Point
    end: Point
    stops: tuple[Colour, ...]


@dataclass(frozen=True)
class Radial:
    """Colours that change from a centre to an ellipse around it, and stay flat beyond."""

    centre: Point
    radii: Point
    stops: tuple[Colour, ...]


Fill: TypeAlias = Colour | Linear | Radial
Area: TypeAlias = Sequence[Polygon]
_Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class Mask:
    """How much of each pixel of a part of the picture is covered, from 0 to 255."""

    cover: Image.Image
    left: int
    top: int

    @property
    def box(self) -> _Box:
        """The part of the picture: left, top, right, bottom."""
        width, height = self.cover.size
        return self.left, self.top, self.left + width, self.top + height

    def without(self, other: "Mask") -> "Mask":
        """Return what this mask covers and another does not."""
        frame = Image.new("L", self.cover.size)
        frame.paste(other.cover, (other.left - self.left, other.top - self.top))
        return Mask(ImageChops.subtract(self.cover, frame), self.left, self.top)


class Stage:
    """A picture in the making, and what its scene may draw on: colours, chance and a unit."""

    def __init__(self, size: tuple[int, int], palette: Palette, chance: random.Random) -> None:
        self.width, self.height = size
        self.unit = float(min(size))
        """The shorter edge: scenes measure in it, so that they fit every format."""
        self.palette = palette
        self.chance = chance
        self.image = Image.new("RGB", size, palette.paper)

    def turned(self, point: Point) -> Point:
        """Turn the picture around as in a mirror, and return where a point of it is then."""
        self.image = self.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return self.width - point[0], point[1]

    # -- areas ------------------------------------------------------------------------------

    def paint(
        self, area: Area, fill: Fill, opacity: float = 1.0, within: Mask | None = None
    ) -> None:
        """Paint an area with a fill; ``within`` keeps it inside an earlier mask."""
        mask = self.mask(area)
        if mask is not None:
            self.cover(mask, fill, opacity, within)

    def cover(
        self, mask: Mask, fill: Fill, opacity: float = 1.0, within: Mask | None = None
    ) -> None:
        """Paint what a mask covers."""
        cover = mask.cover if within is None else _clipped(mask, within)
        if opacity < 1:
            cover = cover.point([round(level * opacity) for level in range(256)])
        if isinstance(fill, tuple):
            self.image.paste(fill, mask.box, cover)
        else:
            self.image.paste(_filled(fill, mask.box), mask.box, cover)

    def wash(self, fill: Fill) -> None:
        """Cover the whole picture."""
        if isinstance(fill, tuple):
            self.image.paste(fill, (0, 0, self.width, self.height))
        else:
            self.image.paste(_filled(fill, (0, 0, self.width, self.height)))

    def mask(self, area: Area) -> Mask | None:
        """Return the antialiased mask of an area, or None when all of it lies outside."""
        box = self._box(area, 1)
        if box is None:
            return None
        left, top, right, bottom = box
        pixels = (right - left) * (bottom - top)
        # More samples where they are cheap: 17 grey levels for small things, 10 for large ones.
        times = 4 if pixels < 400_000 else 3 if pixels < 4_000_000 else 2
        large = Image.new("L", ((right - left) * times, (bottom - top) * times))
        draw = ImageDraw.Draw(large)
        for polygon in area:
            draw.polygon([((x - left) * times, (y - top) * times) for x, y in polygon], fill=255)
        return Mask(large.reduce(times), left, top)

    def _box(self, area: Area, margin: float) -> _Box | None:
        across = [x for polygon in area for x, _ in polygon]
        down = [y for polygon in area for _, y in polygon]
        if not across:
            return None
        box = (
            max(0, math.floor(min(across) - margin)),
            max(0, math.floor(min(down) - margin)),
            min(self.width, math.ceil(max(across) + margin)),
            min(self.height, math.ceil(max(down) + margin)),
        )
        return box if box[0] < box[2] and box[1] < box[3] else None

    # -- soft things ------------------------------------------------------------------------

    def soft(self, area: Area, blur: float) -> Mask | None:
        """Return the mask of an area blurred by a radius in pixels."""
        box = self._box(area, 3 * blur)
        if box is None:
            return None
        left, top, right, bottom = box
        # Shrunk until the blur is about four pixels wide; the margin keeps edges from darkening.
        shrink = max(1.0, blur / 4)
        pad = 3 * blur
        small = (
            max(2, round((right - left + 2 * pad) / shrink)),
            max(2, round((bottom - top + 2 * pad) / shrink)),
        )
        across = small[0] / (right - left + 2 * pad)
        down = small[1] / (bottom - top + 2 * pad)
        cover = Image.new("L", (small[0] * 3, small[1] * 3))
        draw = ImageDraw.Draw(cover)
        for polygon in area:
            draw.polygon(
                [((x - left + pad) * across * 3, (y - top + pad) * down * 3) for x, y in polygon],
                fill=255,
            )
        cover = cover.reduce(3).filter(ImageFilter.GaussianBlur(blur * across))
        inner = (pad * across, pad * down, small[0] - pad * across, small[1] - pad * down)
        wanted = (right - left, bottom - top)
        return Mask(cover.resize(wanted, Image.Resampling.BICUBIC, box=inner), left, top)

    def shadow(
        self,
        area: Area,
        blur: float,
        shade: Colour,
        opacity: float,
        offset: Point = (0.0, 0.0),
        within: Mask | None = None,
    ) -> None:
        """Let an area cast a soft shadow, moved by an offset in pixels."""
        mask = self.soft(moved(area, *offset), blur)
        if mask is not None:
            self.cover(mask, shade, opacity, within)

    def glow(
        self,
        centre: Point,
        radii: Point,
        light: Colour,
        strength: float,
        falloff: float = 2.0,
    ) -> None:
        """Let light spread from a centre and fade to nothing at an ellipse around it."""
        box = self._box(
            [
                [(centre[0] - radii[0], centre[1] - radii[1])],
                [(centre[0] + radii[0], centre[1] + radii[1])],
            ],
            0,
        )
        if box is None:
            return
        table = [
            round(255 * strength * (0.5 + 0.5 * math.cos(math.pi * level / 255)) ** falloff)
            for level in range(256)
        ]
        cover = _radial_field(centre, radii, box).point(table)
        self.image.paste(light, box, cover)

    def frost(self, area: Area, blur: float, milk: float, shade: Colour) -> Mask | None:
        """Lay frosted glass over an area: what is behind it blurs, under a share of white.

        The glass casts a shadow in a shade, which is seen around it and not through it.
        """
        mask = self.mask(area)
        if mask is None:
            return None
        behind = self.image.crop(mask.box)
        self.shadow(area, 1.6 * blur, shade, 0.26, (0.6 * blur, 1.6 * blur))
        shrink = max(1.0, blur / 3)
        small = tuple(max(4, round(edge / shrink)) for edge in behind.size)
        soft = behind.resize((small[0], small[1]), Image.Resampling.BOX)
        soft = soft.filter(ImageFilter.GaussianBlur(blur / shrink))
        soft = soft.resize(behind.size, Image.Resampling.BICUBIC)
        self.image.paste(soft, mask.box, mask.cover)
        self.cover(mask, (255, 255, 255), milk)
        return mask


def _clipped(mask: Mask, within: Mask) -> Image.Image:
    frame = Image.new("L", mask.cover.size)
    frame.paste(within.cover, (within.left - mask.left, within.top - mask.top))
    return ImageChops.multiply(mask.cover, frame)


def _filled(fill: Linear | Radial, box: _Box) -> Image.Image:
    field = (
        _linear_field(fill.start, fill.end, box)
        if isinstance(fill, Linear)
        else _radial_field(fill.centre, fill.radii, box)
    )
    field.putpalette(ramp(fill.stops))
    return field.convert("RGB")


def _linear_field(start: Point, end: Point, box: _Box) -> Image.Image:
    """Return 0 at the start and before, 255 at the end and beyond, for each pixel of a box."""
    left, top, right, bottom = box
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy or 1.0
    across, down = 255 * dx / square, 255 * dy / square
    first = (left - start[0]) * across + (top - start[1]) * down
    corners = [first + x * across + y * down for x in (0, right - left) for y in (0, bottom - top)]
    # The strip is as long as the box needs, so that a pixel beyond either end finds its colour.
    before = max(2, math.ceil(-min(corners)) + 2)
    after = max(2, math.ceil(max(corners) - 255) + 2)
    levels = bytes(before) + bytes(range(256)) + b"\xff" * after
    strip = Image.frombytes("L", (1, len(levels)), levels).resize((4, len(levels)))
    return strip.transform(
        (right - left, bottom - top),
        Image.Transform.AFFINE,
        (0, 0, 2, across, down, first + before + 0.5),
        Image.Resampling.BILINEAR,
    )


def _radial_field(centre: Point, radii: Point, box: _Box) -> Image.Image:
    """Return 0 at the centre, growing to 255 at the ellipse and beyond."""
    left, top, right, bottom = box
    across, down = _REACH / max(radii[0], 0.5), _REACH / max(radii[1], 0.5)
    middle = _REACH + 1.5
    return _cone().transform(
        (right - left, bottom - top),
        Image.Transform.AFFINE,
        (
            across,
            0,
            middle + (left - centre[0]) * across,
            0,
            down,
            middle + (top - centre[1]) * down,
        ),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )


_REACH = 160
"""Pixels from the middle of the cone to its rim."""


@lru_cache(maxsize=1)
def _cone() -> Image.Image:
    # Pillow's own radial_gradient reaches its end in the corners, not at the inscribed circle.
    edge = range(-_REACH - 1, _REACH + 2)
    levels = bytes(min(255, round(255 / _REACH * math.hypot(x, y))) for y in edge for x in edge)
    return Image.frombytes("L", (len(edge), len(edge)), levels)
