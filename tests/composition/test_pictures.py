"""Pictures from outside."""

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from composition.errors import KeyVisualRefused, LogoRefused
from composition.picture import cut, open_key_visual, open_logo, scale, scaled_size
from composition.sound_png import is_sound


def saved(path: Path, content: bytes) -> tuple[Path, str]:
    """Write bytes, and return their path and sha256."""
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def png(width: int, height: int, colours: int, pixels: bytes) -> bytes:
    """Return a PNG of the compressed pixels of filtered rows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds nothing."""
    return png(width, height, 2, b"")


FRAME = Image.new("RGB", (40, 30), "#336699")
HOSTILE = {
    "text": b"<svg onload=alert(1)>",
    "gif": encoded(FRAME, "GIF"),
    "tiff": encoded(FRAME, "TIFF"),
    "bmp": encoded(FRAME, "BMP"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "cut off": encoded(FRAME.resize((400, 300)), "JPEG")[:600],
    "bomb": png_header(60_000, 60_000),
    "41 megapixels": png_header(8_200, 5_000),
    "animated": encoded(
        FRAME, "WEBP", save_all=True, append_images=[FRAME.rotate(90)], duration=50
    ),
    "animated png": encoded(FRAME, "PNG", save_all=True, append_images=[FRAME.rotate(90)]),
    "broken chunk": png_header(40, 30),
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_key_visual_is_refused(name: str, tmp_path: Path) -> None:
    """What a provider sends is opened unattended, on the machine that holds the money's keys."""
    path, sha256 = saved(tmp_path / "picture", HOSTILE[name])
    with pytest.raises(KeyVisualRefused, match="picture"):
        open_key_visual(path, sha256)


def test_a_changed_key_visual_is_refused(tmp_path: Path) -> None:
    """The choice of a person bound these bytes and no others."""
    path, _ = saved(tmp_path / "picture.png", encoded(FRAME, "PNG"))
    with pytest.raises(KeyVisualRefused, match="choose again"):
        open_key_visual(path, "0" * 64)
    with pytest.raises(KeyVisualRefused, match="cannot be read"):
        open_key_visual(tmp_path / "missing.png", "0" * 64)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_are_opened(kind: str, tmp_path: Path) -> None:
    """These are what providers send."""
    path, sha256 = saved(tmp_path / "picture", encoded(FRAME, kind))
    picture = open_key_visual(path, sha256)
    assert (picture.mode, picture.size) == ("RGB", (40, 30))


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    """A photograph from a phone lies on its side but for a note in its metadata."""
    exif = Image.Exif()
    exif[274] = 6
    path, sha256 = saved(tmp_path / "picture", encoded(FRAME, "JPEG", exif=exif))
    assert open_key_visual(path, sha256).size == (30, 40)


def test_transparency_lies_on_white_and_profiles_are_heeded(tmp_path: Path) -> None:
    """Transparent pixels hold any colour, and another profile's red is not our red."""
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    path, sha256 = saved(tmp_path / "clear", encoded(clear, "PNG"))
    assert open_key_visual(path, sha256).getpixel((5, 5)) == (255, 255, 255)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path, sha256 = saved(tmp_path / "tagged", encoded(FRAME, "PNG", icc_profile=profile))
    assert open_key_visual(path, sha256).getpixel((5, 5)) == (0x33, 0x66, 0x99)


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (160, 160)])
def test_a_cut_fills_its_box_and_keeps_the_focal_point(size: tuple[int, int]) -> None:
    """A crop that loses the subject sells nothing."""
    picture = Image.new("RGB", (400, 400), "#000000")
    focus = (0.9, 0.15)
    picture.paste("#FFFFFF", (352, 52, 368, 68))
    whole = scale(picture, scaled_size(picture, size))
    result = cut(whole, size, focus, (0.5, 0.5))
    assert result.size == size
    assert result.convert("L").getextrema()[1] > 200  # type: ignore[operator]


def test_a_logo_is_cut_to_what_is_seen_of_it() -> None:
    """Clear space is measured from the mark, not from its empty canvas."""
    logo = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    logo.paste((255, 0, 0, 255), (50, 40, 110, 60))
    assert open_logo(encoded(logo, "PNG")).size == (60, 20)
    with pytest.raises(LogoRefused, match="transparent"):
        open_logo(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"))
    with pytest.raises(LogoRefused):
        open_logo(b"no logo")


def damaged(content: bytes) -> Iterator[bytes]:
    """Yield a file with each of its bytes changed, and cut off at each of them."""
    for at in range(len(content)):
        yield content[:at] + bytes((content[at] ^ 0x41,)) + content[at + 1 :]
        yield content[:at]


@pytest.mark.parametrize("alpha", [0, 8, 9, 255])
def test_a_logo_that_is_called_sound_can_be_opened(alpha: int) -> None:
    """A quote calls it so without Pillow; the run would end after the pictures were paid."""
    logo = Image.new("RGBA", (13, 7), (255, 0, 0, 0))
    logo.paste((0, 90, 200, alpha), (5, 3, 9, 6))
    content = encoded(logo, "PNG")

    assert is_sound(content) is (alpha > 8)
    for wrong in (*damaged(content), content + b"more", encoded(logo, "WEBP")):
        assert not is_sound(wrong)
    if is_sound(content):
        assert open_logo(content).size == (4, 3)


@pytest.mark.parametrize("kind", range(5))
def test_a_faint_edge_is_looked_behind_whatever_the_filter(kind: int) -> None:
    """A mark begins with what antialiasing leaves of it, too faint to be seen."""
    drawn = random.Random(kind)  # noqa: S311 - the same each time
    for _ in range(100):
        most = drawn.choice((1, 2, 8, 255))
        rows = [bytes(drawn.randint(0, most) for _ in range(24)) for _ in range(3)]
        content = png(6, 3, 6, zlib.compress(b"".join(bytes((kind,)) + row for row in rows)))
        alpha = Image.open(io.BytesIO(content)).getchannel("A").tobytes()

        assert is_sound(content) is (max(alpha) > 8)


def test_the_logo_of_the_example_brand_is_sound() -> None:
    """It is the usual one, as design programs export it; Pillow would make a quote wait."""
    brands = Path(__file__).parents[2] / "briefs" / "brands"

    assert is_sound((brands / "assets" / "logo.png").read_bytes())
