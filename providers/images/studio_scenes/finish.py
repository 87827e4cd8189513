"""What every picture gets last: a vignette, film grain and the placeholder's mark."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from providers.images.studio_scenes.colour import tone
from providers.images.studio_scenes.geometry import Point, slab
from providers.images.studio_scenes.stage import Radial, Stage

MARK = "PLACEHOLDER"
_GRAIN = 2.3
"""Standard deviation of the grain, in 8-bit levels: it hides banding and is not seen as noise."""


def finish(stage: Stage, focus: Point, *, again: int = 0) -> None:
    """Darken the corners, lay grain over everything and mark the picture as a placeholder.

    Args:
        stage: With its scene.
        focus: What is to be seen.
        again: How often it was drawn before; the mark counts from the second time on.

    """
    mark = f"{MARK} {again + 1}" if again else MARK
    _vignette(stage, focus)
    _grain(stage)
    _tag(stage, mark, (focus[0], focus[1] + 0.149 * stage.unit), 0.0135 * stage.unit)
    inset = 0.03 * stage.unit
    _tag(stage, mark, (stage.width - 3.2 * inset, stage.height - inset), 0.0115 * stage.unit)


def _vignette(stage: Stage, focus: Point) -> None:
    middle = (
        (focus[0] + stage.width / 2) / 2,
        (focus[1] + stage.height / 2) / 2,
    )
    light, dark = (255, 255, 255), tone(stage.palette.primary, 0.87, 0.12)
    size = (max(8, stage.width // 8), max(8, stage.height // 8))
    small = Stage(size, stage.palette, stage.chance)
    small.wash(
        Radial(
            (middle[0] / 8, middle[1] / 8),
            (size[0] * 0.92, size[1] * 0.92),
            (light, light, light, tone(dark, 0.96, 0.5), dark),
        )
    )
    shade = small.image.resize(stage.image.size, Image.Resampling.BICUBIC)
    stage.image = ImageChops.multiply(stage.image, shade)


def _grain(stage: Stage) -> None:
    # randbytes is seeded; Pillow's own effect_noise is not, and would differ at every run.
    width, height = stage.image.size
    noise = Image.frombytes("L", (width, height), stage.chance.randbytes(width * height))
    normal = NormalDist(128, _GRAIN)
    grain = noise.point([round(normal.inv_cdf((level + 0.5) / 256)) for level in range(256)])
    stage.image = ImageChops.add(stage.image, Image.merge("RGB", (grain,) * 3), 1, -128)


@lru_cache(maxsize=1)
def _inter() -> bytes:
    folder = files("justmytype_western_core") / "fonts" / "ofl" / "inter"
    return (folder / "Inter[opsz,wght].ttf").read_bytes()


def _face(size: float) -> ImageFont.FreeTypeFont:
    # The basic layout needs no shaping library, so the same letters come out everywhere.
    face = ImageFont.truetype(BytesIO(_inter()), size, layout_engine=ImageFont.Layout.BASIC)
    face.set_variation_by_axes([14, 650])
    return face


def _tag(stage: Stage, mark: str, middle: Point, size: float) -> None:
    """Write the mark in a translucent pill around a point; ``size`` is the letters', in pixels."""
    size = max(7.0, size)
    face, gap = _face(size), size * 0.16
    steps = [face.getlength(letter) + gap for letter in mark]
    across, down = sum(steps) - gap + 1.7 * size, 1.9 * size
    left = min(max(2.0, middle[0] - across / 2), stage.width - across - 2)
    top = min(max(2.0, middle[1] - down / 2), stage.height - down - 2)
    ink, paper = tone(stage.palette.primary, 0.18, 0.6), (255, 255, 255)
    stage.paint([slab(left, top, left + across, top + down, down / 2)], ink, 0.62)
    draw = ImageDraw.Draw(stage.image)
    x = left + 0.85 * size
    for letter, step in zip(mark, steps, strict=True):
        draw.text((x, top + down / 2 + 0.36 * size), letter, paper, face, anchor="ls")
        x += step


def as_png(image: Image.Image, software: str) -> bytes:
    """Return a picture as a PNG that says what drew it, and that it is a placeholder."""
    notes = PngInfo()
    notes.add_text("Software", software)
    notes.add_text("Description", f"{MARK}: drawn by an algorithm; not for publication")
    buffer = BytesIO()
    # Grain does not compress: more effort would cost a second and save a twentieth.
    image.save(buffer, "PNG", compress_level=1, pnginfo=notes)
    return buffer.getvalue()
