"""What bytes really are: a stranger's file is read as a picture, or refused."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Literal, cast

from PIL import Image

MAX_PIXELS = 40_000_000
"""Width times height; about five times the largest picture that a provider draws."""
# By default Pillow would also start Ghostscript for a file that says it is EPS.
FORMATS = ("PNG", "JPEG", "WEBP")


class NotAPicture(ValueError):
    """Bytes are not one whole, still PNG, JPEG or WebP of a sane size."""


@dataclass(frozen=True)
class Picture:
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
                    image.load()
                    _whole(content, kind)
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


def _whole(content: bytes, kind: str) -> None:
    # Pillow loads a PNG that was cut off in its last rows, and fills them with nothing.
    if kind == "png":
        whole = _png_rows(content)
    elif kind == "jpeg":
        whole = content.rstrip(b"\0").endswith(b"\xff\xd9")
    else:
        whole = len(content) >= 8 + int.from_bytes(content[4:8], "little")
    if not whole:
        raise NotAPicture(f"the {kind} is cut off")


def _png_rows(content: bytes) -> bool:
    """Say whether a PNG ends, and its data holds every row of it."""
    at, header = 8, b""
    packed: list[bytes] = []
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = data
        elif kind == b"IDAT":
            packed.append(data)
        elif kind == b"IEND":
            break
        at += 12 + length
    else:
        return False
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if interlaced:
        # Seven smaller pictures; Pillow's own reading has to do.
        return True
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = height * ((width * bits * channels + 7) // 8 + 1)
    unpacked = zlib.decompressobj().decompress(b"".join(packed), rows + 1)
    return bool(len(unpacked) >= rows)
