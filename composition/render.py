"""The one place that paints."""

from functools import lru_cache
from math import ceil, floor

import uharfbuzz as hb
from PIL import Image, ImageDraw

from composition.colour import Palette
from composition.contrast import Rgb, contrast
from composition.fonts import Role
from composition.frame import Anchor, Family, Frame
from composition.plan import Placed, PlacedLine, Plan
from creative.placement import Box

_LEVELS = 16
"""A story's picture ends at one of so many heights, so that locales share backdrops."""
UNDER_WORDS = 0.1
_FADE = 0.28
"""How far a picture reaches below the words, and over what length it melts into the ground on its
way there, as shares of the frame. Where the words begin an eighth of it is left."""
_FADE_POWER = 1.8
_SMOOTH = 4
"""How much finer a shape is drawn before it is scaled down, so that its edge is smooth."""


def picture_box(plan: Plan) -> Box | None:
    """Return where the picture goes: a story's leaves off where the words begin."""
    frame, box = plan.frame, plan.picture
    if box is None or frame.family is not Family.STORY:
        return box
    step = frame.height / _LEVELS
    if frame.anchor is Anchor.BOTTOM:
        edge = floor(plan.edge / step) * step + UNDER_WORDS * frame.height
        return box.model_copy(update={"bottom": min(round(edge), frame.height)})
    edge = ceil(plan.edge / step) * step - UNDER_WORDS * frame.height
    return box.model_copy(update={"top": max(round(edge), 0)})


def backdrop(
    frame: Frame, picture: Image.Image, box: Box, palette: Palette, *, turned: bool
) -> Image.Image:
    """Paint what lies behind the words.

    Args:
        frame: The layout.
        picture: The key visual, cut to the size of its box.
        box: Where it goes, from ``picture_box``.
        palette: The brand's colours.
        turned: Whether the text starts at the right.

    """
    canvas = plain(frame, palette)
    if frame.bleeds:
        mask = _melting(frame, box.width, box.height, turned=turned)
    else:
        mask = rounded(box.width, box.height, frame.radius)
    canvas.paste(picture, (box.left, box.top), mask)
    return canvas


def plain(frame: Frame, palette: Palette) -> Image.Image:
    """Paint the ground of a frame that shows no picture."""
    return Image.new("RGB", (frame.width, frame.height), palette.ground)


def paint_pill(canvas: Image.Image, box: Box, colour: Rgb) -> None:
    """Paint the shape of the call to action."""
    canvas.paste(colour, (box.left, box.top), rounded(box.width, box.height, box.height // 2))


def paint_text(canvas: Image.Image, text: Placed, ink: Rgb) -> None:
    """Paint one text, each line as one mask."""
    for line in text.lines:
        if line.shaped.glyphs:
            mask, left, top = _mask(line, text.size)
            canvas.paste(ink, (left, top), mask)


def paint_logo(
    canvas: Image.Image, logo: Image.Image, box: Box, palette: Palette, paper: Rgb
) -> None:
    """Paint the logo, on a plate where its ground would swallow it."""
    if swallowed(logo, paper):
        pad = max(2, round(box.height * 0.25))
        wide, tall = box.width + 2 * pad, box.height + 2 * pad
        canvas.paste(palette.plate, (box.left - pad, box.top - pad), rounded(wide, tall, pad))
    fitted = logo.resize((box.width, box.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    canvas.paste(fitted, (box.left, box.top), fitted)


def swallowed(logo: Image.Image, paper: Rgb) -> bool:
    """Say whether a logo's mean colour is hard to tell from a flat ground."""
    small = logo.convert("RGBA").resize((24, 24), Image.Resampling.BOX)
    seen = [pixel for pixel in _pixels(small) if pixel[3] > 127]
    if not seen:
        return False
    told = sum(contrast(pixel[:3], paper) >= 1.8 for pixel in seen)
    return told < 0.6 * len(seen)


def ink_of(role: Role, palette: Palette) -> Rgb:
    """Return the colour that a role's words wear."""
    return palette.pill_ink if role is Role.CTA else palette.ink


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """Return a mask of a rectangle with round corners and smooth edges."""
    mask = Image.new("L", (width, height), 255)
    radius = min(radius, width // 2, height // 2)
    if radius < 1:
        return mask
    fine = Image.new("L", (radius * _SMOOTH, radius * _SMOOTH), 0)
    end = 2 * radius * _SMOOTH - 1
    ImageDraw.Draw(fine).ellipse((0, 0, end, end), fill=255)
    corner = fine.reduce(_SMOOTH)
    mirror, flip = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM
    right = corner.transpose(mirror)
    mask.paste(corner, (0, 0))
    mask.paste(right, (width - radius, 0))
    mask.paste(corner.transpose(flip), (0, height - radius))
    mask.paste(right.transpose(flip), (width - radius, height - radius))
    return mask


def _melting(frame: Frame, width: int, height: int, *, turned: bool) -> Image.Image:
    """Return the mask of a picture that fades out at the side of the words."""
    if frame.family is Family.CINEMA:
        ramp = _ramp(width, round(_FADE * frame.width))
        row = Image.frombytes("L", (width, 1), ramp[::-1] if turned else ramp)
        return row.resize((width, height))
    ramp = _ramp(height, round(_FADE * frame.height))
    low = frame.anchor is Anchor.BOTTOM
    column = Image.frombytes("L", (1, height), ramp[::-1] if low else ramp)
    return column.resize((width, height))


def _ramp(length: int, fade: int) -> bytes:
    """Return a rise from 0 to 255 over the fade, without an edge at either end."""
    shares = (min(at / fade, 1.0) for at in range(length))
    return bytes(round(255 * (share * share * (3 - 2 * share)) ** _FADE_POWER) for share in shares)


def _mask(line: PlacedLine, size: float) -> tuple[Image.Image, int, int]:
    """Draw a line as a mask, and return it with the place of its top left corner."""
    draw = hb.RasterDraw()
    whole = floor(line.x)
    part = line.x - whole
    for glyph in line.shaped.glyphs:
        scale = size / glyph.cut.upem
        draw.transform = (scale, 0, 0, scale, part + glyph.x * size, glyph.y * size)
        draw.draw_glyph(glyph.cut.font, glyph.id)
    image = draw.render()
    box = image.extents
    # HarfBuzz's rows run from the bottom up.
    mask = Image.frombuffer("L", (box.width, box.height), image.buffer, "raw", "L", box.stride, -1)
    return mask, whole + box.x_origin, round(line.baseline) - box.y_origin - box.height


def _pixels(image: Image.Image) -> list[tuple[int, int, int, int]]:
    data = image.tobytes()
    return [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]  # type: ignore[misc]
