"""A stranger's bytes are a picture, or they are refused; nothing in between."""

import io
import struct
import zlib

import pytest
from PIL import Image

from providers.images import picture
from providers.images.picture import MAX_PIXELS, NotAPicture, look_at


def encoded(
    kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **more: object
) -> bytes:
    """Return a picture."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_format_is_read_from_the_bytes(kind: str) -> None:
    """A provider's word for it is what was asked for, not what came."""
    seen = look_at(encoded(kind))

    assert (seen.width, seen.height, seen.format) == (64, 48, kind.lower())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_whole(mode: str) -> None:
    """A rule that counts rows must count them in every depth."""
    assert look_at(encoded("PNG", (33, 7), mode)).format == "png"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one part of a PNG."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width: int, height: int, rows: int, *, end: bool = True) -> bytes:
    """Return a PNG that says one size and holds some rows."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(3 * width) for _ in range(rows)))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + (chunk(b"IEND", b"") if end else b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_our_own_png_is_one() -> None:
    """Else the next test would prove nothing."""
    assert look_at(png(64, 64, 64)).width == 64


def test_a_picture_of_the_colour_of_memory_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last row looks as if nobody had drawn it, so its rows are counted after all."""
    counted: list[bytes] = []
    rows = picture._png_rows
    monkeypatch.setattr(picture, "_png_rows", lambda data: counted.append(data) or rows(data))
    file = io.BytesIO()
    Image.new("RGB", (64, 48), picture.UNTOUCHED[:3]).save(file, "PNG")

    assert look_at(file.getvalue()).height == 48
    assert counted == [file.getvalue()]
    assert look_at(encoded("PNG")).height == 48
    assert len(counted) == 1


RED = Image.new("RGB", (64, 48), "red")
HOSTILE = {
    "nothing": b"",
    "a page": b"<!doctype html><title>Sign in</title>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>",
    "gif": encoded("GIF"),
    "eps": encoded("EPS"),
    "tiff": encoded("TIFF"),
    "bmp": encoded("BMP"),
    "cut png": encoded("PNG")[:-20],
    "png without its end": png(64, 64, 64, end=False),
    "png without half of its rows": png(64, 64, 32),
    "png without its last row": png(64, 64, 63),
    "cut jpeg": encoded("JPEG")[:-20],
    "cut webp": encoded("WEBP")[:-20],
    "a flood of pixels": png(9000, 9000, 1),
    "a bomb": png(30000, 30000, 1),
    "a moving png": encoded("PNG", save_all=True, append_images=[RED]),
    "a moving webp": encoded("WEBP", save_all=True, append_images=[RED]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_whole_still_picture_is_refused(name: str) -> None:
    """Half a picture is found by the customer, and a flood by the machine."""
    with pytest.raises(NotAPicture):
        look_at(HOSTILE[name])


def test_the_largest_picture_that_is_sold_passes() -> None:
    """A cap below what a provider draws would waste what was paid."""
    assert MAX_PIXELS > 3840 * 2160
    assert look_at(encoded("PNG", (3840, 2160), "L")).width == 3840
