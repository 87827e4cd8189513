"""Says of the usual logo that it is sound, without Pillow: a quote has no other use for it.

Source: PNG, third edition, https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from collections.abc import Callable, Mapping

MOST_PIXELS = 4_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LENGTHS = {b"IHDR": 13, b"sRGB": 1, b"gAMA": 4, b"pHYs": 9, b"IEND": 0}
"""Of the chunks that are known here, save the pixels'; all others are left to Pillow."""
_RGBA = bytes((8, 6, 0, 0, 0))
"""Eight bits, red, green, blue and alpha, compressed and filtered as always, not interlaced."""
_FILTERS = 4
_SEEN = 8
"""An alpha above it counts as seen, as in ``picture.open_logo``."""


def is_sound(content: bytes) -> bool:
    """Say whether a picture is a whole RGBA PNG, of which something is to be seen.

    False says nothing: ``picture.open_logo`` must try to open it.
    """
    pixels, header = bytearray(), b""
    at, name = len(_SIGNATURE), b""
    if not content.startswith(_SIGNATURE):
        return False
    while name != b"IEND":
        body = _chunk(content, at)
        if body is None:
            return False
        name = content[at + 4 : at + 8]
        at += 12 + len(body)
        if name == b"IDAT" and header:
            pixels += body
        elif len(body) != _LENGTHS.get(name) or (name == b"IHDR") == bool(header):
            return False
        elif not header:
            header = body
    return at == len(content) and _shows(header, bytes(pixels))


def _chunk(content: bytes, at: int) -> bytes | None:
    """Return what a chunk holds, or None where it is not whole."""
    if at + 12 > len(content):
        return None
    end = at + 8 + int.from_bytes(content[at : at + 4])
    checksum = content[end : end + 4]
    whole = len(checksum) == 4 and zlib.crc32(content[at + 4 : end]) == int.from_bytes(checksum)
    return content[at + 8 : end] if whole else None


def _shows(header: bytes, packed: bytes) -> bool:
    width, height = struct.unpack(">II", header[:8])
    if header[8:] != _RGBA or not 0 < width * height <= MOST_PIXELS:
        return False
    row = 1 + 4 * width
    unpacking = zlib.decompressobj()
    try:
        rows = unpacking.decompress(packed, row * height + 1)
    except zlib.error:
        return False
    if len(rows) != row * height or not unpacking.eof or unpacking.unused_data:
        return False
    if max(rows[::row]) > _FILTERS:
        return False
    above = bytes(width)
    for start in range(0, len(rows), row):
        alpha = rows[start + 4 : start + row : 4]
        # What is 0 and stands behind and below nothing but 0 is 0, whatever the filter.
        if any(above) or any(alpha):
            above = _unfiltered(rows[start], alpha, above)
        if max(above) > _SEEN:
            return True
    return False


def _unfiltered(kind: int, filtered: bytes, above: bytes) -> bytes:
    """Return one channel of a row.

    Args:
        kind: The filter of the row: 0 none, 1 left, 2 above, 3 their average, 4 Paeth's.
        filtered: What is added to the filter's guess.
        above: The same channel of the row above.

    """
    if kind == 0:
        return filtered
    guess = _GUESSES[kind]
    values = bytearray()
    left = corner = 0
    for added, over in zip(filtered, above, strict=True):
        left, corner = (added + guess(left, over, corner)) & 0xFF, over
        values.append(left)
    return bytes(values)


def _paeth(left: int, over: int, corner: int) -> int:
    """Return the neighbour that is nearest to ``left + over - corner``."""
    nearest = left + over - corner
    return min((left, over, corner), key=lambda one: abs(nearest - one))


_GUESSES: Mapping[int, Callable[[int, int, int], int]] = {
    1: lambda left, _over, _corner: left,
    2: lambda _left, over, _corner: over,
    3: lambda left, over, _corner: (left + over) // 2,
    4: _paeth,
}
