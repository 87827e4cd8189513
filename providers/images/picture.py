"""What bytes really are: a stranger's file is read as a picture, or refused."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from PIL import Image

MAX_PIXELS = 40_000_000
"""Width times height; about five times the largest picture that a provider draws."""
# By default Pillow would also start Ghostscript for a file that says it is EPS.
FORMATS = ("PNG", "JPEG", "WEBP")
UNTOUCHED = (91, 167, 61, 158)
"""What a picture's bands are filled with before it is decoded, so that a row that nobody drew is
seen; few pictures have a row of this colour."""


class NotAPicture(ValueError):
    """Bytes are not one whole, still PNG, JPEG or WebP of a sane size."""


class Picture(NamedTuple):
    """What the bytes say about themselves."""

    width: int
    height: int
    format: Literal["png", "jpeg", "webp"]


def look_at(content: bytes) -> Picture:
    """Read a picture whole and say what it is.

    Raises:
        NotAPicture: It is none of our formats, moves, is cut off, or would fill the memory.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                frames = int(getattr(image, "n_frames", 1))
                kind = str(image.format).lower()
                if frames == 1 and width * height <= MAX_PIXELS:
                    drawn = kind == "png" and _drawn(image)
                    image.load()
                    _whole(content, kind, drawn=drawn)
    except NotAPicture:
        raise
    except Exception as error:
        # Pillow's decoders raise whatever they like: OSError, SyntaxError, struct.error …
        raise NotAPicture(f"it cannot be read ({type(error).__name__})") from error
    if width * height > MAX_PIXELS:
        raise NotAPicture(f"{width}x{height} is over {MAX_PIXELS} pixels")
    if frames != 1:
        raise NotAPicture(f"it has {frames} frames")
    return Picture(width, height, cast("Literal['png', 'jpeg', 'webp']", kind))


def _drawn(image: Image.Image) -> bool:
    """Decode a PNG, and say whether its last row was surely drawn.

    Pillow takes data that ends before the last row for a whole picture, and leaves the rest as its
    memory was.
    """
    mode, bands = image.mode, len(image.getbands())
    image.im = Image.new(mode, image.size, UNTOUCHED[:bands] if bands > 1 else UNTOUCHED[0]).im
    image.load()
    width, height = image.size
    found = image.crop((0, height - 1, width, height)).getextrema()
    left = tuple((one, one) for one in UNTOUCHED[:bands]) if bands > 1 else (UNTOUCHED[0],) * 2
    return image.mode == mode and found != left


def _whole(content: bytes, kind: str, *, drawn: bool) -> None:
    """Refuse what was cut off.

    Args:
        content: A picture that Pillow has decoded.
        kind: Its format.
        drawn: Whether a PNG's last row is known to be there.

    Raises:
        NotAPicture: It was cut off.

    """
    if kind == "png":
        # To count its rows takes as long as half of the decoding.
        whole = _png_ends(content) and (drawn or _png_rows(content))
    elif kind == "jpeg":
        whole = content.rstrip(b"\0").endswith(b"\xff\xd9")
    else:
        whole = len(content) >= 8 + int.from_bytes(content[4:8], "little")
    if not whole:
        raise NotAPicture(f"the {kind} is cut off")


def _png_parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk over a PNG's chunks, up to the first that is not whole."""
    at = 8
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        yield kind, content[at + 8 : at + 8 + length]
        at += 12 + length


def _png_ends(content: bytes) -> bool:
    return any(kind == b"IEND" for kind, _ in _png_parts(content))


def _png_rows(content: bytes) -> bool:
    """Say whether a PNG's data holds every row of it."""
    parts = list(_png_parts(content))
    header = next((data for kind, data in parts if kind == b"IHDR"), b"")
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if interlaced:
        # Seven smaller pictures; Pillow's own reading has to do.
        return True
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = height * ((width * bits * channels + 7) // 8 + 1)
    packed = b"".join(data for kind, data in parts if kind == b"IDAT")
    unpacked = zlib.decompressobj().decompress(packed, rows + 1)
    return bool(len(unpacked) >= rows)
