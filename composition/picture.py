"""Key visuals and logos come in here: checked before they are decoded, cut to the frame after."""

import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from composition.errors import KeyVisualRefused, LogoRefused

FORMATS = ("PNG", "JPEG", "WEBP")
"""The only decoders that a file from outside may reach."""
MOST_PIXELS = 40_000_000
MOST_BYTES = 80_000_000
_WORKING_SIDE = 3000
"""A master whose shorter side is twice this is halved: no frame that we fill is larger."""
_SRGB = ImageCms.createProfile("sRGB")


def open_key_visual(path: Path, sha256: str) -> Image.Image:
    """Open a key visual as upright sRGB.

    Args:
        path: Its file.
        sha256: What its bytes must be.

    Returns:
        An RGB picture.

    Raises:
        KeyVisualRefused: It is missing, changed, broken, animated, too large, or another format.

    """
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError as error:
        raise KeyVisualRefused(
            f"{path}: cannot be read ({error.strerror}); make it again"
        ) from error
    if not content:
        raise KeyVisualRefused(f"{path}: empty, or over {MOST_BYTES:,} bytes; give a smaller file")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise KeyVisualRefused(
            f"{path}: its sha256 is {found[:12]}…, the order says {sha256[:12]}…; "
            "the picture was changed after it was chosen: choose again"
        )
    try:
        return _decode(content, str(path))
    except ValueError as error:
        raise KeyVisualRefused(str(error)) from error


def open_logo(content: bytes) -> Image.Image:
    """Open a logo, cut to what can be seen of it.

    Returns:
        An RGBA picture.

    Raises:
        LogoRefused: It is not a still PNG, JPEG or WebP that shows anything.

    """
    try:
        logo = _decode(content, "logo", mode="RGBA")
    except ValueError as error:
        raise LogoRefused(str(error)) from error
    # Specks of a designer's export would count as the logo's edge.
    seen = logo.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if not seen:
        raise LogoRefused("logo: it is wholly transparent; give the mark itself")
    return logo.crop(seen)


def scaled_size(picture: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """Return the size to scale a whole picture to, so that it just covers a size."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    return (
        max(size[0], round(picture.width * scale)),
        max(size[1], round(picture.height * scale)),
    )


def scale(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a whole picture."""
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def cut(
    picture: Image.Image,
    size: tuple[int, int],
    focus: tuple[float, float],
    aim: tuple[float, float],
) -> Image.Image:
    """Cut a size out of a scaled picture, its focal point as near to the aim as can be.

    Args:
        picture: From ``scale``; at least as large as the size.
        size: Width and height to cut, in pixels.
        focus: The point to keep, as shares of the picture.
        aim: Where it should come to stand, as shares of the result.

    """
    left, top = (
        min(max(round(focus[axis] * whole - aim[axis] * part), 0), whole - part)
        for axis, (whole, part) in enumerate(zip(picture.size, size, strict=True))
    )
    return picture.crop((left, top, left + size[0], top + size[1]))


def _decode(content: bytes, name: str, mode: str = "RGB") -> Image.Image:
    """Decode a still picture.

    Raises:
        ValueError: It is not one that we open.

    """
    try:
        with warnings.catch_warnings():
            # Our own cap is checked below, before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(
                f"{name}: {picture.width} x {picture.height} is over {MOST_PIXELS:,} pixels; "
                "scale it down"
            )
        if getattr(picture, "n_frames", 1) > 1:
            raise ValueError(f"{name}: it is animated; give a still picture")
        factor = min(picture.size) // _WORKING_SIDE
        if factor > 1:
            # A JPEG can be decoded at a half or a quarter, which saves memory and time.
            picture.draft(None, (picture.width // factor, picture.height // factor))
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return _working(_srgb(picture, mode))
    except (OSError, SyntaxError, Image.DecompressionBombError, ImageCms.PyCMSError) as error:
        raise ValueError(
            f"{name}: not a whole {', '.join(FORMATS)} picture ({error}); save it again"
        ) from error


def _srgb(picture: Image.Image, mode: str) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK"} and mode == "RGB":
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
        if converted:
            return converted
    if mode == "RGB" and picture.has_transparency_data:
        flat = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        flat.alpha_composite(picture.convert("RGBA"))
        return flat.convert("RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def _working(picture: Image.Image) -> Image.Image:
    factor = min(picture.size) // _WORKING_SIDE
    return picture.reduce(factor) if factor > 1 else picture
